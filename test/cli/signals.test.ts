/** Stop signals, from a source the test fires. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { isAbort } from '../../src/base/errors.ts';
import { silentLog } from '../../src/base/log.ts';
import { StopSignals } from '../../src/cli/signals.ts';

function listen(): {
  readonly source: EventEmitter;
  readonly stop: StopSignals;
  readonly statuses: readonly number[];
} {
  const source = new EventEmitter();
  const statuses: number[] = [];
  const stop = new StopSignals(source, (status) => statuses.push(status), silentLog);
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

  it('ends in order at SIGHUP, however often it comes, with the status that has it started again', () => {
    const { source, stop, statuses } = listen();
    source.emit('SIGHUP', 'SIGHUP');
    source.emit('SIGHUP', 'SIGHUP');
    assert.ok(stop.requested.aborted);
    assert.deepEqual([stop.first, stop.status, statuses], ['SIGHUP', 129, []]);
  });

  it('takes SIGTERM after SIGHUP for the end, and SIGHUP after SIGTERM for nothing', () => {
    const { source, stop, statuses } = listen();
    for (const name of ['SIGHUP', 'SIGTERM', 'SIGHUP']) {
      source.emit(name, name);
    }
    assert.deepEqual([stop.first, stop.status, statuses], ['SIGTERM', 0, []]);
    source.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(statuses, [143]);
  });

  it('does nothing at SIGUSR1, and so keeps Node from opening its inspector', () => {
    const { source, stop, statuses } = listen();
    source.emit('SIGUSR1', 'SIGUSR1');
    assert.deepEqual([stop.first, statuses], [undefined, []]);
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
