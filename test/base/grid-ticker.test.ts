import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GridMember, GridTicker } from '../../src/base/grid-ticker.ts';
import { FAKE_START_MS, FakeClock } from './fake-clock.ts';

interface Tick {
  readonly deadlineMs: number;
  readonly nowMs: number;
}

class Member implements GridMember {
  readonly ticks: Tick[] = [];
  readonly errors: unknown[] = [];
  readonly #onTick: (tick: Tick) => void;

  constructor(onTick: (tick: Tick) => void = () => {}) {
    this.#onTick = onTick;
  }

  tick(deadlineMs: number, nowMs: number): void {
    this.ticks.push({ deadlineMs, nowMs });
    this.#onTick({ deadlineMs, nowMs });
  }

  failed(error: unknown): void {
    this.errors.push(error);
  }

  get deadlinesMs(): readonly number[] {
    return this.ticks.map(({ deadlineMs }) => deadlineMs);
  }
}

/** A grid of 20 ms with ten slots, on a clock that stands on slot 0. */
function grid(): { readonly clock: FakeClock; readonly ticker: GridTicker } {
  const clock = new FakeClock();
  return { clock, ticker: new GridTicker(clock, 20, 10) };
}

describe('GridTicker', () => {
  it('calls a member once a period, at its slot, on an absolute grid without drift', async () => {
    const { clock, ticker } = grid();
    const member = new Member();
    ticker.add(member, 3);
    // Each wake is late by up to 1.5 ms, and none moves the next.
    for (let late = 0; member.ticks.length < 1_000; late = (late + 0.5) % 2) {
      clock.freeze(late);
      await clock.advanceTo((clock.nextDeadlineMs ?? 0) + late);
    }
    assert.deepEqual(
      member.deadlinesMs,
      Array.from({ length: 1_000 }, (_, index) => FAKE_START_MS + 6 + index * 20),
    );
    ticker.close();
  });

  it('says where in a period a slot is', () => {
    const { ticker } = grid();
    assert.deepEqual([ticker.phaseMs(0), ticker.phaseMs(1), ticker.phaseMs(9)], [0, 2, 18]);
  });

  it('spreads newcomers evenly over the slots', () => {
    const { ticker } = grid();
    const taken = Array.from({ length: 25 }, () => {
      const slot = ticker.quietestSlot();
      ticker.add(new Member(), slot);
      return slot;
    });
    const perSlot = Array.from({ length: 10 }, (_, slot) => taken.filter((each) => each === slot).length);
    assert.deepEqual(perSlot, [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
    ticker.close();
  });

  it('takes a slot modulo the number of slots', async () => {
    const { clock, ticker } = grid();
    const member = new Member();
    ticker.add(member, 13);
    await clock.advance(20);
    assert.deepEqual(member.deadlinesMs, [FAKE_START_MS + 6]);
    ticker.close();
  });

  it('refuses a slot that is no number of one', () => {
    const { ticker } = grid();
    assert.throws(() => ticker.add(new Member(), -1), RangeError);
    assert.throws(() => ticker.add(new Member(), 1.5), RangeError);
  });

  it('calls each member once after a long stall, with its latest deadline that has passed', async () => {
    const { clock, ticker } = grid();
    const members = [0, 4, 9].map((slot) => {
      const member = new Member();
      ticker.add(member, slot);
      return member;
    });
    await clock.advance(40);
    for (const member of members) {
      member.ticks.length = 0;
    }
    clock.freeze(309);
    const nowMs = clock.nowMs();
    await clock.advance(0);
    // 1,349 ms: slots 0 and 4 of the period from 1,340 on have passed, slot 9 of it has not.
    assert.deepEqual(
      members.map(({ ticks }) => ticks),
      [[{ deadlineMs: 1_340, nowMs }], [{ deadlineMs: 1_348, nowMs }], [{ deadlineMs: 1_338, nowMs }]],
    );
    await clock.advance(20);
    assert.deepEqual(
      members.map(({ ticks }) => ticks.length),
      [2, 2, 2],
    );
    ticker.close();
  });

  it('calls the members of several late slots in the order of their deadlines', async () => {
    const { clock, ticker } = grid();
    const order: number[] = [];
    for (const slot of [7, 2, 5]) {
      ticker.add(new Member(() => order.push(slot)), slot);
    }
    clock.freeze(19);
    await clock.advance(0);
    assert.deepEqual(order, [2, 5, 7]);
    ticker.close();
  });

  it('has one timer however many members there are, and none once they are gone', async () => {
    const { clock, ticker } = grid();
    const members = Array.from({ length: 30 }, () => new Member());
    for (const [slot, member] of members.entries()) {
      ticker.add(member, slot);
    }
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(100);
    assert.equal(clock.pendingTimers, 1);
    for (const [slot, member] of members.entries()) {
      ticker.remove(member, slot);
    }
    await clock.advance(20);
    assert.equal(clock.pendingTimers, 0);
  });

  it('begins again after it was empty, without calling for the time between', async () => {
    const { clock, ticker } = grid();
    const member = new Member();
    ticker.add(member, 0);
    ticker.remove(member, 0);
    await clock.advance(500);
    assert.equal(member.ticks.length, 0);
    ticker.add(member, 0);
    await clock.advance(20);
    assert.deepEqual(member.deadlinesMs, [1_520]);
    ticker.close();
  });

  it('calls a newcomer from its next deadline on, though the timer was set for a later one', async () => {
    const { clock, ticker } = grid();
    ticker.add(new Member(), 9);
    await clock.advance(1);
    const newcomer = new Member();
    ticker.add(newcomer, 2);
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(5);
    assert.deepEqual(newcomer.ticks, [{ deadlineMs: 1_004, nowMs: 1_004 }]);
    ticker.close();
  });

  it('counts a member that is added twice once, so that removing it leaves nothing', async () => {
    const { clock, ticker } = grid();
    const member = new Member();
    ticker.add(member, 0);
    ticker.add(member, 0);
    await clock.advance(20);
    assert.equal(member.ticks.length, 1);
    ticker.remove(member, 0);
    ticker.remove(member, 0);
    await clock.advance(40);
    assert.equal(clock.pendingTimers, 0);
  });

  it('does not call a member that another one removes in the same wake', async () => {
    const { clock, ticker } = grid();
    const victim = new Member();
    const remover = new Member(() => ticker.remove(victim, 0));
    ticker.add(remover, 0);
    ticker.add(victim, 0);
    await clock.advance(60);
    assert.equal(victim.ticks.length, 0);
    assert.equal(remover.ticks.length, 3);
    ticker.close();
  });

  it('lets a member leave, and another come, in a tick', async () => {
    const { clock, ticker } = grid();
    const heir = new Member();
    const leaver: Member = new Member(() => {
      ticker.remove(leaver, 1);
      ticker.add(heir, 5);
    });
    ticker.add(leaver, 1);
    await clock.advance(40);
    assert.deepEqual(leaver.deadlinesMs, [1_002]);
    assert.deepEqual(heir.deadlinesMs, [1_010, 1_030]);
    assert.equal(clock.pendingTimers, 1);
    ticker.close();
  });

  it('drops a member whose tick throws, tells it why, and goes on with the others', async () => {
    const { clock, ticker } = grid();
    const broken = new Error('broken');
    const thrower = new Member(() => {
      throw broken;
    });
    const other = new Member();
    ticker.add(thrower, 0);
    ticker.add(other, 0);
    await clock.advance(60);
    assert.deepEqual(thrower.errors, [broken]);
    assert.equal(thrower.ticks.length, 1);
    assert.equal(other.ticks.length, 3);
    ticker.close();
  });

  it('calls on request whom a busy loop has not come to, once, and goes on with the timer', async () => {
    const { clock, ticker } = grid();
    const member = new Member();
    ticker.add(member, 3);
    ticker.catchUp(FAKE_START_MS + 5.9);
    assert.deepEqual(member.ticks, []);
    clock.freeze(7);
    ticker.catchUp(clock.nowMs());
    ticker.catchUp(clock.nowMs());
    assert.deepEqual(member.ticks, [{ deadlineMs: FAKE_START_MS + 6, nowMs: FAKE_START_MS + 7 }]);
    await clock.advanceTo(FAKE_START_MS + 26);
    assert.deepEqual(member.deadlinesMs, [FAKE_START_MS + 6, FAKE_START_MS + 26]);
    ticker.close();
    ticker.catchUp(FAKE_START_MS + 100);
    assert.equal(member.ticks.length, 2);
  });

  it('calls each member once when one of them asks for what is due', () => {
    const { clock, ticker } = grid();
    const asking = new Member(({ nowMs }) => ticker.catchUp(nowMs));
    const after = new Member();
    ticker.add(asking, 1);
    ticker.add(after, 2);
    clock.freeze(5);
    ticker.catchUp(clock.nowMs());
    assert.deepEqual([asking.ticks.length, after.ticks.length], [1, 1]);
    ticker.close();
  });

  it('calls nobody after close, even when it is closed in a tick', async () => {
    const { clock, ticker } = grid();
    const late = new Member();
    const closer = new Member(() => ticker.close());
    ticker.add(closer, 0);
    ticker.add(late, 0);
    await clock.advance(100);
    ticker.close();
    assert.equal(closer.ticks.length, 1);
    assert.equal(late.ticks.length, 0);
    assert.equal(clock.pendingTimers, 0);
  });
});
