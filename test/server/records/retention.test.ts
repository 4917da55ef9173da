/** What has been kept for long enough is removed, hour by hour. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Retention } from '../../../src/server/records/retention.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { KeptLog } from '../../call/scripted-legs.ts';

const HOUR_MS = 3_600_000;

/** A wall clock that is set while time goes on. */
class SetClock extends FakeClock {
  aheadMs = 0;

  override wallTime(): Date {
    return new Date(super.wallTime().getTime() + this.aheadMs);
  }
}

describe('Retention', () => {
  it('removes what is older than it is to be kept, each hour, and says what that was', async (t) => {
    const clock = new FakeClock();
    const log = new KeptLog();
    const asked: string[] = [];
    const removeBefore = async (day: string) => {
      asked.push(day);
      return { days: asked.length === 2 ? 3 : 0 };
    };
    const retention = new Retention([{ what: 'records', days: 10, removeBefore }], clock, log);
    t.after(() => retention.close());
    await clock.settle();
    const today = clock.wallTime().getTime();
    assert.deepEqual(asked, [new Date(today - 10 * 24 * HOUR_MS).toISOString().slice(0, 10)]);
    await clock.advance(HOUR_MS - 1);
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.equal(asked.length, 2);
    assert.deepEqual(
      log.lines.map(({ what, days }) => [what, days]),
      [['records', 3]],
    );
  });

  it('goes on when something cannot be removed, and keeps for ever what is to be', async (t) => {
    const clock = new FakeClock();
    const log = new KeptLog();
    let asked = 0;
    const retention = new Retention(
      [
        { what: 'transcripts', days: undefined, removeBefore: () => assert.fail('for ever') },
        {
          what: 'records',
          days: 1,
          removeBefore: async () => {
            asked += 1;
            throw new Error('the disk is read-only');
          },
        },
      ],
      clock,
      log,
    );
    t.after(() => retention.close());
    await clock.settle();
    await clock.advance(HOUR_MS);
    assert.equal(asked, 2);
    assert.deepEqual(
      log.lines.map(({ level, reason }) => [level, reason]),
      [
        ['warn', 'the disk is read-only'],
        ['warn', 'the disk is read-only'],
      ],
    );
  });

  it('removes nothing while the wall clock has run away, and says so, but believes one that stays so for a day', async (t) => {
    const clock = new SetClock();
    const log = new KeptLog();
    const asked: string[] = [];
    const removeBefore = async (day: string) => {
      asked.push(day);
      return {};
    };
    const kept = [
      { what: 'records', days: 1, removeBefore },
      { what: 'transcripts', days: 1, removeBefore },
    ];
    const retention = new Retention(kept, clock, log);
    t.after(() => retention.close());
    await clock.settle();
    assert.equal(asked.splice(0).length, 2);
    // A machine that slept, and was not further away.
    clock.aheadMs = 20 * HOUR_MS;
    await clock.advance(HOUR_MS);
    assert.equal(asked.splice(0).length, 2);
    clock.aheadMs = 400 * 24 * HOUR_MS;
    await clock.advance(23 * HOUR_MS);
    assert.deepEqual(asked, []);
    const [first] = log.lines;
    assert.match(String(first?.message), /^the wall clock is ahead .* nothing old is removed/);
    assert.deepEqual([log.lines.length, first?.aheadDays], [23, 399]);
    // It is set right, and runs away to another year.
    clock.aheadMs = 0;
    await clock.advance(HOUR_MS);
    assert.equal(asked.splice(0).length, 2);
    clock.aheadMs = 800 * 24 * HOUR_MS;
    await clock.advance(HOUR_MS);
    clock.aheadMs = 900 * 24 * HOUR_MS;
    await clock.advance(24 * HOUR_MS);
    assert.deepEqual(asked, []);
    await clock.advance(HOUR_MS);
    assert.equal(asked.length, 2);
  });
});
