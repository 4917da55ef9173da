/** What has been kept for long enough is removed, hour by hour. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Retention } from '../../../src/server/records/retention.ts';
import { WallClockWatch } from '../../../src/server/wall-clock-watch.ts';
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

/** The disk, with nothing but the file of the wall clock on it. */
function disk() {
  let text = '';
  return {
    read: async () => Buffer.from(text),
    ask: async (order: { readonly text: string }) => {
      text = order.text;
    },
  };
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
    const retention = new Retention(
      [{ what: 'records', days: 10, removeBefore }],
      new WallClockWatch('/records', disk(), clock, log),
      clock,
      log,
    );
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
      new WallClockWatch('/records', disk(), clock, log),
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
    const retention = new Retention(kept, new WallClockWatch('/records', disk(), clock, log), clock, log);
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

  it('removes nothing at a start with a wall clock that is years ahead of the last one, however often it is started', async () => {
    const files = disk();
    /** Runs for so long with a wall clock that far ahead. @returns the days that were asked for. */
    const run = async (aheadMs: number, forMs: number) => {
      const clock = new SetClock();
      clock.aheadMs = aheadMs;
      const log = new KeptLog();
      const asked: string[] = [];
      const removeBefore = async (day: string) => {
        asked.push(day);
        return {};
      };
      const watch = new WallClockWatch('/records', files, clock, log);
      const retention = new Retention([{ what: 'records', days: 1, removeBefore }], watch, clock, log);
      await clock.settle();
      await clock.advance(forMs);
      await retention.close();
      return { asked, log };
    };
    assert.equal((await run(0, 2 * HOUR_MS)).asked.length, 3);
    const years = 3 * 365 * 24 * HOUR_MS;
    const wrong = await run(years, 5 * HOUR_MS);
    assert.deepEqual(wrong.asked, []);
    assert.match(String(wrong.log.lines[0]?.message), /^the wall clock is ahead/);
    // Set right by a time server in the first hour, it is believed at once.
    assert.equal((await run(8 * HOUR_MS, 0)).asked.length, 1);
    // One that stays so for a day in all is right: the machine was off.
    assert.deepEqual((await run(years, 20 * HOUR_MS)).asked, []);
    assert.equal((await run(years + 20 * HOUR_MS, 4 * HOUR_MS)).asked.length, 1);
  });

  it('ends without waiting for a removal, or for the wall clock, where the disk stands still', async () => {
    for (const files of [disk(), { ...disk(), read: () => new Promise<never>(() => {}) }]) {
      const clock = new FakeClock();
      const log = new KeptLog();
      const removeBefore = () => new Promise<never>(() => {});
      const watch = new WallClockWatch('/records', files, clock, log);
      const retention = new Retention([{ what: 'records', days: 1, removeBefore }], watch, clock, log);
      await clock.settle();
      let closed = false;
      void retention.close().then(() => {
        closed = true;
      });
      await clock.settle();
      assert.ok(closed);
      assert.deepEqual(log.lines, []);
    }
  });

  it('removes nothing where it cannot be read what the wall clock said last', async (t) => {
    const clock = new FakeClock();
    const log = new KeptLog();
    const files = { ...disk(), read: () => Promise.reject(new Error('the disk stands still')) };
    const removeBefore = () => assert.fail('removed');
    const watch = new WallClockWatch('/records', files, clock, log);
    const retention = new Retention([{ what: 'records', days: 1, removeBefore }], watch, clock, log);
    t.after(() => retention.close());
    await clock.settle();
    assert.match(String(log.lines[0]?.message), /nothing old is removed until it can/);
  });
});
