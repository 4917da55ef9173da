/** Who speaks for whom: a voice as high as the speaker's, another when somebody else speaks, as the speaker speaks. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallPlan } from '../../src/call/plan.ts';
import type { EmotionReaderOptions } from '../../src/engines/emotion/emotion-reader.ts';
import type { KnownVoice, VoiceBook } from '../../src/interpret/manner/choose-voice.ts';
import { concatPcm, levelDbfs, sine, sliceMs } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const MAN_HZ = 110;
const WOMAN_HZ = 215;

/** Of each language four voices of the best engine, and two of the one that takes over from it. */
function knownVoices(language: string): readonly KnownVoice[] {
  return [
    ...[90, 115, 180, 225].map((hz) => ({ engine: 'best', ref: `${language}-${hz}`, hz })),
    ...[100, 200].map((hz) => ({ engine: 'backup', ref: `${language}-backup-${hz}`, hz })),
  ];
}

async function interpretedCall(
  t: TestContext,
  plan: Partial<CallPlan> = {},
  voices: VoiceBook = knownVoices,
) {
  const exchange = new ScriptedExchange(t, {
    plan: { joinTones: false, announce: false, ...plan },
    interpreters: (scripted) => () => scripted.text,
    voices,
  });
  const [a, b] = await exchange.call();
  await exchange.run(200);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  /** What would speak for who speaks `from`, by engine. */
  const voiceOf = (from: string, to: string): readonly string[] | undefined =>
    exchange.interpreters
      .of(from, to)
      .options.voice()
      ?.renderings?.map(({ engine, ref }) => `${engine} ${ref}`);
  const say = async (leg: typeof a, hz: number, ms: number, peak?: number): Promise<void> => {
    leg.speak(voiceLike(ms, RATE_HZ, peak, hz));
    await exchange.run(ms + 800);
  };
  return { exchange, call, a, b, voiceOf, say };
}

describe('the voice that speaks for a party', () => {
  it("is the language's own until the speaker's is known, then as high at each engine", async (t) => {
    const { a, voiceOf, say, exchange } = await interpretedCall(t, { voices: new Map([['es', 'pilar']]) });
    assert.deepEqual(exchange.interpreters.of('en', 'es').options.voice(), { name: 'pilar' });
    await say(a, WOMAN_HZ, 3_000);
    assert.deepEqual(voiceOf('en', 'es'), ['best es-225', 'backup es-backup-200']);
    assert.equal(exchange.interpreters.of('en', 'es').options.voice()?.name, 'pilar', 'for any other');
    assert.equal(exchange.tally('registers', 'known'), 1);
  });

  it('is not that of the other party, nor near to it', async (t) => {
    const { a, b, voiceOf, say } = await interpretedCall(t);
    await say(a, MAN_HZ, 3_000);
    assert.deepEqual(voiceOf('en', 'es'), ['best es-115', 'backup es-backup-100']);
    await say(b, MAN_HZ, 3_000);
    assert.deepEqual(voiceOf('es', 'en'), ['best en-90', 'backup en-backup-100']);
  });

  it('is another when somebody else has taken the telephone, within five seconds of speech', async (t) => {
    const { a, voiceOf, say, exchange } = await interpretedCall(t);
    await say(a, MAN_HZ, 4_000);
    await say(a, WOMAN_HZ, 5_000);
    assert.equal(voiceOf('en', 'es')?.[0], 'best es-225');
    assert.equal(exchange.tally('registers', 'another'), 1);
  });

  it('is the one that was named, whoever speaks', async (t) => {
    const { a, call, say, exchange } = await interpretedCall(t);
    call.changeParty('a', { voice: 'nova' });
    await exchange.run(200);
    await say(a, WOMAN_HZ, 3_000);
    assert.deepEqual(exchange.interpreters.of('en', 'es').options.voice(), { name: 'nova' });
  });

  it('is chosen anew for a person of whom is known that somebody else was there before', async (t) => {
    const { a, call, voiceOf, say, exchange } = await interpretedCall(t);
    await say(a, MAN_HZ, 3_000);
    assert.ok(voiceOf('en', 'es') !== undefined);
    call.replacePerson('a', {});
    await exchange.run(200);
    assert.equal(exchange.interpreters.of('en', 'es').options.voice(), undefined);
  });
});

describe('the manner of a translation', () => {
  /** What b hears of a clause that a says louder than before, and of one said as before. */
  async function heardLevels(t: TestContext, manner: boolean): Promise<readonly number[]> {
    const { exchange, a, b, say } = await interpretedCall(t, { manner });
    const rendering = exchange.interpreters.of('en', 'es');
    const levels: number[] = [];
    await say(a, MAN_HZ, 4_500, 0.1);
    rendering.ends(1);
    for (const [utterance, peak] of [
      [2, 0.1],
      [3, 0.2],
    ] as const) {
      const fromMs = exchange.clock.nowMs();
      await say(a, MAN_HZ, 1_200, peak);
      b.heard();
      const segment = rendering.opens(utterance, undefined, { fromMs, toMs: exchange.clock.nowMs() });
      segment.add(sine(1_500, 600, RATE_HZ, 0.1));
      segment.end();
      await exchange.run(1_000);
      const heard = b.heard();
      rendering.ends(utterance);
      levels.push(Math.max(...[200, 300, 400].map((ms) => levelDbfs(sliceMs(heard, RATE_HZ, ms, ms + 100)))));
    }
    return levels;
  }

  it('is as loud as the speaker has become', async (t) => {
    const [usual = 0, louder = 0] = await heardLevels(t, true);
    assert.ok(Math.abs(louder - usual - 6) < 1, `${louder - usual} dB`);
  });

  it('is that of its engine, where it is off', async (t) => {
    const [usual = 0, louder = 0] = await heardLevels(t, false);
    assert.ok(Math.abs(louder - usual) < 0.1, `${louder - usual} dB`);
  });
});

describe('the word that a party stresses', () => {
  /** Five words of half a second, one of them far louder than the others. */
  async function said(t: TestContext, plan: Partial<CallPlan>) {
    // Where there is a choice of voices, all are measured anyway.
    const { exchange, a, call } = await interpretedCall(t, plan, () => []);
    const fromMs = exchange.clock.nowMs();
    a.speak(
      concatPcm(...[0, 1, 2, 3, 4].map((word) => voiceLike(500, RATE_HZ, word === 2 ? 0.4 : 0.15, MAN_HZ))),
    );
    await exchange.run(3_500);
    const words = ['blue', 'green', 'red', 'black', 'white'].map((text, word) => ({
      ...{ text, startMs: fromMs + 500 * word, endMs: fromMs + 500 * (word + 1) },
    }));
    return { call, words, stressed: exchange.interpreters.of('en', 'es').options.stressed };
  }

  it('is known to its rendering, by what was measured when it was said', async (t) => {
    const { words, stressed } = await said(t, { stress: true });
    assert.equal(stressed?.(words), 2);
    const later = words.map((word) => ({
      ...word,
      startMs: word.startMs + 9_000,
      endMs: word.endMs + 9_000,
    }));
    assert.equal(stressed?.(later), undefined);
  });

  it('is asked for by nobody where that is off', async (t) => {
    assert.equal((await said(t, {})).stressed, undefined);
  });
});

describe('the emotion that is heard in a voice', () => {
  /** A call in which it is heard by a reader whose lips the test moves. */
  async function judgedCall(t: TestContext, of: readonly string[]) {
    const opened: EmotionReaderOptions[] = [];
    let samples = 0;
    const exchange = new ScriptedExchange(t, {
      plan: { joinTones: false, announce: false, emotion: { by: 'hume', of } },
      interpreters: (scripted) => () => scripted.text,
      emotionReader: {
        name: 'scripted',
        open: async (options) => {
          opened.push(options);
          const write = (pcm: Int16Array): void => {
            samples += pcm.length;
          };
          return { write, close: async () => {} };
        },
      },
    });
    const [a] = await exchange.call();
    await exchange.run(200);
    a.speak(voiceLike(600, RATE_HZ));
    await exchange.run(1_500);
    a.speak(voiceLike(600, RATE_HZ));
    await exchange.run(1_500);
    return {
      ...{ exchange, opened },
      samples: () => samples,
      voice: () => exchange.interpreters.of('en', 'es').options.voice(),
    };
  }

  it('is told to the engine that speaks for the party, for as long as it is fresh', async (t) => {
    const { exchange, opened, samples, voice } = await judgedCall(t, ['a']);
    assert.equal(opened.length, 1);
    assert.ok(samples() > 0.5 * 16_000, 'what is said is heard by it');
    assert.equal(voice(), undefined);
    opened[0]?.heard('angry');
    assert.deepEqual(voice(), { emotion: 'angry' });
    await exchange.run(6_100);
    assert.equal(voice(), undefined);
  });

  it('is not looked for in the voice of anybody else', async (t) => {
    const { opened, samples } = await judgedCall(t, ['b']);
    assert.deepEqual([opened.length, samples()], [0, 0]);
  });

  it('is not known while nobody hears it, which costs nothing but that', async (t) => {
    const { exchange, opened, voice } = await judgedCall(t, ['a']);
    opened[0]?.heard('angry');
    opened[0]?.lost(new Error('gone'));
    await exchange.run(300);
    assert.equal(voice(), undefined);
    assert.equal(opened.length, 2, 'it is opened again');
    assert.equal(
      exchange.logged('what is heard in a voice is not known; the call goes on without').length,
      1,
    );
  });
});
