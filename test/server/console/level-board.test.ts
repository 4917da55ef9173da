import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LevelBoard } from '../../../src/server/console/level-board.ts';
import type { CallView } from '../../../src/server/server-view.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { callOf, FakeServerView } from '../http/fake-server-view.ts';

const TICK_MS = 200;

/** A call whose second party is said to, and speaks if `speaking`. */
function call(callId: string, speaking: boolean, backlogMs = 0): CallView {
  const running = callOf(callId);
  const parties = running.parties.map((party, index) =>
    index === 0 ? { ...party, speaking: false, backlogMs: 0 } : { ...party, speaking, backlogMs },
  );
  return { ...running, parties };
}

/** A board over two calls, and somebody who looks. */
function rig() {
  const view = new FakeServerView();
  const clock = new FakeClock();
  const asked: string[] = [];
  view.running = [call('one', true, 1_150), call('two', false)];
  view.loud = new Map([
    ['one', [42, 30]],
    ['two', [7, 0]],
  ]);
  const board = new LevelBoard(
    {
      call: (callId) => view.call(callId),
      levels: (callId) => {
        asked.push(callId);
        return view.levels(callId);
      },
    },
    (shownId) => (shownId.startsWith('shown-') ? shownId.slice('shown-'.length) : undefined),
    clock,
  );
  const look = () => {
    const told: string[] = [];
    const watch = board.watch((bytes) => told.push(bytes.toString()));
    return { ...watch, told: () => told.splice(0).join('') };
  };
  const see = (id: string, ...calls: readonly string[]) =>
    board.see(
      id,
      calls.map((call) => `shown-${call}`),
    );
  return { view, clock, board, asked, look, see };
}

describe('LevelBoard', () => {
  it('tells two numbers a party of the calls that are seen, and before the first what they stand for', async () => {
    const { clock, look, see } = rig();
    const watcher = look();
    assert.equal(watcher.told(), `event: watcher\ndata: {"id":"${watcher.id}"}\n\n`);
    assert.equal(see(watcher.id, 'one'), true);
    await clock.advance(TICK_MS);
    assert.equal(
      watcher.told(),
      `event: rows\ndata: [["shown-one",["a","b"]]]\n\nevent: levels\ndata: [42,0,158,12]\n\n`,
    );
    await clock.advance(TICK_MS);
    assert.equal(watcher.told(), 'event: levels\ndata: [42,0,158,12]\n\n');
  });

  it('asks for nothing while nobody looks, nor of calls that nobody sees', async () => {
    const { clock, board, asked, look, see } = rig();
    await clock.advance(10 * TICK_MS);
    assert.equal(clock.pendingTimers, 0);
    const watcher = look();
    await clock.advance(TICK_MS);
    assert.deepEqual(asked, []);
    see(watcher.id, 'two');
    await clock.advance(TICK_MS);
    assert.deepEqual(asked, ['two']);
    watcher.stop();
    await clock.advance(10 * TICK_MS);
    assert.deepEqual([asked.length, clock.pendingTimers, board.watchers], [1, 0, 0]);
  });

  it('reads a tick once for all who look, and tells who comes late what it stands for', async () => {
    const { clock, asked, look, see } = rig();
    const first = look();
    see(first.id, 'one');
    await clock.advance(TICK_MS);
    const second = look();
    see(second.id, 'one', 'two');
    asked.length = 0;
    first.told();
    second.told();
    await clock.advance(TICK_MS);
    assert.deepEqual(asked, ['one', 'two']);
    assert.equal(first.told(), second.told());
    const third = look();
    third.told();
    first.told();
    await clock.advance(TICK_MS);
    assert.match(third.told(), /^event: rows\ndata: \[\["shown-one"/);
    assert.match(first.told(), /^event: levels/, 'who knows the rows is not told them again');
  });

  it('tells anew what the numbers stand for when a party comes, and when a call is over', async () => {
    const { view, clock, look, see } = rig();
    const watcher = look();
    see(watcher.id, 'one', 'two');
    await clock.advance(TICK_MS);
    watcher.told();
    const one = call('one', false);
    const [a] = one.parties;
    assert.ok(a !== undefined);
    view.running = [{ ...one, parties: [...one.parties, { ...a, party: 'c' }] }];
    view.loud = new Map([['one', [1, 2, 3]]]);
    await clock.advance(TICK_MS);
    assert.equal(
      watcher.told(),
      `event: rows\ndata: [["shown-one",["a","b","c"]]]\n\nevent: levels\ndata: [1,0,2,0,3,0]\n\n`,
    );
  });

  it('says a word now and then when nobody is seen, so that the connection stays', async () => {
    const { clock, look } = rig();
    const watcher = look();
    watcher.told();
    await clock.advance(16_000);
    assert.equal(watcher.told(), 'event: rows\ndata: []\n\n: nobody is seen\n\n');
  });

  it('does not make up for ticks in which the process stood still', async () => {
    const { clock, look, see } = rig();
    const watcher = look();
    see(watcher.id, 'one');
    await clock.advance(TICK_MS);
    watcher.told();
    clock.freeze(10 * TICK_MS);
    await clock.advance(TICK_MS);
    assert.ok(watcher.told().split('event: levels').length - 1 <= 2);
  });

  it('knows nobody by a name that it has not given, or that has stopped', () => {
    const { look, see } = rig();
    assert.equal(see('0123', 'one'), false);
    const watcher = look();
    watcher.stop();
    watcher.stop();
    assert.equal(see(watcher.id, 'one'), false);
  });
});
