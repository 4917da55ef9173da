/** Stop signals, from a source the test fires. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { isAbort } from '../../src/base/errors.ts';
import { StopSignals } from '../../src/cli/signals.ts';

function listen(): {
  readonly source: EventEmitter;
  readonly stop: StopSignals;
  readonly statuses: readonly number[];
} {
  const source = new EventEmitter();
  const statuses: number[] = [];
  const stop = new StopSignals(source, (status) => statuses.push(status));
  return { source, stop, statuses };
}

describe('StopSignals', () => {
  it('asks for an orderly end at the first signal', async () => {
    const { source, stop, statuses } = listen();
    const waited = stop.wait();
    assert.equal(stop.requested.aborted, false);
    source.emit('SIGTERM', 'SIGTERM');
    await waited;
    await stop.wait();
    assert.equal(stop.first, 'SIGTERM');
    assert.ok(isAbort(stop.requested.reason));
    assert.deepEqual(statuses, []);
  });

  it('ends the process at once at the second signal, with the status of that signal', () => {
    const { source, stop, statuses } = listen();
    source.emit('SIGTERM', 'SIGTERM');
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(statuses, [130, 143]);
    assert.equal(stop.first, 'SIGTERM');
  });

  it('hears nothing once closed', () => {
    const { source, stop } = listen();
    stop.close();
    stop.close();
    source.emit('SIGINT', 'SIGINT');
    assert.equal(stop.first, undefined);
    assert.deepEqual(source.eventNames(), []);
  });
});
