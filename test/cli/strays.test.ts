import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { type Log, silentLog } from '../../src/base/log.ts';
import { surviveStrays } from '../../src/cli/strays.ts';

describe('surviveStrays', () => {
  it('logs what nobody caught, until it is stopped', () => {
    const source = new EventEmitter();
    const logged: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields) => logged.push(fields.error) };
    const stop = surviveStrays(source, log);
    const stray = new Error('stray');
    assert.ok(source.emit('uncaughtException', stray), 'somebody listens, so Node would not end the process');
    stop();
    assert.ok(!source.emit('uncaughtException', new Error('later')));
    assert.deepEqual(logged, [stray]);
  });
});
