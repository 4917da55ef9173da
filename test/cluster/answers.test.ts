/** What a node tells others at length, on a clock that is moved by hand. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Answers, MOST_AT_ONCE, PAUSE_MS } from '../../src/cluster/answers.ts';
import { CallTable } from '../../src/cluster/call-table.ts';
import type {
  AskMessage,
  CallEntry,
  ClusterMessage,
  OverMessage,
} from '../../src/cluster/cluster-messages.ts';
import { EndedCalls } from '../../src/cluster/ended-calls.ts';
import { Membership } from '../../src/cluster/membership.ts';
import { SimClock } from './sim-clock.ts';

const OWN = '0'.repeat(16);
const ONE = '1'.repeat(16);
const TWO = '2'.repeat(16);
const THREE = '3'.repeat(16);
/** What the answers of these tests take at the most, in ms. */
const LONG_MS = 10_000;

describe('answers to nodes that ask', () => {
  it('are told a little at a time, to their end', () => {
    const { answers, clock, told, begin } = started();
    begin(OWN, 3 * MOST_AT_ONCE);
    answers.give(ask(ONE, 'own'));
    assert.equal(told.length, MOST_AT_ONCE, 'not all of it in one turn of the loop');
    clock.run(PAUSE_MS);
    assert.equal(told.length, 2 * MOST_AT_ONCE);
    clock.run(LONG_MS);
    assert.equal(told.length, 3 * MOST_AT_ONCE + 1);
    assert.deepEqual(told.at(-1), {
      to: ONE,
      message: { type: 'sent', run: OWN, of: 'own', count: 3 * MOST_AT_ONCE },
    });
  });

  it('wait while the wire has no room, and lose nothing', () => {
    const { answers, clock, told, begin, wire } = started();
    begin(OWN, 10);
    wire.room = 4;
    answers.give(ask(ONE, 'own'));
    clock.run(LONG_MS);
    assert.equal(told.length, 4);
    wire.room = Number.POSITIVE_INFINITY;
    clock.run(PAUSE_MS);
    assert.equal(told.length, 11);
  });

  it('of all calls come one after the other, and after those of our own', () => {
    const { answers, clock, told, begin } = started();
    begin(OWN, MOST_AT_ONCE);
    begin(THREE, 2 * MOST_AT_ONCE);
    answers.give(ask(ONE, 'all'));
    answers.give(ask(TWO, 'all'));
    answers.give(ask(THREE, 'own'));
    clock.run(LONG_MS);
    const ends = told.flatMap(({ to, message }, at) => (message.type === 'sent' ? [{ to, at }] : []));
    assert.deepEqual(
      ends.map(({ to }) => to),
      [THREE, ONE, TWO],
    );
    const [, first] = ends;
    assert.ok(told.slice(0, first?.at).every(({ to }) => to !== TWO));
  });

  it('of all calls leave out those of nodes of which who asks knows the same, and its own', () => {
    const { answers, clock, told, begin, table } = started();
    begin(ONE, 2);
    begin(TWO, 3);
    begin(THREE, 4);
    const knows = [
      { run: TWO, ...table.sumsOf(TWO) },
      { run: THREE, ...table.sumsOf(THREE), digest: 1 },
    ];
    answers.give({ ...ask(ONE, 'all'), knows });
    clock.run(LONG_MS);
    const owners = told.flatMap(({ message }) => (message.type === 'call' ? [message.entry.run] : []));
    assert.deepEqual(owners, Array<string>(4).fill(THREE));
  });

  it('tell calls as they are by then, and count those that are still there', () => {
    const { answers, clock, told, begin, table } = started();
    const calls = begin(OWN, 2 * MOST_AT_ONCE);
    answers.give(ask(ONE, 'own'));
    const [gone, changed, later] = [calls[0], calls[1], calls.at(-1)];
    assert.ok(gone !== undefined && changed !== undefined && later !== undefined);
    table.delete(gone.callId);
    table.merge({ ...changed, change: 2 });
    table.merge({ ...later, change: 3 });
    clock.run(LONG_MS);
    const of = (callId: string): readonly number[] =>
      told.flatMap(({ message }) =>
        message.type === 'call' && message.entry.callId === callId ? [message.entry.change] : [],
      );
    assert.deepEqual([of(gone.callId), of(changed.callId), of(later.callId)], [[1], [1], [3]]);
    const end = told.at(-1)?.message;
    assert.equal(end?.type === 'sent' && end.count, 2 * MOST_AT_ONCE - 1);
  });

  it('tell of calls that have ended, too', () => {
    const { answers, clock, told, ended } = started();
    ended('over');
    answers.give(ask(ONE, 'own'));
    clock.run(LONG_MS);
    assert.deepEqual(
      told.map(({ message }) => message.type),
      ['over', 'sent'],
    );
  });

  it('are not begun anew for who asks again, unless it asks for everything', () => {
    const { answers, clock, told, begin } = started();
    begin(OWN, 2 * MOST_AT_ONCE);
    for (const of of ['own', 'all'] as const) {
      told.length = 0;
      answers.give(ask(ONE, of));
      assert.equal(answers.give(ask(ONE, of)), true);
      clock.run(LONG_MS);
      const ends = told.filter(({ message }) => message.type === 'sent');
      assert.equal(ends.length, 1);
      assert.equal(told.length, (of === 'own' ? 2 : 3) * MOST_AT_ONCE + 1, of);
    }
  });

  it('are a hundred that wait; the next is refused', () => {
    const { answers, clock, begin, told } = started();
    begin(OWN, MOST_AT_ONCE);
    for (let asker = 0; asker < 100; asker += 1) {
      assert.equal(answers.give(ask(asker.toString(16).padStart(16, 'f'), 'all')), true);
    }
    assert.equal(answers.give(ask(ONE, 'all')), false);
    assert.equal(answers.give(ask(ONE, 'own')), true, 'of the other kind there is room');
    clock.run(LONG_MS);
    assert.equal(told.filter(({ message }) => message.type === 'sent').length, 101);
    assert.equal(answers.give(ask(ONE, 'all')), true);
  });

  it('are not told to a node that is gone', () => {
    const { answers, clock, told, begin, membership } = started();
    begin(OWN, 2 * MOST_AT_ONCE);
    membership.mentioned(ONE, 'one');
    answers.give(ask(ONE, 'all'));
    answers.give(ask(TWO, 'all'));
    clock.run(LONG_MS);
    assert.ok(told.length > 0 && told.every(({ to }) => to === TWO));
  });

  it('to everybody are our calls and ends, and stand for those that are asked for meanwhile', () => {
    const { answers, clock, told, begin, ended } = started();
    begin(OWN, 2 * MOST_AT_ONCE);
    begin(THREE, 5);
    ended('ours', OWN);
    ended('of another', THREE);
    answers.tellEverybody();
    answers.give(ask(ONE, 'own'));
    clock.run(LONG_MS);
    assert.ok(told.every(({ to }) => to === undefined));
    assert.equal(told.length, 2 * MOST_AT_ONCE + 1);
    answers.tellEverybody();
    answers.clear();
    clock.run(LONG_MS);
    assert.equal(told.length, 3 * MOST_AT_ONCE + 1, 'nothing more is told when they are forgotten');
  });
});

function ask(run: string, of: AskMessage['of']): AskMessage {
  return { type: 'ask', run, of };
}

function started() {
  const clock = new SimClock();
  const told: { readonly to: string | undefined; readonly message: ClusterMessage }[] = [];
  const wire = {
    room: Number.POSITIVE_INFINITY,
    connected: true,
    passing: true,
    get hasRoom() {
      return wire.room > 0;
    },
    tell: (message: ClusterMessage) => wire.write(undefined, message),
    tellNode: (to: string, message: ClusterMessage) => wire.write(to, message),
    write: (to: string | undefined, message: ClusterMessage) => {
      wire.room -= 1;
      told.push({ to, message });
    },
  };
  const table = new CallTable(OWN, clock);
  const endedCalls = new EndedCalls(clock);
  const membership = new Membership(clock, () => {});
  const answers = new Answers({ run: OWN, table, endedCalls, membership, wire, clock });
  const begin = (run: string, calls: number): readonly CallEntry[] =>
    Array.from({ length: calls }, (_, call) => {
      const entry: CallEntry = {
        ...{ callId: `${call} of ${run}`, node: run, run, generation: 0, claimedAtMs: 0, change: 1 },
        ...{ released: false, legKeys: [], record: '{}' },
      };
      table.merge(entry);
      return entry;
    });
  const ended = (callId: string, run = OWN): void => {
    const over: OverMessage = { type: 'over', callId, run, generation: 0, claimedAtMs: 0, ended: true };
    endedCalls.add(over);
  };
  return { answers, clock, told, wire, table, membership, begin, ended };
}
