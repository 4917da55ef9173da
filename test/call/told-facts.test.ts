/** What the call itself tells its parties: that a machine interprets, and what is kept of them. They hear it to its end. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AnnouncedFact } from '../../src/call/announcing.ts';
import type { Call } from '../../src/call/call.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import type { Recorder } from '../../src/call/recording/recorder.ts';
import { concatPcm, levelDbfs, sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { type ExchangeOptions, ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** What is said to a party sounds so here. */
const SAYING_HZ = 400;
/** What the tone sounds like that tells of a recording where nobody speaks the language. */
const RECORDED_HZ = 1_400;
/** How each announcement begins, and how it ends, by language. */
const ENDS_HZ: Readonly<Record<string, Readonly<Partial<Record<AnnouncedFact, readonly [number, number]>>>>> =
  {
    en: { interpreter: [600, 800], recording: [1_000, 1_200], enrolment: [1_600, 1_800] },
    es: { interpreter: [600, 900], recording: [1_000, 1_300] },
    fr: { interpreter: [2_000, 2_200], recording: [2_400, 2_600] },
  };

const RECORDER: Recorder = {
  ...{ beepMs: undefined, announces: true, keepsNotes: false },
  open: () => ({ forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} }),
};

function toldCall(t: TestContext, plan: Partial<CallPlan>, more: Partial<ExchangeOptions> = {}) {
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false, joinTones: false, ...plan },
    door: { rejoinMs: 3_000 },
    interpreters: (scripted) => () => scripted.text,
    recorder: RECORDER,
    announcements: (language, fact) => {
      const ends = ENDS_HZ[language]?.[fact];
      return ends && { rateHz: RATE_HZ, pcm: concatPcm(...ends.map((hz) => sine(hz, 400, RATE_HZ))) };
    },
    ...more,
  });
  const callOf = (): Call => {
    const [call] = exchange.switchboard.calls.values();
    assert.ok(call !== undefined);
    return call;
  };
  return { exchange, callOf };
}

/** Whether nothing but a tone of `hz` was heard at any time of `heard`. */
function hears(heard: Int16Array, hz: number): boolean {
  const windows = Array.from({ length: Math.floor(heard.length / 320) }, (_, at) =>
    sliceMs(heard, RATE_HZ, at * 40, at * 40 + 80),
  );
  return windows.some((pcm) => toneDbfs(pcm, hz, RATE_HZ) > Math.max(-42, levelDbfs(pcm) - 2));
}

/** Which announcements a leg has heard since the last look, to their end. */
function told(leg: ScriptedLeg): readonly string[] {
  const heard = leg.heard();
  return Object.entries(ENDS_HZ).flatMap(([language, facts]) =>
    Object.entries(facts).flatMap(([fact, [, endHz]]) =>
      hears(heard, endHz) ? [`${language} ${fact}`] : [],
    ),
  );
}

const RECORDED = { record: 'all' } as const;

describe('what a call tells its parties', () => {
  for (const [fact, plan] of [
    ['recording', RECORDED],
    ['interpreter', { announce: true }],
  ] as const) {
    it(`of its ${fact} is said again after a hold, however long, and once heard no more`, async (t) => {
      const { exchange } = toldCall(t, plan);
      const [a] = await exchange.call();
      const [leg] = exchange.switchboard.legs;
      await exchange.run(200);
      leg?.hold(true);
      await exchange.run(60_000);
      assert.deepEqual(told(a), []);
      for (const expected of [[`en ${fact}`], []]) {
        leg?.hold(false);
        await exchange.run(1_500);
        assert.deepEqual(told(a), expected);
        leg?.hold(true);
        await exchange.run(3_000);
      }
    });

    it(`of its ${fact} is said again when it was cut off by something else that was said`, async (t) => {
      const { exchange, callOf } = toldCall(t, plan);
      const [a, b] = await exchange.call();
      await exchange.run(200);
      async function* pieces() {
        yield sine(SAYING_HZ, 200, RATE_HZ);
      }
      const saying = { id: 'one', piiText: '', open: async () => ({ rateHz: RATE_HZ, pieces: pieces() }) };
      callOf().say('a', saying, true);
      await exchange.run(200);
      assert.deepEqual(told(a), []);
      await exchange.run(1_500);
      const heard = a.heard();
      assert.deepEqual(
        [SAYING_HZ, ENDS_HZ.en?.[fact]?.[1] ?? 0].map((hz) => hears(heard, hz)),
        [true, true],
      );
      assert.deepEqual(told(b), [`es ${fact}`]);
      callOf().say('a', saying, true);
      await exchange.run(1_500);
      assert.deepEqual(told(a), [], 'it has heard it');
    });

    it(`of its ${fact} is said in the language that a party speaks by then, and to somebody else`, async (t) => {
      const { exchange, callOf } = toldCall(t, plan);
      const [a] = await exchange.call();
      await exchange.run(200);
      callOf().changeParty('a', { language: 'fr' });
      await exchange.run(1_500);
      assert.deepEqual(told(a), [`fr ${fact}`]);
      callOf().changeParty('a', { language: 'en' });
      await exchange.run(1_500);
      assert.deepEqual(told(a), [`en ${fact}`]);
      callOf().replacePerson('a', { name: 'Bob' });
      await exchange.run(1_500);
      assert.deepEqual(told(a), [`en ${fact}`]);
      callOf().changeParty('a', { voice: 'nova' });
      await exchange.run(1_500);
      assert.deepEqual(told(a), []);
    });

    it(`of its ${fact} is said once to who comes back by another leg`, async (t) => {
      const { exchange } = toldCall(t, plan);
      const [a] = await exchange.call();
      await exchange.run(200);
      a.end('peer-closed');
      const again = await exchange.arrive('call0');
      await exchange.run(900);
      assert.deepEqual(told(again), [`en ${fact}`]);
      await exchange.run(1_500);
      assert.deepEqual(told(again), []);
    });
  }

  it('of two things is said again as far as it was not heard', async (t) => {
    const { exchange } = toldCall(t, { ...RECORDED, announce: true });
    const [a, b] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    await exchange.run(900);
    assert.deepEqual(told(a), ['en recording']);
    leg?.hold(true);
    await exchange.run(3_000);
    leg?.hold(false);
    await exchange.run(2_500);
    assert.deepEqual(told(a), ['en interpreter']);
    assert.deepEqual(told(b), ['es interpreter', 'es recording']);
  });

  it('waits for a party that is on hold when it comes about', async (t) => {
    const { exchange, callOf } = toldCall(t, { ...RECORDED, recordStart: 'on-demand' });
    const [a, b] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    await exchange.run(300);
    leg?.hold(true);
    // Before it is known to be on hold by its state, too.
    callOf().setRecording('on');
    await exchange.run(1_500);
    assert.deepEqual([told(a), told(b)], [[], ['es recording']]);
    leg?.hold(false);
    await exchange.run(1_500);
    assert.deepEqual(told(a), ['en recording']);
  });

  it('is left out once it is so no more', async (t) => {
    const { exchange, callOf } = toldCall(t, RECORDED);
    const [a] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    await exchange.run(200);
    leg?.hold(true);
    await exchange.run(200);
    callOf().setRecording('paused');
    leg?.hold(false);
    await exchange.run(1_500);
    assert.deepEqual(told(a), []);
    callOf().setRecording('on');
    await exchange.run(1_500);
    assert.deepEqual(told(a), ['en recording']);
    callOf().setRecording('paused');
    callOf().setRecording('on');
    await exchange.run(1_500);
    assert.deepEqual(told(a), []);
  });

  it('of its recording is a tone where nobody speaks the language, once', async (t) => {
    const { exchange } = toldCall(t, { ...RECORDED, languages: ['de', 'es'] });
    const [a] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    await exchange.run(1_000);
    assert.equal(hears(a.heard(), RECORDED_HZ), true);
    leg?.hold(true);
    await exchange.run(1_000);
    leg?.hold(false);
    await exchange.run(1_000);
    assert.equal(hears(a.heard(), RECORDED_HZ), false);
  });

  it('of who listens is a tone, for who was on hold when he began, and for somebody else', async (t) => {
    const { exchange, callOf } = toldCall(t, {});
    const [a] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    const hearsTone = async () => {
      a.heard();
      await exchange.run(1_000);
      return hears(a.heard(), RECORDED_HZ);
    };
    await exchange.run(300);
    leg?.hold(true);
    await exchange.run(100);
    callOf().listen('b', { what: 'voice', by: 'chief', tone: true });
    assert.equal(await hearsTone(), false);
    leg?.hold(false);
    assert.equal(await hearsTone(), true);
    callOf().replacePerson('a', { name: 'Bob' });
    assert.equal(await hearsTone(), true);
    callOf().listen('b', { what: 'voice', by: 'another', tone: false });
    assert.equal(await hearsTone(), false);
    callOf().listen('b', { what: 'voice', by: 'another', tone: true });
    assert.equal(await hearsTone(), true);
  });

  it('of a voice that is taken is said again after a hold, and to who it is taken of next', async (t) => {
    const { exchange, callOf } = toldCall(t, {});
    const [a] = await exchange.call();
    const [leg] = exchange.switchboard.legs;
    await exchange.run(300);
    const taking = callOf().takeVoice('a', 10_000);
    assert.ok(typeof taking === 'object');
    await exchange.run(200);
    leg?.hold(true);
    await exchange.run(3_000);
    leg?.hold(false);
    await exchange.run(1_500);
    assert.deepEqual(told(a), ['en enrolment']);
    taking.stop('changed');
    callOf().takeVoice('a', 10_000);
    await exchange.run(1_500);
    assert.deepEqual(told(a), ['en enrolment']);
  });
});
