/** Parties that are on hold: their connection stays, and nothing comes from it. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { findSoundMs, sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears as heardIn } from './heard-tones.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** A note of the tone that those hear who wait. */
const WAITING_HZ = 523;
/** What translations sound like here. */
const TRANSLATION_HZ = 1_000;
/** What a voice sounds like that is heard as it is. */
const VOICE_HZ = 1_700;

/** A call that has run for 10 s, in which everyone is interpreted. Party a speaks English. */
async function oldCall(t: TestContext, runMs = 10_200) {
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false, joinTones: false },
    switchboard: { waitLimitMs: 4_000 },
    interpreters: (scripted) => () => scripted.text,
  });
  const [a, b] = await exchange.call();
  await exchange.run(runMs);
  a.heard();
  b.heard();
  return { exchange, a, b };
}

/** Whether a tone of `hz` was heard at any time since the last look. */
function hears(leg: ScriptedLeg, hz: number): boolean {
  return heardIn(leg.heard(), hz);
}

describe('a party on hold', () => {
  it('is suspended after 400 ms, and back with its first frame', async (t) => {
    const { exchange, a } = await oldCall(t);
    a.onHold = true;
    await exchange.run(360);
    assert.equal(exchange.statesOf('a').at(-1), 'TRANSLATING');
    await exchange.run(60);
    assert.equal(exchange.statesOf('a').at(-1), 'SUSPENDED');
    await exchange.run(60_000 / 20);
    a.onHold = false;
    await exchange.run(20);
    assert.deepEqual(exchange.statesOf('a').slice(-3), ['SUSPENDED', 'CONNECTED', 'TRANSLATING']);
    assert.equal(exchange.count('holds'), 1);
    assert.equal(exchange.count('illegalTransitions'), 0);
  });

  it('has said what it said: the utterance ends with the hold, and the next one is another', async (t) => {
    const { exchange, a } = await oldCall(t);
    const [hearing] = exchange.interpreters.hearings;
    a.speak(voiceLike(800, RATE_HZ));
    await exchange.run(800);
    a.onHold = true;
    await exchange.run(380);
    const inside = hearing?.told.calls.slice() ?? [];
    assert.match(inside.join(), /start 1 at \d+/);
    assert.ok(!inside.includes('end'), inside.join());
    await exchange.run(80);
    assert.equal(hearing?.told.calls.at(-1), 'end');
    a.onHold = false;
    a.speak(voiceLike(800, RATE_HZ));
    await exchange.run(800);
    assert.match(hearing?.told.calls.at(-1) ?? '', /start 2 at/);
  });

  it('is told nothing: what waits is heard when it is soon back, and given up after 2 s', async (t) => {
    const { exchange, a, b } = await oldCall(t);
    b.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_200);
    const rendering = exchange.interpreters.of('es', 'en');
    a.onHold = true;
    await exchange.run(500);
    rendering.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    a.heard();
    await exchange.run(1_800);
    assert.equal(hears(a, TRANSLATION_HZ), false);
    a.onHold = false;
    await exchange.run(600);
    assert.equal(hears(a, TRANSLATION_HZ), true, 'it was soon back');

    await exchange.run(10_000);
    a.onHold = true;
    await exchange.run(500);
    rendering.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    await exchange.run(2_100);
    a.heard();
    a.onHold = false;
    await exchange.run(600);
    assert.equal(hears(a, TRANSLATION_HZ), false, 'it was away for too long');
    assert.equal(exchange.count('heldDropped'), 1);
  });

  it('hears from its beginning what it was hearing when it was put on hold', async (t) => {
    const { exchange, a, b } = await oldCall(t);
    b.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_200);
    exchange.interpreters.of('es', 'en').speaks(1, sine(TRANSLATION_HZ, 900, RATE_HZ));
    await exchange.run(300);
    a.onHold = true;
    await exchange.run(420);
    a.heard();
    await exchange.run(200);
    assert.equal(hears(a, TRANSLATION_HZ), false);
    a.onHold = false;
    await exchange.run(800);
    assert.equal(hears(a, TRANSLATION_HZ), true);
  });

  it('is waited for with the soft tone after 2 s, and for as long as it takes', async (t) => {
    const { exchange, a, b } = await oldCall(t);
    a.onHold = true;
    await exchange.run(2_300);
    assert.equal(hears(b, WAITING_HZ), false);
    await exchange.run(900);
    assert.equal(hears(b, WAITING_HZ), true);
    await exchange.run(5_000);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    assert.equal(exchange.statesOf('b').at(-1), 'TRANSLATING');
    a.onHold = false;
    await exchange.run(100);
    b.heard();
    await exchange.run(3_200);
    assert.equal(hears(b, WAITING_HZ), false);
  });

  it('is nobody who sends nothing in silence: it is spoken to', async (t) => {
    const { exchange, a, b } = await oldCall(t, 3_000);
    b.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_200);
    a.onHold = true;
    await exchange.run(3_000);
    a.heard();
    exchange.interpreters.of('es', 'en').speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    await exchange.run(600);
    assert.equal(hears(a, TRANSLATION_HZ), true);
    assert.equal(exchange.count('holds'), 0);
  });

  it('is suspended at once when its door knows, and not heard before that says so', async (t) => {
    const { exchange, a, b } = await oldCall(t, 1_000);
    const [leg] = exchange.switchboard.legs;
    leg?.hold(true);
    await exchange.run(40);
    assert.equal(exchange.statesOf('a').at(-1), 'SUSPENDED');
    b.heard();
    // The exchange's music comes, or the phone's own.
    a.speak(voiceLike(1_000, RATE_HZ));
    await exchange.run(1_500);
    assert.equal(findSoundMs(b.heard(), RATE_HZ, 0, -50), undefined);
    assert.deepEqual(exchange.interpreters.hearings[0]?.told.calls, []);
    assert.equal(exchange.statesOf('a').at(-1), 'SUSPENDED');
    await exchange.run(1_500);
    assert.equal(hears(b, WAITING_HZ), true);
    leg?.hold(false);
    await exchange.run(60);
    assert.equal(exchange.statesOf('a').at(-1), 'TRANSLATING');
    assert.equal(exchange.count('holds'), 1);
    assert.ok(exchange.count('framesHeld') > 100);
    assert.equal(exchange.count('illegalTransitions'), 0);
  });

  for (const by of ['what it sends', 'its door'] as const) {
    it(`is waited for where nothing is interpreted, and heard at once when it is back, known by ${by}`, async (t) => {
      const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough', joinTones: false } });
      const [a, b] = await exchange.call();
      await exchange.run(10_200);
      const [leg] = exchange.switchboard.legs;
      b.heard();
      a.onHold = by === 'what it sends';
      leg?.hold(by === 'its door');
      // What comes meanwhile is not to be heard, and not afterwards either.
      a.speak(sine(TRANSLATION_HZ, by === 'its door' ? 3_000 : 0, RATE_HZ));
      await exchange.run(3_400);
      const waiting = b.heard();
      assert.deepEqual([heardIn(waiting, WAITING_HZ), heardIn(waiting, TRANSLATION_HZ)], [true, false]);
      a.onHold = false;
      leg?.hold(false);
      a.speak(sine(VOICE_HZ, 400, RATE_HZ));
      await exchange.run(160);
      const back = b.heard();
      assert.deepEqual([heardIn(back, VOICE_HZ), heardIn(back, TRANSLATION_HZ)], [true, false]);
      assert.deepEqual([exchange.count('holds'), exchange.count('illegalTransitions')], [1, 0]);
    });
  }

  it('may be hung up, and may lose its leg', async (t) => {
    const { exchange, a, b } = await oldCall(t);
    a.onHold = true;
    await exchange.run(500);
    a.end('peer-closed');
    await exchange.run(100);
    assert.equal(b.ending, 'hung-up');
    await exchange.run(100);
    assert.equal(exchange.count('illegalTransitions'), 0);
    assert.equal(exchange.clock.pendingTimers, 0);
  });
});
