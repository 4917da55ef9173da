import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CountSums } from '../../src/base/counts.ts';
import { LongWork } from '../../src/base/long-work.ts';
import { PortSeating } from '../../src/call/seating/port-seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { findDtmfKey, findSoundMs, isTone, levelDbfs, sliceMs } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { hurriedClock } from '../base/hurried-clock.ts';
import { voiceLike } from '../media/voice-like.ts';
import { PLAN, ScriptedExchange, ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;

describe('Switchboard', () => {
  it('sends a frame at once and one each 20 ms after, whoever the leg is', async (t) => {
    const exchange = new ScriptedExchange(t);
    const leg = exchange.connect();
    assert.equal(leg.heard().length, 160);
    await exchange.run(1_000);
    assert.equal(leg.heard().length, 50 * 160);
  });

  it('sends the first frame within 100 ms of accepting, however many come in at once and say nothing', async (t) => {
    const exchange = new ScriptedExchange(t);
    const legs = Array.from({ length: 10 }, () => exchange.connect());
    await exchange.clock.advance(99);
    for (const leg of legs) {
      assert.ok(leg.heard().length >= 160);
    }
  });

  it('hangs a leg up that has not said its UUID in time, and no other', async (t) => {
    const exchange = new ScriptedExchange(t, { switchboard: { uuidTimeoutMs: 3_000 } });
    const [silent, said] = [exchange.connect(), exchange.connect()];
    said.identify('call0');
    await exchange.clock.advance(2_999);
    assert.equal(silent.ending, undefined);
    await exchange.clock.advance(1);
    assert.equal(silent.ending, 'hung-up');
    assert.equal(said.ending, undefined);
    assert.equal(exchange.tally('legsEnded', 'no-uuid'), 1);
    assert.equal(exchange.switchboard.legs.size, 1);
  });

  it('gives a leg that has said who it is the time that it takes to find out where it belongs', async (t) => {
    const scheme = new SuffixSeating(PLAN);
    const clock = new FakeClock();
    const exchange = new ScriptedExchange(t, {
      clock,
      switchboard: { uuidTimeoutMs: 1_000 },
      seating: () => ({
        seat: async (arrival) => {
          await clock.sleep(1_500, new AbortController().signal);
          return scheme.seat(arrival);
        },
        ended: () => {},
      }),
    });
    const leg = exchange.connect();
    leg.identify('call0');
    await exchange.run(1_600);
    assert.deepEqual([leg.ending, exchange.switchboard.calls.size], [undefined, 1]);
    assert.deepEqual(exchange.warnings, []);
  });

  it('says of a leg whether another node could have it', async (t) => {
    const stays: unknown[] = [];
    const scheme = new SuffixSeating(PLAN);
    const exchange = new ScriptedExchange(t, {
      seating: () => ({
        seat: (arrival) => {
          stays.push(arrival.stays);
          return scheme.seat(arrival);
        },
        ended: () => {},
      }),
    });
    await exchange.arrive('call0');
    const other = exchange.connect();
    Object.defineProperty(other, 'passOn', { value: undefined });
    other.identify('call1');
    await exchange.clock.settle();
    assert.deepEqual(stays, [false, true]);
  });

  it('seats a leg that says who it is at once, inside attach', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [first, second] = [exchange.connectAs('call0'), exchange.connectAs('call1')];
    await exchange.run(40);
    assert.deepEqual([first.ending, second.ending], [undefined, undefined]);
    assert.deepEqual(exchange.statesOf('a').slice(0, 2), ['RINGING', 'CONNECTED']);
    assert.equal(exchange.switchboard.calls.size, 1);
  });

  it('lets a watcher that throws hurt nobody, and counts it', async (t) => {
    const exchange = new ScriptedExchange(t);
    const watching = new AbortController();
    exchange.switchboard.watch(() => {
      throw new Error('the console is broken');
    }, watching.signal);
    const heard: string[] = [];
    exchange.switchboard.watch((_, event) => heard.push(event.type), watching.signal);
    const [a] = await exchange.call();
    await exchange.run(40);
    assert.equal(a.ending, undefined);
    assert.ok(heard.includes('party-state'), 'who watches after it still hears');
    assert.equal(exchange.count('listenersFailed'), heard.length);
    watching.abort();
  });

  it('is full when it has as many legs as it may', async (t) => {
    const exchange = new ScriptedExchange(t, { switchboard: { maxLegs: 2 } });
    const leg = exchange.connect();
    assert.equal(exchange.switchboard.full, false);
    exchange.connect();
    assert.equal(exchange.switchboard.full, true);
    leg.end('peer-closed');
    assert.equal(exchange.switchboard.full, false);
  });

  it('has room for the legs of a call that runs when it is full, and for no other call', async (t) => {
    const exchange = new ScriptedExchange(t, { switchboard: { maxLegs: 3 }, door: { rejoinMs: 3_000 } });
    const [first] = await exchange.call('one');
    const alone = await exchange.arrive('two0');
    assert.equal(exchange.switchboard.full, true);
    const partner = await exchange.arrive('two1');
    const stranger = await exchange.arrive('three0');
    assert.equal(stranger.ending, 'hung-up');
    assert.equal(exchange.tally('connectionsRefused', 'too-many-legs'), 1);
    assert.equal(exchange.switchboard.calls.size, 2);
    first.end('peer-closed');
    await exchange.run(100);
    const back = await exchange.arrive('one0');
    assert.deepEqual([alone.ending, partner.ending, back.ending], [undefined, undefined, undefined]);
    assert.equal(exchange.switchboard.legs.size, 4);
  });

  it('asks no more than sixteen legs beyond its limit at once where they belong', async (t) => {
    const exchange = new ScriptedExchange(t, { switchboard: { maxLegs: 2 } });
    await exchange.call('one');
    for (let unknown = 1; unknown <= 16; unknown += 1) {
      assert.equal(exchange.switchboard.crowded, false);
      exchange.connect();
    }
    assert.equal(exchange.switchboard.crowded, true);
  });

  it('lets the first wait with a tone, and connects it when the second is there', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough' } });
    const first = exchange.connect();
    first.identify('call0');
    await exchange.run(400);
    const waiting = first.heard();
    const atMs = findSoundMs(waiting, RATE_HZ, 0, -60) ?? Number.NaN;
    assert.ok(isTone(sliceMs(waiting, RATE_HZ, atMs + 40, atMs + 140), 523, RATE_HZ));
    assert.deepEqual(exchange.statesOf('a'), ['RINGING']);
    exchange.connect().identify('call1');
    await exchange.run(100);
    first.heard();
    await exchange.run(3_000);
    assert.equal(levelDbfs(first.heard()), Number.NEGATIVE_INFINITY);
    assert.deepEqual(exchange.statesOf('a'), ['RINGING', 'CONNECTED']);
    assert.equal(exchange.switchboard.calls.size, 1);
  });

  it('refuses a UUID that is in use, or that no leg can have, and harms nobody else', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    const [twin, stranger] = [exchange.connect(), exchange.connect()];
    twin.identify('call0');
    stranger.identify('call7');
    await exchange.clock.settle();
    assert.deepEqual(
      [a.ending, b.ending, twin.ending, stranger.ending],
      [undefined, undefined, 'hung-up', 'hung-up'],
    );
    const legsEnded = exchange.switchboard.totals().tally('legsEnded');
    assert.deepEqual([legsEnded.get('place-taken'), legsEnded.get('unknown-place')], [1, 1]);
  });

  it('lets the next one meet who was to meet a leg that left before it had its seat', async (t) => {
    const exchange = new ScriptedExchange(t, { seating: (plan) => new PortSeating(plan) });
    await exchange.arrive('first');
    const door = { name: 'other', languages: ['es', 'en'], rejoinMs: 0 };
    const leaving = new ScriptedLeg();
    exchange.switchboard.accept(leaving, door);
    leaving.identify('second');
    leaving.end('peer-closed');
    await exchange.clock.settle();
    const third = new ScriptedLeg();
    exchange.switchboard.accept(third, door);
    third.identify('third');
    await exchange.clock.settle();
    const [call, ...more] = exchange.switchboard.calls.values();
    assert.deepEqual([call?.parties.size, more.length], [2, 0]);
  });

  it('plays a key of one leg on the other, and only there', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough' } });
    const [a, b] = await exchange.call();
    const [other] = await exchange.call('other');
    await exchange.run(100);
    for (const leg of [a, b, other]) {
      leg.heard();
    }
    a.press('5');
    a.press('x');
    await exchange.run(300);
    const heard = b.heard();
    const atMs = findSoundMs(heard, RATE_HZ) ?? Number.NaN;
    assert.equal(findDtmfKey(sliceMs(heard, RATE_HZ, atMs + 10, atMs + 110), RATE_HZ), '5');
    assert.equal(exchange.count('keys'), 1);
    for (const leg of [a, other]) {
      assert.equal(levelDbfs(leg.heard()), Number.NEGATIVE_INFINITY);
    }
  });

  it('hangs the other party up when one leaves, and forgets the call', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    await exchange.run(100);
    a.end('peer-closed');
    await exchange.run(100);
    assert.equal(b.ending, 'hung-up');
    const legsEnded = exchange.switchboard.totals().tally('legsEnded');
    assert.deepEqual([legsEnded.get('peer-closed'), legsEnded.get('partner-left')], [1, 1]);
    assert.deepEqual([exchange.switchboard.legs.size, exchange.switchboard.calls.size], [0, 0]);
    assert.equal(exchange.events.at(-1)?.type, 'ended');
    assert.equal(exchange.threads.running, 0);
    const [again] = await exchange.call();
    assert.equal(again.ending, undefined, 'the UUIDs are free again');
  });

  for (const reason of ['peer-closed', 'peer-hangup', 'peer-reset']) {
    it(`hangs the other up within a second of a ${reason}, with speech on its way`, async (t) => {
      const exchange = new ScriptedExchange(t);
      const [a, b] = await exchange.call();
      await exchange.run(100);
      exchange.interpreters.last.opens(1).add(voiceLike(5_000, RATE_HZ));
      await exchange.run(200);
      a.end(reason);
      await exchange.clock.advance(999);
      assert.equal(b.ending, 'hung-up');
    });
  }

  it('ends the leg whose peer broke the rules as failed', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    a.end('wire-bad-length', new Error('bad'));
    await exchange.run(40);
    assert.deepEqual(exchange.statesOf('a').slice(-2), ['ERROR', 'DISCONNECTED']);
    assert.equal(exchange.tally('legsEnded', 'wire-bad-length'), 1);
  });

  it('goes on on another media thread when one dies', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    await exchange.run(1_000);
    exchange.threads.kill();
    a.heard();
    await exchange.run(1_000);
    assert.equal(a.heard().length, 50 * 160, 'no frame was left out');
    assert.equal(exchange.threads.running, 2);
  });

  it('waits 5 ms for a frame that its media thread has not made, then sends silence, one each 20 ms', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [leg] = await exchange.call();
    const sentMs: number[] = [];
    const send = leg.send.bind(leg);
    leg.send = (pcm) => {
      sentMs.push(exchange.clock.nowMs());
      send(pcm);
    };
    await exchange.run(100);
    const phaseMs = (sentMs.at(-1) ?? 0) % 20;
    // The second death within a second is the one after which nothing is made for a while.
    exchange.threads.kill();
    await exchange.run(100);
    exchange.threads.kill();
    await exchange.run(40);
    const missingBefore = exchange.count('framesMissing');
    sentMs.length = 0;
    await exchange.run(400);
    assert.equal(sentMs.length, 20);
    assert.ok(
      sentMs.every((atMs) => atMs % 20 === (phaseMs + 5) % 20),
      sentMs.map((atMs) => atMs % 20).join(),
    );
    assert.ok(exchange.count('framesMissing') - missingBefore >= 20);
  });

  it('sends at most two frames at once after a stall, and forgives the rest', async (t) => {
    const exchange = new ScriptedExchange(t);
    const leg = exchange.connect();
    await exchange.run(1_000);
    leg.heard();
    exchange.clock.freeze(300);
    await exchange.clock.advance(0);
    assert.ok(leg.heard().length <= 2 * 160);
    assert.ok(exchange.count('framesForgiven') >= 13);
  });

  it('drains: takes no new call, lets a waiting one fill up, and is done when the last leg has gone', async (t) => {
    const exchange = new ScriptedExchange(t);
    const first = exchange.connect();
    first.identify('call0');
    await exchange.clock.settle();
    let drained = false;
    const draining = exchange.switchboard.drain(10_000).then(() => {
      drained = true;
    });
    const late = exchange.connect();
    late.identify('late0');
    await exchange.clock.settle();
    assert.equal(late.ending, 'hung-up');
    assert.equal(exchange.tally('legsEnded', 'draining'), 1);
    const second = exchange.connect();
    second.identify('call1');
    await exchange.run(200);
    assert.deepEqual([second.ending, drained], [undefined, false]);
    first.end('peer-closed');
    await draining;
  });

  it('drains until a call is over whose legs were all lost and may come again, and no longer than it may', async (t) => {
    const cases = [
      { limitMs: 10_000, doneMs: 3_000 },
      { limitMs: 1_000, doneMs: 1_000 },
    ];
    for (const { limitMs, doneMs } of cases) {
      const exchange = new ScriptedExchange(t, { door: { rejoinMs: 3_000 } });
      for (const leg of await exchange.call()) {
        leg.end('peer-closed');
      }
      let drained = false;
      const draining = exchange.switchboard.drain(limitMs).then(() => {
        drained = true;
      });
      await exchange.clock.advance(doneMs - 1);
      assert.equal(drained, false, `${limitMs}`);
      await exchange.clock.advance(1);
      await draining;
      assert.equal(exchange.switchboard.calls.size, 0);
    }
    const exchange = new ScriptedExchange(t, { door: { rejoinMs: 3_000 } });
    for (const leg of await exchange.call()) {
      leg.end('peer-closed');
    }
    void exchange.switchboard.drain(10_000);
    await exchange.clock.advance(1_000);
    const again = await exchange.arrive('call0');
    assert.deepEqual([again.ending, exchange.tally('rejoins', 'came-back')], [undefined, 1]);
  });

  it('takes no new call while somebody does not want it to, and takes them again', async (t) => {
    const exchange = new ScriptedExchange(t);
    const { switchboard } = exchange;
    const first = exchange.connect();
    first.identify('call0');
    await exchange.clock.settle();
    assert.deepEqual(
      [switchboard.hold(true), switchboard.hold(true), switchboard.draining],
      [true, false, true],
    );
    const [late, second] = [exchange.connect(), exchange.connect()];
    late.identify('late0');
    second.identify('call1');
    await exchange.clock.settle();
    assert.deepEqual([late.ending, first.ending, second.ending], ['hung-up', undefined, undefined]);
    assert.deepEqual([switchboard.hold(false), switchboard.draining], [true, false]);
    const later = exchange.connect();
    later.identify('late0');
    await exchange.clock.settle();
    assert.equal(later.ending, undefined);
    // Somebody who wants calls again does not make room for them.
    switchboard.hold(true, 'memory');
    assert.deepEqual([switchboard.hold(false), switchboard.draining], [false, true]);
    assert.deepEqual([switchboard.hold(false, 'memory'), switchboard.draining], [true, false]);
    // Who ends after a signal is not asked whether it goes on.
    const draining = switchboard.drain(1_000);
    switchboard.hold(false);
    assert.equal(switchboard.draining, true);
    await exchange.clock.advance(3_000);
    await draining;
  });

  it('hangs up who is left when the drain time is over', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    const draining = exchange.switchboard.drain(1_000);
    await exchange.clock.advance(999);
    assert.equal(a.ending, undefined);
    await exchange.clock.advance(1);
    await draining;
    assert.equal(a.ending, 'hung-up');
    assert.equal(exchange.tally('legsEnded', 'drained'), 2);
  });

  it('hangs everybody up on close, twice or not, and leaves no timer', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    exchange.connect();
    await exchange.run(100);
    await exchange.close();
    await exchange.close();
    assert.deepEqual([a.ending, b.ending], ['hung-up', 'hung-up']);
    assert.equal(exchange.threads.running, 0);
    assert.equal(exchange.clock.pendingTimers, 0);
  });

  it('lets a watcher that fails hurt nobody: the others hear it all, the call goes on, and it is counted', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough' } });
    const heard: string[] = [];
    const { signal } = new AbortController();
    exchange.switchboard.watch(() => {
      throw new Error('a watcher broke');
    }, signal);
    exchange.switchboard.watch((_, event) => heard.push(event.type), signal);
    const [a, b] = await exchange.call();
    await exchange.run(100);
    a.end('peer-closed');
    await exchange.run(100);
    assert.equal(b.ending, 'hung-up');
    assert.deepEqual(
      heard,
      exchange.events.map(({ type }) => type),
    );
    assert.ok(heard.includes('party-state') && heard.at(-1) === 'ended', heard.join(' '));
    assert.equal(exchange.switchboard.counts.listenersFailed, heard.length);
  });
});

describe('what all legs and calls have counted, read a little at a time', () => {
  it('is the same, and counts nothing twice of who leaves meanwhile', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough', announce: false } });
    const legs = [...(await exchange.call('one')), ...(await exchange.call('two'))];
    await exchange.run(400);
    const { switchboard } = exchange;
    const hurried = () => new LongWork(hurriedClock());
    const framesIn = (sums: CountSums) => sums.number('framesIn');
    const all = framesIn(switchboard.totals());
    assert.ok(all > 0);
    assert.equal(framesIn(await switchboard.totalsSlowly(hurried())), all);
    const slowly = switchboard.totalsSlowly(hurried());
    let turns = 0;
    const turn = (): void => {
      legs[turns]?.end('left');
      turns += 1;
      if (turns < legs.length) {
        setImmediate(turn);
      }
    };
    setImmediate(turn);
    const counted = framesIn(await slowly);
    assert.equal(turns, legs.length, 'the loop turned at each step');
    assert.ok(counted <= all, `${counted} of ${all}`);
    assert.equal(
      framesIn(await switchboard.totalsSlowly(hurried())),
      all,
      'and nothing is missing the next time',
    );
  });
});
