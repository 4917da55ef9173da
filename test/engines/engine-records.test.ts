/** What is kept of what engines do. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineRecords } from '../../src/engines/resilience/engine-records.ts';
import type { Observation } from '../../src/engines/resilience/operations.ts';
import { FakeClock } from '../base/fake-clock.ts';

function done(ms: number, more: Partial<Observation> = {}): Observation {
  return {
    ...{
      component: 'mt',
      engine: 'deepl',
      operation: 'translate',
      outcome: 'done',
      code: undefined,
      fault: undefined,
      ms,
    },
    ...more,
  };
}

describe('EngineRecords', () => {
  it('have the median and the last of the latest hundred, and count all', () => {
    const records = new EngineRecords(new FakeClock());
    for (let ms = 1; ms <= 150; ms += 1) {
      records.observe(done(ms));
    }
    assert.deepEqual(records.records(), [
      {
        component: 'mt',
        engine: 'deepl',
        operations: [{ operation: 'translate', done: 150, failed: 0, medianMs: 100, lastMs: 150 }],
      },
    ]);
  });

  it('keep engines and operations apart, and what failed last with its time', async () => {
    const clock = new FakeClock();
    const records = new EngineRecords(clock);
    records.observe(done(10));
    records.observe(done(20, { outcome: 'failed', code: 'engine-timeout' }));
    await clock.advance(5_000);
    records.observe(done(30, { outcome: 'failed', code: 'engine-refused' }));
    records.observe(done(40, { component: 'stt', engine: 'vosk', operation: 'open' }));
    records.observe(done(90_000, { component: 'stt', engine: 'vosk', operation: 'stream' }));
    const [deepl, vosk] = records.records();
    assert.deepEqual(deepl?.operations, [
      { operation: 'translate', done: 1, failed: 2, medianMs: 10, lastMs: 10 },
    ]);
    assert.deepEqual(deepl?.lastError, {
      operation: 'translate',
      code: 'engine-refused',
      at: new Date('2026-01-01T00:00:05.000Z'),
    });
    assert.deepEqual(vosk?.operations, [
      { operation: 'open', done: 1, failed: 0, medianMs: 40, lastMs: 40 },
      { operation: 'stream', done: 1, failed: 0 },
    ]);
    assert.equal(vosk?.lastError, undefined);
  });

  it('take no notice of what was no longer wanted', () => {
    const records = new EngineRecords(new FakeClock());
    records.observe(done(10, { outcome: 'aborted' }));
    assert.deepEqual(records.records(), []);
  });
});
