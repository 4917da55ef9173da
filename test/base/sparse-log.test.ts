import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogFields, silentLog } from '../../src/base/log.ts';
import { SparseLog } from '../../src/base/sparse-log.ts';
import { FakeClock } from './fake-clock.ts';

describe('a log of what strangers do', () => {
  it('has one line of a kind in 10 s, with how many there were since', async () => {
    const clock = new FakeClock();
    const lines: LogFields[] = [];
    const log = new SparseLog<'a' | 'b'>({ ...silentLog, warn: (fields) => lines.push(fields) }, clock);
    for (let line = 0; line < 100; line += 1) {
      log.warn('a', { line }, 'something was done');
    }
    log.warn('b', { line: 'b' }, 'something else was done');
    await clock.advance(10_000);
    log.warn('a', { line: 100 }, 'something was done');
    await clock.advance(10_000);
    log.warn('a', { line: 101 }, 'something was done');
    assert.deepEqual(lines, [{ line: 0 }, { line: 'b' }, { line: 100, moreBefore: 99 }, { line: 101 }]);
  });

  it('has as many as it is told where each of a few says something else', async () => {
    const clock = new FakeClock();
    const lines: LogFields[] = [];
    const log = new SparseLog<'a'>({ ...silentLog, info: (fields) => lines.push(fields) }, clock, 3);
    for (let line = 0; line < 5; line += 1) {
      log.info('a', { line }, 'something was done');
    }
    await clock.advance(10_000);
    log.info('a', { line: 5 }, 'something was done');
    assert.deepEqual(lines, [{ line: 0 }, { line: 1 }, { line: 2 }, { line: 5, moreBefore: 2 }]);
  });
});
