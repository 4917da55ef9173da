/** Parties that lose their leg and come back by another, before or after the old one has gone. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CallLimit } from '../../src/call/call-limit.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { findSoundMs, isTone, sine, sliceMs } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears as heardIn } from './heard-tones.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** A note of the tone that those hear who wait. */
const WAITING_HZ = 523;
/** A note of the tone that tells a conference of somebody who comes or goes. */
const JOINED_HZ = 440;
/** A note of the tone that tells of the end of a call. */
const ENDS_SOON_HZ = 784;
/** What a translation sounds like here. */
const TRANSLATION_HZ = 1_000;

/** A call in which everyone is interpreted, and whose places are kept. */
async function keptCall(
  t: TestContext,
  { rejoinMs = 3_000, ...plan }: Partial<CallPlan> & { readonly rejoinMs?: number } = {},
) {
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false, joinTones: false, ...plan },
    door: { rejoinMs },
    interpreters: (scripted) => () => scripted.text,
    announcements: () => ({ rateHz: RATE_HZ, pcm: sine(700, 200, RATE_HZ) }),
  });
  const [a, b] = await exchange.call();
  await exchange.run(100);
  a.heard();
  b.heard();
  return { exchange, a, b };
}

/** Whether a tone of `hz` was heard at any time since the last look. */
function hears(leg: ScriptedLeg, hz: number): boolean {
  return heardIn(leg.heard(), hz);
}

describe('a party whose leg has ended', () => {
  it('is waited for with a soft tone, which ends when it is back', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    a.end('peer-closed');
    await exchange.run(600);
    assert.equal(hears(b, WAITING_HZ), true);
    assert.equal(b.ending, undefined);
    assert.equal(exchange.statesOf('a').at(-1), 'DETACHED');
    const again = await exchange.arrive('call0');
    assert.equal(exchange.statesOf('a').at(-1), 'REATTACHING');
    await exchange.run(100);
    assert.equal(exchange.statesOf('a').at(-1), 'TRANSLATING');
    b.heard();
    again.speak(sine(1_500, 300, RATE_HZ));
    await exchange.run(3_200);
    assert.equal(hears(b, WAITING_HZ), false);
    assert.deepEqual([again.ending, b.ending], [undefined, undefined]);
    assert.deepEqual(
      [exchange.tally('rejoins', 'came-back'), exchange.tally('rejoins', 'stayed-away')],
      [1, 0],
    );
  });

  it('is not waited for longer than its place is kept, and the end of the call says why', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    a.end('peer-reset');
    await exchange.run(2_900);
    assert.equal(b.ending, undefined);
    await exchange.run(200);
    assert.equal(b.ending, 'hung-up');
    await exchange.run(100);
    assert.deepEqual(exchange.statesOf('a').slice(-2), ['DETACHED', 'DISCONNECTED']);
    assert.equal(exchange.tally('rejoins', 'stayed-away'), 1);
    const [ended] = exchange.logged('a call has ended');
    assert.deepEqual([ended?.reason, ended?.by], ['peer-reset', 'a']);
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
  });

  it('is not waited for when it said that it hung up, nor when we hung it up', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    a.end('peer-hangup');
    await exchange.run(100);
    assert.equal(b.ending, 'hung-up');
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
    assert.equal(exchange.switchboard.totals().tally('rejoins').size, 0);
  });

  it('and the other, whose leg ends meanwhile, are in the same call again when both come back', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    a.end('peer-closed');
    b.end('peer-closed');
    await exchange.run(1_000);
    const [first, second] = await exchange.call();
    await exchange.run(3_000);
    assert.deepEqual([first.ending, second.ending], [undefined, undefined]);
    assert.equal(exchange.interpreters.hearings.length, 2, 'the hearings are those of before');
    assert.equal(exchange.tally('rejoins', 'came-back'), 2);
  });

  it('and the other, whose leg ends meanwhile, leave once where the call is hung up before they are back', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    const ends: string[] = [];
    exchange.switchboard.watchEnds(({ end }) => ends.push(end.reason), new AbortController().signal);
    a.end('peer-reset');
    b.end('peer-reset');
    await exchange.run(1_000);
    const [id = ''] = exchange.switchboard.calls.keys();
    exchange.switchboard.calls.get(id)?.hangUp('by-the-api');
    await exchange.run(100);
    assert.deepEqual(ends, ['by-the-api']);
    assert.equal(exchange.events.filter(({ type }) => type === 'ended').length, 1);
    assert.deepEqual(
      [exchange.statesOf('a').at(-1), exchange.statesOf('b').at(-1)],
      ['DISCONNECTED', 'DISCONNECTED'],
    );
    assert.equal(exchange.logged('a party has left').length, 2);
    assert.equal(exchange.clock.pendingTimers, 0);
  });

  it('does not have the other one hung up where the call goes on at another node, nor by another name', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    a.end('peer-reset');
    await exchange.run(100);
    const [id = ''] = exchange.switchboard.calls.keys();
    exchange.switchboard.calls.get(id)?.leave('handed-over');
    await exchange.run(100);
    assert.equal(b.ending, 'let-go');
    const [c, d] = await exchange.call('more');
    await exchange.run(100);
    c.end('peer-reset');
    const [next = ''] = exchange.switchboard.calls.keys();
    exchange.switchboard.calls.get(next)?.hangUp('drained');
    await exchange.run(100);
    assert.equal(d.ending, 'hung-up');
    const reasons = ['handed-over', 'drained', 'partner-left'];
    assert.deepEqual(
      reasons.map((reason) => exchange.tally('legsEnded', reason)),
      [1, 1, 0],
    );
  });

  it('hears from its beginning what it had not heard to its end, and what came while it was away', async (t) => {
    const { exchange, a } = await keptCall(t);
    const spanish = exchange.interpreters.of('es', 'en');
    spanish.speaks(1, sine(TRANSLATION_HZ, 1_000, RATE_HZ));
    await exchange.run(500);
    assert.equal(hears(a, TRANSLATION_HZ), true);
    a.end('connection-lost');
    await exchange.run(100);
    const segment = spanish.opens(2);
    segment.add(sine(1_700, 200, RATE_HZ));
    await exchange.run(900);
    const again = await exchange.arrive('call0');
    segment.add(sine(1_700, 200, RATE_HZ));
    segment.end();
    await exchange.run(2_500);
    const heard = again.heard();
    const startMs = findSoundMs(heard, RATE_HZ, 0, -40) ?? Number.NaN;
    // What waits behind it makes it a little faster.
    const firstMs = [50, 700].map((ms) => startMs + ms);
    const nextMs = [1_060, 1_160].map((ms) => startMs + ms);
    assert.ok(
      isTone(sliceMs(heard, RATE_HZ, firstMs[0] ?? 0, firstMs[1] ?? 0), TRANSLATION_HZ, RATE_HZ),
      'all of it',
    );
    assert.ok(
      isTone(sliceMs(heard, RATE_HZ, nextMs[0] ?? 0, nextMs[1] ?? 0), 1_700, RATE_HZ),
      'and the next',
    );
    spanish.ends(1);
    spanish.ends(2);
    await exchange.clock.settle();
    const outcomes = exchange.events.flatMap((event) =>
      event.type === 'utterance' ? [event.report.outcome] : [],
    );
    assert.deepEqual(outcomes, ['spoken', 'spoken']);
    assert.equal(exchange.count('rejoinDropped'), 0);
  });

  it('does not hear what has become old', async (t) => {
    const { exchange, a } = await keptCall(t, { rejoinMs: 20_000 });
    a.end('connection-lost');
    await exchange.run(100);
    const spanish = exchange.interpreters.of('es', 'en');
    spanish.speaks(1, sine(TRANSLATION_HZ, 400, RATE_HZ));
    spanish.ends(1);
    await exchange.run(4_000);
    spanish.speaks(2, sine(1_700, 400, RATE_HZ));
    spanish.ends(2);
    await exchange.run(2_000);
    const again = await exchange.arrive('call0');
    await exchange.run(1_500);
    const heard = again.heard();
    const startMs = findSoundMs(heard, RATE_HZ, 0, -40) ?? Number.NaN;
    assert.ok(isTone(sliceMs(heard, RATE_HZ, startMs + 50, startMs + 350), 1_700, RATE_HZ));
    assert.equal(exchange.count('rejoinDropped'), 1);
    const outcomes = exchange.events.flatMap((event) =>
      event.type === 'utterance' ? [event.report.outcome] : [],
    );
    assert.deepEqual(outcomes, ['not-played', 'spoken']);
  });

  it('leaves its words on their way: the other hears them to their end', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    const english = exchange.interpreters.of('en', 'es');
    const segment = english.opens(1);
    segment.add(sine(TRANSLATION_HZ, 1_000, RATE_HZ));
    await exchange.run(300);
    a.end('connection-lost');
    b.heard();
    await exchange.run(400);
    assert.equal(hears(b, TRANSLATION_HZ), true);
    segment.add(sine(TRANSLATION_HZ, 500, RATE_HZ));
    segment.end();
    await exchange.run(600);
    assert.equal(hears(b, TRANSLATION_HZ), true);
    assert.equal(english.closed, 0);
  });

  it('is told again that a machine interprets: whoever is there may be somebody else', async (t) => {
    const { exchange, a, b } = await keptCall(t, { announce: true });
    await exchange.run(500);
    a.end('peer-closed');
    await exchange.run(200);
    b.heard();
    const again = await exchange.arrive('call0');
    await exchange.run(500);
    assert.deepEqual([hears(again, 700), hears(b, 700)], [true, false]);
  });

  it('sounds no tones of coming and going in a conference, which does not wait with a tone', async (t) => {
    const { exchange, a, b } = await keptCall(t, { languages: ['en', 'es', 'fr'], joinTones: true });
    const c = await exchange.arrive('call2');
    await exchange.run(1_000);
    for (const leg of [a, b, c]) {
      leg.heard();
    }
    a.end('peer-closed');
    await exchange.run(1_000);
    await exchange.arrive('call0');
    await exchange.run(1_000);
    const [heard, sounds] = [b.heard(), c.heard()];
    assert.deepEqual(
      [findSoundMs(heard, RATE_HZ, 0, -50), findSoundMs(sounds, RATE_HZ, 0, -50)],
      [undefined, undefined],
    );
    assert.equal(exchange.switchboard.calls.size, 1);
    // Who stays away has left: then the tone comes.
    c.end('peer-closed');
    await exchange.run(2_900);
    assert.equal(hears(b, JOINED_HZ), false);
    await exchange.run(700);
    assert.equal(hears(b, JOINED_HZ), true);
  });
});

describe('a leg that comes to a place whose leg is still there', () => {
  it('takes it over, which is logged and counted; the other notices nothing', async (t) => {
    const { exchange, a, b } = await keptCall(t);
    const again = await exchange.arrive('call0');
    await exchange.run(200);
    assert.deepEqual([a.ending, again.ending, b.ending], ['hung-up', undefined, undefined]);
    assert.deepEqual(
      [exchange.tally('rejoins', 'took-over'), exchange.tally('legsEnded', 'taken-over')],
      [1, 1],
    );
    assert.equal(
      exchange.logged('another connection has taken the place of one that was still there, which is hung up')
        .length,
      1,
    );
    again.speak(voiceLike(1_500, RATE_HZ));
    await exchange.run(2_500);
    const [hearing] = exchange.interpreters.hearings;
    assert.ok(
      hearing?.told.calls.some((call) => call.startsWith('start 1')),
      'what it says is interpreted',
    );
    assert.equal(hears(b, WAITING_HZ), false);
    const states = exchange.statesOf('a');
    assert.deepEqual(states.slice(-4), ['DETACHED', 'REATTACHING', 'CONNECTED', 'TRANSLATING']);
    // The call ends as any other, and what the first leg lost is in its sum.
    again.end('peer-closed');
    await exchange.run(3_200);
    assert.equal(b.ending, 'hung-up');
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
  });

  it('hears what the one before had not heard', async (t) => {
    const { exchange } = await keptCall(t);
    exchange.interpreters.of('es', 'en').speaks(1, sine(TRANSLATION_HZ, 1_000, RATE_HZ));
    await exchange.run(500);
    const again = await exchange.arrive('call0');
    await exchange.run(1_000);
    assert.equal(hears(again, TRANSLATION_HZ), true);
  });
});

describe('a call with a limit', () => {
  it('tells of its end with a tone, and is hung up', async (t) => {
    const exchange = new ScriptedExchange(t, {
      plan: { mode: 'passthrough', announce: false, limitMs: 4_000 },
    });
    const legs = await exchange.call();
    await exchange.run(1_900);
    assert.deepEqual(
      legs.map((leg) => hears(leg, ENDS_SOON_HZ)),
      [false, false],
    );
    await exchange.run(700);
    assert.deepEqual(
      legs.map((leg) => hears(leg, ENDS_SOON_HZ)),
      [true, true],
    );
    await exchange.run(1_300);
    assert.deepEqual(
      legs.map(({ ending }) => ending),
      [undefined, undefined],
    );
    await exchange.run(300);
    assert.equal(exchange.tally('legsEnded', 'call-limit'), 2);
    assert.equal(exchange.logged('a call has ended')[0]?.reason, 'call-limit');
    assert.equal(exchange.clock.pendingTimers, 0);
  });

  it('tells of it 30 s before, or half of the limit', async () => {
    const clock = new FakeClock();
    const told: [what: string, atMs: number][] = [];
    const startMs = clock.nowMs();
    for (const [name, limitMs] of [
      ['hour', 3_600_000],
      ['minute', 60_000],
      ['moment', 20_000],
    ] as const) {
      const tell = (what: string) => () => told.push([`${name} ${what}`, clock.nowMs() - startMs]);
      new CallLimit(clock, startMs, limitMs, tell('soon'), tell('over'));
    }
    const none = new CallLimit(clock, startMs, 1_000, assert.fail, assert.fail);
    none.close();
    await clock.advance(3_600_000);
    assert.deepEqual(told, [
      ['moment soon', 10_000],
      ['moment over', 20_000],
      ['minute soon', 30_000],
      ['minute over', 60_000],
      ['hour soon', 3_570_000],
      ['hour over', 3_600_000],
    ]);
  });

  it('that ends before sets nothing off later', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough', limitMs: 40_000 } });
    const [a] = await exchange.call();
    a.end('peer-closed');
    await exchange.run(100);
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
  });
});
