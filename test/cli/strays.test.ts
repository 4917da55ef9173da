import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { type Log, silentLog } from '../../src/base/log.ts';
import { Strays } from '../../src/cli/strays.ts';

describe('errors that nobody caught', () => {
  it('are logged with where they came from, and counted, until that is stopped', () => {
    const source = new EventEmitter();
    const logged: Readonly<Record<string, unknown>>[] = [];
    const log: Log = { ...silentLog, error: (fields) => logged.push(fields) };
    const strays = new Strays(source, log);
    const stray = new Error('stray');
    assert.ok(source.emit('uncaughtException', stray), 'somebody listens, so Node would not end the process');
    assert.ok(source.emit('uncaughtException', 'no error'));
    strays.close();
    assert.ok(!source.emit('uncaughtException', new Error('later')));
    assert.deepEqual(
      logged.map(({ error }) => error),
      [stray, 'no error'],
    );
    assert.match(String(logged[0]?.stack), /strays\.test/);
    assert.equal(strays.counts.strayErrors, 2);
  });
});
