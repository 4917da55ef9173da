/** Several engines as one, on a clock that the tests move: who is asked, when, and what is heard of it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { silentLog } from '../../src/base/log.ts';
import type { MtEngine, MtRequest } from '../../src/engines/mt/mt-engine.ts';
import { FailoverMt, FailoverTts } from '../../src/engines/resilience/failover.ts';
import { FailoverStt } from '../../src/engines/resilience/failover-stt.ts';
import { faultOf, GivenUpError } from '../../src/engines/resilience/faults.ts';
import { HealthBook } from '../../src/engines/resilience/health-book.ts';
import { traitsOfAll, voicesFor } from '../../src/engines/resilience/likest-voice.ts';
import { type FailoverDeps, Lineup } from '../../src/engines/resilience/lineup.ts';
import { ObservedMt, ObservedTts } from '../../src/engines/resilience/observed.ts';
import { ObservedStt } from '../../src/engines/resilience/observed-streams.ts';
import { RecoverySteps } from '../../src/engines/resilience/recovery-steps.ts';
import { BrokenOffError, SpokenRate, unspokenOf } from '../../src/engines/resilience/unspoken.ts';
import { UsualSilence } from '../../src/engines/resilience/usual-silence.ts';
import type { SttEngine, SttEvent, SttStreamOptions } from '../../src/engines/stt/stt-engine.ts';
import { SUPPORTED } from '../../src/engines/support.ts';
import { voiceNameFor } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsEngine, TtsRequest } from '../../src/engines/tts/tts-engine.ts';
import { RefusalError } from '../../src/engines/wire/refusal.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal } from './events.ts';

const FAULT = new RefusalError('engine-bad-answer', 'acme has a fault of its own', 500, undefined);
const DEAD = new AppError('engine-start-failed', 'nobody is there');
const LATER = new RefusalError('engine-overloaded', 'not now', 429, 30_000);

function rig() {
  const clock = new FakeClock();
  const health = new HealthBook(clock, { benched: () => {}, back: () => {} });
  const steps = new RecoverySteps(clock, silentLog);
  const deps: FailoverDeps = { clock, health, steps, usualMs: () => undefined, chance: () => 0.5 };
  const observer = { clock, onObservation: health.observe };
  const taken = (): readonly string[] =>
    steps.latest.map(({ component, tier, engine, to = engine, success, tookMs }) =>
      [component, tier, `${engine}>${to}`, success, tookMs].join(' '),
    );
  return { clock, health, steps, deps, observer, taken };
}

type Behaviour = (request: MtRequest, signal: AbortSignal) => Promise<string>;

/** Translators whose behaviour the test changes; `asked` is who was asked, in order. */
function translators(...names: readonly string[]) {
  return translatorsThat(names, true);
}

/** @param usesContext whether what was said before is of use to them. */
function translatorsThat(names: readonly string[], usesContext: boolean) {
  const all = rig();
  const asked: string[] = [];
  const behaviours = new Map<string, Behaviour>();
  const engines = names.map((name): MtEngine => {
    const engine: MtEngine = {
      name,
      usesContext,
      supports: async () => SUPPORTED,
      translate: (request, signal) => {
        asked.push(`${name}${request.context.length === 0 ? '' : '+'}`);
        return behaviours.get(name)?.(request, signal) ?? Promise.resolve(`${name}: ${request.text}`);
      },
      close: async () => {},
    };
    return new ObservedMt(engine, all.observer);
  });
  const lineup = new Lineup(engines);
  const mt = new FailoverMt(lineup, all.deps);
  const translate = (context: readonly string[] = []): Promise<string> =>
    mt.translate({ text: 'yes', from: 'en', to: 'es', context }, testSignal());
  const fails = (name: string, error: unknown): void => {
    behaviours.set(name, () => Promise.reject(error));
  };
  const isSilent = (name: string): void => {
    behaviours.set(
      name,
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        ),
    );
  };
  const isWell = (name: string): void => {
    behaviours.delete(name);
  };
  return { ...all, asked, lineup, engines, mt, translate, fails, isSilent, isWell };
}

describe('FailoverMt', () => {
  it('asks the best engine, and nobody else while it answers', async () => {
    const { translate, asked } = translators('best', 'next');
    assert.equal(await translate(), 'best: yes');
    assert.deepEqual(asked, ['best']);
  });

  it('asks again once what may go right a moment later, then the next', async () => {
    const { translate, fails, asked, clock, taken } = translators('best', 'next');
    fails('best', FAULT);
    const translation = translate();
    await clock.advance(299);
    assert.deepEqual(asked, ['best']);
    await clock.advance(1);
    assert.equal(await translation, 'next: yes');
    assert.deepEqual(asked, ['best', 'best', 'next']);
    assert.deepEqual(taken(), ['mt failover best>next true 300']);
  });

  it('tells who asked that another engine has answered, and nothing while the best does', async () => {
    const { mt, fails, clock } = translators('best', 'next');
    let failovers = 0;
    const failedOver = (): void => {
      failovers += 1;
    };
    const translate = () =>
      mt.translate({ text: 'yes', from: 'en', to: 'es', context: [], failedOver }, testSignal());
    await translate();
    assert.equal(failovers, 0);
    fails('best', FAULT);
    const translation = translate();
    await clock.advance(300);
    await translation;
    assert.equal(failovers, 1);
  });

  it('spares all other calls an engine that one call found dead', async () => {
    const { translate, fails, asked, clock } = translators('best', 'next');
    fails('best', DEAD);
    const first = [translate(), translate()];
    await clock.advance(300);
    await Promise.all(first);
    asked.length = 0;
    assert.equal(await translate(), 'next: yes');
    assert.deepEqual(asked, ['next']);
  });

  it('tries an engine three times that is alone, after pauses that double', async () => {
    const { translate, fails, isWell, asked, clock, taken } = translators('best');
    fails('best', FAULT);
    const translation = translate();
    await clock.advance(300);
    assert.deepEqual(asked, ['best', 'best']);
    isWell('best');
    await clock.advance(599);
    assert.equal(asked.length, 2);
    await clock.advance(1);
    assert.equal(await translation, 'best: yes');
    assert.deepEqual(taken(), ['mt soft best>best true 900']);
  });

  it('gives up so that nobody tries it all again, with what the best engine failed with', async () => {
    const { translate, fails, clock, taken } = translators('best', 'next');
    fails('best', LATER);
    fails('next', DEAD);
    const refused = assert.rejects(translate(), (error) => {
      assert.ok(error instanceof GivenUpError);
      assert.equal(error.message, LATER.message);
      assert.equal(faultOf(error).kind, 'rate-limit');
      return true;
    });
    await clock.advance(900);
    await refused;
    assert.deepEqual(taken(), ['mt failover best>next false 900']);
  });

  it('tells when one is back where all are benched, and nothing while one is well', async () => {
    const { mt, translate, fails, clock, health } = translators('best', 'next');
    const { signal } = new AbortController();
    fails('best', LATER);
    assert.equal(await translate(), 'next: yes');
    assert.equal(mt.whenBack(signal), undefined);
    fails('next', LATER);
    await assert.rejects(translate(), { code: 'engine-overloaded' });
    let back = false;
    const waiting = mt.whenBack(signal)?.then(() => {
      back = true;
    });
    await clock.settle();
    assert.equal(back, false);
    health.tried({ component: 'mt', engine: 'next' }, undefined);
    await waiting;
    assert.equal(back, true);
  });

  it('expects nobody back who needs somebody to act, such as a wrong key', async () => {
    const { mt, translate, fails } = translators('best');
    fails('best', new RefusalError('engine-refused', 'wrong key', 401, undefined));
    await assert.rejects(translate(), { code: 'engine-refused' });
    assert.equal(mt.whenBack(testSignal()), undefined);
  });

  it('does not ask an engine that wants to be asked later, not even where there is nobody else', async () => {
    const { translate, fails, isWell, asked } = translators('best');
    fails('best', LATER);
    await assert.rejects(translate(), { code: 'engine-overloaded' });
    isWell('best');
    await assert.rejects(translate(), { code: 'engine-overloaded' });
    assert.deepEqual(asked, ['best']);
  });

  it('asks the next as well when the best is late, takes the first answer and blames who was late', async () => {
    const { translate, isSilent, asked, clock, health, taken } = translators('best', 'next');
    isSilent('best');
    const translation = translate();
    await clock.advance(1_199);
    assert.deepEqual(asked, ['best']);
    await clock.advance(1);
    assert.equal(await translation, 'next: yes');
    assert.equal(health.engines().find(({ engine }) => engine === 'best')?.failures, 1);
    assert.deepEqual(taken(), ['mt failover best>next true 1200']);
  });

  it('asks in the shortest way when an engine is late that is alone', async () => {
    const { mt, translate, isSilent, isWell, asked, clock } = translators('best');
    isSilent('best');
    const translation = translate(['before']);
    isWell('best');
    await clock.advance(1_200);
    assert.equal(await translation, 'best: yes');
    assert.deepEqual(asked, ['best+', 'best']);
    assert.equal(mt.name, 'best');
  });

  it('is not asked for the same again where what was said before is of no use to it', async () => {
    const { translate, isSilent, isWell, asked, clock } = translatorsThat(['best'], false);
    isSilent('best');
    const translation = translate(['before']);
    await clock.advance(60_000);
    assert.deepEqual(asked, ['best+']);
    isWell('best');
    await assert.rejects(
      Promise.race([translation, Promise.reject(new Error('still silent'))]),
      /still silent/,
    );
  });

  it('takes an empty translation of words for a failure', async () => {
    const { translate, asked, clock } = emptyFirst();
    const translation = translate();
    await clock.advance(300);
    assert.equal(await translation, 'next: yes');
    assert.deepEqual(asked, ['best', 'best', 'next']);
  });

  it('sees who the engines are from now on', async () => {
    const { translate, lineup, engines } = translators('best', 'next');
    lineup.use(engines.slice(1));
    assert.equal(await translate(), 'next: yes');
    lineup.use(engines);
    assert.equal(await translate(), 'best: yes');
  });

  it('ends when its signal does, and asks nobody then', async () => {
    const { mt, isSilent, asked, clock } = translators('best', 'next');
    isSilent('best');
    const controller = new AbortController();
    const request = { text: 'yes', from: 'en', to: 'es', context: [] };
    const translation = assert.rejects(mt.translate(request, controller.signal), { name: 'AbortError' });
    controller.abort();
    await translation;
    await clock.advance(10_000);
    assert.deepEqual(asked, ['best']);
    assert.equal(clock.pendingTimers, 0);
  });
});

function emptyFirst() {
  const all = translators('best', 'next');
  const empty: MtEngine = {
    name: 'best',
    supports: async () => SUPPORTED,
    translate: async () => {
      all.asked.push('best');
      return ' ';
    },
    close: async () => {},
  };
  all.lineup.use([new ObservedMt(empty, all.observer), ...all.engines.slice(1)]);
  return all;
}

/** A synthesiser at 8 kHz; pieces are 100 ms of its own sample value. */
interface Voice {
  readonly name: string;
  readonly value: number;
  /** What it does after so many pieces. */
  atEnd?: 'breaks' | 'stops';
  pieces: number;
  /** From one piece to the next, in ms of the clock. Default none. */
  everyMs?: number;
  /** Thrown before any sound. */
  error?: unknown;
  lacks?: string;
}

function voices(...all: readonly Voice[]) {
  const { deps, ...rest } = rig();
  const asked: string[] = [];
  const engines = all.map((voice): TtsEngine => {
    const engine: TtsEngine = {
      name: voice.name,
      supports: async () => SUPPORTED,
      synthesize: async (request, signal) => {
        const called = voiceNameFor(voice.name, request.voice);
        asked.push(
          [voice.name, ...(called === undefined ? [] : [` as ${called}`]), `: ${request.text}`].join(''),
        );
        if (voice.error !== undefined || called === (voice.lacks ?? 'nobody')) {
          throw voice.error ?? new AppError('engine-refused', 'there is no such voice');
        }
        return { rateHz: 8_000, pieces: speak(voice, deps.clock, signal) };
      },
      close: async () => {},
    };
    return new ObservedTts(engine, rest.observer);
  });
  const tts = new FailoverTts(new Lineup(engines), deps);
  const request: TtsRequest = { text: 'one two three four five', language: 'en', wantedRateHz: 8_000 };
  const say = async (more: Partial<TtsRequest> = {}): Promise<readonly number[]> => {
    const { pieces } = await tts.synthesize({ ...request, ...more }, testSignal());
    const heard: number[] = [];
    for await (const piece of pieces) {
      heard.push(piece[0] ?? 0);
    }
    return heard;
  };
  return { ...rest, asked, say };
}

async function* speak(
  voice: Voice,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Int16Array, void, undefined> {
  const { everyMs = 0 } = voice;
  for (let piece = 0; piece < voice.pieces; piece += 1) {
    if (piece > 0 && everyMs > 0) {
      await clock.sleep(everyMs, signal);
    }
    yield new Int16Array(800).fill(voice.value);
  }
  if (voice.atEnd === 'breaks') {
    throw new AppError('engine-died', 'gone');
  }
  if (voice.atEnd === 'stops') {
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

describe('FailoverTts', () => {
  it('lets the next speak when the best has no sound', async () => {
    const { say, asked, clock } = voices(
      { name: 'best', value: 1, pieces: 0 },
      { name: 'next', value: 2, pieces: 2 },
    );
    const heard = say();
    await clock.advance(300);
    assert.deepEqual(await heard, [2, 2]);
    assert.deepEqual(
      asked.map((each) => each.split(':')[0]),
      ['best', 'best', 'next'],
    );
  });

  it('lets the next speak when the first sound is late by half a second', async () => {
    const { say, clock, taken } = voices(
      { name: 'best', value: 1, pieces: 0, atEnd: 'stops' },
      { name: 'next', value: 2, pieces: 2 },
    );
    const heard = say();
    await clock.advance(500);
    assert.deepEqual(await heard, [2, 2]);
    assert.deepEqual(taken(), ['tts failover best>next true 500']);
  });

  it('has the next say what was not said yet when the best breaks off', async () => {
    const { say, asked, taken } = voices(
      // 700 ms at 70 ms a character: ten of them, in the middle of "three".
      { name: 'best', value: 1, pieces: 7, atEnd: 'breaks' },
      { name: 'next', value: 2, pieces: 1 },
    );
    assert.deepEqual(await say(), [...Array(7).fill(1), 2]);
    assert.deepEqual(asked, ['best: one two three four five', 'next: three four five']);
    assert.deepEqual(taken(), ['tts failover best>next true 0']);
  });

  it('does so when the best runs dry', async () => {
    const { say, asked, clock } = voices(
      { name: 'best', value: 1, pieces: 7, atEnd: 'stops' },
      { name: 'next', value: 2, pieces: 1 },
    );
    const heard = say();
    await clock.advance(1_699);
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.deepEqual(await heard, [...Array(7).fill(1), 2]);
  });

  it('does so when the best drips: each piece comes in time, and it takes longer than it sounds', async () => {
    const { say, asked, clock } = voices(
      { name: 'best', value: 1, pieces: 100, everyMs: 350 },
      { name: 'next', value: 2, pieces: 1 },
    );
    const heard = say();
    // A piece of 100 ms each 350 ms: who hears it has waited for a second in all when the fifth is over.
    await clock.advance(1_499);
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.deepEqual(await heard, [...Array(5).fill(1), 2]);
  });

  it('does not take a stall of our own for one of the best', async () => {
    const { say, asked, clock } = voices(
      { name: 'best', value: 1, pieces: 2, everyMs: 1_200 },
      { name: 'next', value: 2, pieces: 1 },
    );
    const heard = say();
    await clock.advance(500);
    // What came meanwhile is read after it.
    clock.freeze(3_000);
    await clock.advance(0);
    assert.deepEqual(await heard, [1, 1]);
    assert.equal(asked.length, 1);
  });

  it('tells what is left of what broke off when there is nobody else', async () => {
    const { say } = voices({ name: 'best', value: 1, pieces: 7, atEnd: 'breaks' });
    await assert.rejects(say(), (error) => {
      assert.ok(error instanceof BrokenOffError);
      assert.deepEqual([error.code, error.rest], ['engine-died', 'three four five']);
      return true;
    });
  });

  it('lets an engine speak with its own voice that does not have the one asked for', async () => {
    const { say, asked } = voices(
      { name: 'best', value: 1, pieces: 1, error: LATER },
      { name: 'next', value: 2, pieces: 1, lacks: 'Ana' },
    );
    assert.deepEqual(await say({ text: 'yes', voice: { name: 'Ana' } }), [2]);
    assert.deepEqual(await say({ text: 'no', voice: { name: 'Ana' } }), [2]);
    assert.deepEqual(asked, ['best as Ana: yes', 'next as Ana: yes', 'next: yes', 'next: no']);
  });

  it('has the next speak with its own rendering of the same person', async () => {
    const { say, asked } = voices(
      { name: 'best', value: 1, pieces: 7, atEnd: 'breaks' },
      { name: 'next', value: 2, pieces: 1 },
    );
    const renderings = [
      { engine: 'best', ref: 'ana-1', isOwn: true },
      { engine: 'next', ref: '/ana-2.wav', isOwn: true },
    ] as const;
    const by: unknown[] = [];
    const heard = await say({
      voice: { name: 'Carla', renderings },
      spokenBy: (...who) => by.push(who.join()),
    });
    assert.deepEqual([heard[0], heard.at(-1)], [1, 2]);
    assert.deepEqual(by, ['best,true', 'next,true']);
    assert.deepEqual(asked, [
      'best as ana-1: one two three four five',
      'next as /ana-2.wav: three four five',
    ]);
  });

  it('has the engine speak first that has the person, wherever it stands, and the best when that fails', async () => {
    const renderings = [{ engine: 'next', ref: 'ana-2', isOwn: true }] as const;
    const own = voices({ name: 'best', value: 1, pieces: 1 }, { name: 'next', value: 2, pieces: 1 });
    assert.deepEqual(await own.say({ text: 'yes', voice: { renderings } }), [2]);
    assert.deepEqual(await own.say({ text: 'no', voice: { name: 'Carla' } }), [1]);
    assert.deepEqual(own.asked, ['next as ana-2: yes', 'best as Carla: no']);
    const failing = voices(
      { name: 'best', value: 1, pieces: 1 },
      { name: 'next', value: 2, pieces: 1, error: new AppError('engine-refused', 'the account is empty') },
    );
    assert.deepEqual(await failing.say({ text: 'yes', voice: { renderings } }), [1]);
    assert.equal(failing.asked.at(-1), 'best: yes');
    assert.deepEqual([...failing.steps.counts.voicesRefused.entries()], [], 'it says nothing of the voice');
    const gone = voices(
      { name: 'best', value: 1, pieces: 1 },
      { name: 'next', value: 2, pieces: 1, lacks: 'ana-2' },
    );
    assert.deepEqual(await gone.say({ text: 'yes', voice: { renderings } }), [2]);
    assert.deepEqual(await gone.say({ text: 'no', voice: { renderings } }), [1]);
    assert.deepEqual(gone.asked, ['next as ana-2: yes', 'next: yes', 'best: no']);
  });

  it('has the best engine speak, though only another has a voice that is like the person', async () => {
    const renderings = [{ engine: 'next', ref: 'en-us+f3' }];
    const { say, asked } = voices(
      { name: 'best', value: 1, pieces: 1 },
      { name: 'next', value: 2, pieces: 1 },
    );
    assert.deepEqual(await say({ text: 'yes', voice: { renderings } }), [1]);
    assert.deepEqual(asked, ['best: yes']);
  });

  it('speaks with the voice that was named, else with the neutral one, where a rendering is gone', async () => {
    const renderings = [{ engine: 'best', ref: 'ana-1' }];
    const { say, asked, clock, steps } = voices({ name: 'best', value: 1, pieces: 1, lacks: 'ana-1' });
    assert.deepEqual(await say({ text: 'yes', voice: { name: 'Carla', renderings } }), [1]);
    const by: unknown[] = [];
    assert.deepEqual(
      await say({ text: 'no', voice: { renderings }, spokenBy: (...who) => by.push(who.join()) }),
      [1],
    );
    assert.deepEqual(by, ['best,false']);
    await clock.advance(300_000);
    assert.deepEqual(await say({ text: 'so', voice: { renderings } }), [1]);
    assert.deepEqual([...steps.counts.voicesRefused.entries()], [['best', 2]]);
    assert.deepEqual(asked, [
      'best as ana-1: yes',
      'best as Carla: yes',
      'best: no',
      'best as ana-1: so',
      'best: so',
    ]);
  });

  it('keeps speed, pitch and loudness whatever the voice', () => {
    const renderings = [{ engine: 'best', ref: 'ana-1' }];
    const { likest, neutral } = voicesFor('next', { name: 'Carla', renderings, speed: 1.1, gainDb: -3 });
    assert.deepEqual(likest, [
      { called: 'Carla', said: { voice: { name: 'Carla', speed: 1.1, gainDb: -3 } } },
    ]);
    assert.deepEqual(neutral, { voice: { speed: 1.1, gainDb: -3 } });
  });

  it('takes of a manner what all of its engines take', () => {
    const range = (least: number, most: number) => ({ least, most });
    const wide = { speed: range(0.5, 2), pitchSt: range(-6, 6), emotion: true } as const;
    assert.deepEqual(traitsOfAll([wide, { speed: range(0.7, 3), pitchSt: range(7, 9), emotion: true }]), {
      speed: range(0.7, 2),
      emotion: true,
    });
    assert.deepEqual(traitsOfAll([wide, {}]), {});
    assert.deepEqual(traitsOfAll([]), {});
  });

  it('blames no engine, and asks no other, for a text without a sound', async () => {
    const { say, asked } = voices(
      { name: 'best', value: 1, pieces: 1, error: new AppError('text-unspeakable', 'no sound for this') },
      { name: 'next', value: 2, pieces: 1 },
    );
    await assert.rejects(say(), { code: 'text-unspeakable' });
    assert.equal(asked.length, 1);
  });
});

describe('SpokenRate', () => {
  it('is what is usual until an engine has spoken a text in the language, then its own', () => {
    const rate = new SpokenRate();
    const text = 'a text of thirty characters...';
    rate.learn('quick', text, 'es', 900);
    rate.learn('quick', 'short', 'es', 900);
    assert.deepEqual(
      [
        rate.msPerCharacter('quick', 'es'),
        rate.msPerCharacter('slow', 'es'),
        rate.msPerCharacter('quick', 'fr'),
      ],
      [30, 70, 70],
    );
    rate.learn('quick', text, 'es', 1_800);
    assert.ok(rate.msPerCharacter('quick', 'es') > 45, 'the latest text weighs most');
  });
});

describe('unspokenOf', () => {
  const table = [
    ['one two three', 0, 'one two three'],
    ['one two three', 3, 'one two three'],
    ['one two three', 4, 'two three'],
    ['one two three', 10, 'three'],
    ['one two three', 13, ''],
    ['今日はいい天気です', 3, 'いい天気です'],
  ] as const;
  for (const [text, characters, rest] of table) {
    it(`leaves "${rest}" of "${text}" after ${characters} characters`, () => {
      assert.equal(unspokenOf(text, 100, characters * 100), rest);
    });
  }
});

describe('FailoverStt', () => {
  function recognisers(...names: readonly string[]) {
    const all = rig();
    const opened: string[] = [];
    const closed: string[] = [];
    const errors = new Map<string, Error>();
    const slow = new Set<string>();
    const says = new Map<string, (event: SttEvent) => void>();
    const engines = names.map((name): SttEngine => {
      const engine: SttEngine = {
        name,
        capabilities: { lowestWireRateHz: 8_000 },
        supports: async () => SUPPORTED,
        open: async ({ onEvent }, signal) => {
          opened.push(name);
          says.set(name, onEvent);
          const error = errors.get(name);
          if (error !== undefined) {
            throw error;
          }
          if (slow.has(name)) {
            // It opens in the end, whether it is wanted or not.
            await all.clock.sleep(3_000, AbortSignal.any([]));
          }
          signal.throwIfAborted();
          return {
            startUtterance: () => {},
            write: () => {},
            flush: () => {},
            endUtterance: () => {},
            droppedMs: 0,
            close: async () => {
              closed.push(name);
            },
          };
        },
        close: async () => {},
      };
      return new ObservedStt(engine, all.observer);
    });
    const lineup = new Lineup(engines);
    const stt = new FailoverStt(lineup, all.deps);
    const heard: SttEvent[] = [];
    const open = (more: Partial<SttStreamOptions> = {}) =>
      stt.open({ language: 'en', onEvent: (event) => heard.push(event), ...more }, testSignal());
    return { ...all, opened, closed, errors, slow, says, heard, stt, open };
  }

  it('has it in the log once of each engine that it listens without the terms of calls', async () => {
    const { clock, deps } = rig();
    const lines: unknown[] = [];
    const warn = (data: Readonly<Record<string, unknown>>): void => {
      lines.push(data);
    };
    const steps = new RecoverySteps(clock, { ...silentLog, warn });
    const error = new AppError('engine-refused', 'best refuses the request');
    const engine: SttEngine = {
      name: 'best',
      capabilities: { lowestWireRateHz: 8_000 },
      supports: async () => SUPPORTED,
      open: async ({ onTermsRefused }) => {
        onTermsRefused?.(error);
        return {
          ...{ startUtterance: () => {}, write: () => {}, flush: () => {}, endUtterance: () => {} },
          ...{ droppedMs: 0, close: async () => {} },
        };
      },
      close: async () => {},
    };
    const stt = new FailoverStt(new Lineup([engine]), { ...deps, steps });
    for (let call = 0; call < 2; call += 1) {
      await stt.open({ language: 'en', terms: ['claim'], onEvent: () => {} }, testSignal());
    }
    assert.deepEqual(lines, [{ engine: 'best', code: 'engine-refused', reason: 'best refuses the request' }]);
  });

  it('opens a stream of the next engine when the best cannot be reached', async () => {
    const { open, errors, opened } = recognisers('best', 'next');
    errors.set('best', LATER);
    const stream = await open();
    assert.equal(stream.choice?.engine, 'next');
    assert.deepEqual(opened, ['best', 'next']);
  });

  it('does not wait to try a dead engine again where there is another', async () => {
    const { open, errors, opened } = recognisers('best', 'next');
    errors.set('best', DEAD);
    const stream = await open();
    assert.equal(stream.choice?.engine, 'next');
    assert.deepEqual(opened, ['best', 'next']);
  });

  it('opens one beside a stream that takes longer than a second', async () => {
    const { open, slow, clock } = recognisers('best', 'next');
    slow.add('best');
    const opening = open();
    await clock.advance(1_000);
    const stream = await opening;
    assert.equal(stream.choice?.engine, 'next');
    await clock.advance(2_000);
  });

  it('prefers another when a stream was lost a moment ago, and notes what was done', async () => {
    const { open, says, clock, taken } = recognisers('best', 'next');
    await open();
    const error = new AppError('engine-died', 'gone');
    says.get('best')?.({ type: 'failed', error });
    const atMs = clock.nowMs();
    await clock.advance(100);
    const stream = await open({ after: { engine: 'best', error, atMs } });
    assert.equal(stream.choice?.engine, 'next');
    assert.deepEqual(taken(), ['stt failover best>next true 100']);
    assert.equal(stream.choice?.outdone, false);
    await clock.advance(2_000);
    assert.equal(stream.choice?.outdone, true);
  });

  it('opens beside a silent stream one of the same engine, or of another where that is wanted or it is benched', async () => {
    const { open, opened, health } = recognisers('best', 'next');
    await open({ beside: { engine: 'best', other: false } });
    await open({ beside: { engine: 'best', other: true } });
    assert.deepEqual(opened, ['best', 'next']);
    health.blame({ component: 'stt', engine: 'best' }, faultOf(LATER));
    await open({ beside: { engine: 'best', other: false } });
    assert.deepEqual(opened, ['best', 'next', 'next']);
  });

  it('opens none beside a silent stream when another engine is wanted and there is none', async () => {
    const { open, opened } = recognisers('best');
    await assert.rejects(open({ beside: { engine: 'best', other: true } }), { code: 'engine-overloaded' });
    assert.deepEqual(opened, []);
  });

  it('tells from several streams that are doubted whether it is the engine that is silent', async () => {
    const { open, says, clock } = recognisers('best');
    const streams = await Promise.all([open(), open()]);
    const listened = { type: 'listened', utterance: 1 } as const;
    says.get('best')?.(listened);
    const doubts = streams.map(({ choice }) => choice?.doubt());
    const general = () => doubts.map((doubt) => doubt?.isGeneral);
    assert.deepEqual(general(), [false, false]);
    await clock.advance(1_000);
    assert.deepEqual(general(), [true, true]);
    says.get('best')?.(listened);
    assert.deepEqual(general(), [false, false]);
    await clock.advance(1_000);
    doubts[1]?.forget();
    assert.equal(doubts[0]?.isGeneral, false);
  });

  it('blames an engine for a stream that was dead, not for a false alarm, and counts both once', async () => {
    const { open, health, steps } = recognisers('best', 'next');
    const { choice } = await open();
    const [dead, wrong] = [choice?.doubt(), choice?.doubt()];
    const failures = () => health.engines().map((each) => each.failures);
    wrong?.wrong();
    wrong?.right(DEAD);
    assert.deepEqual(failures(), [0, 0]);
    dead?.right(DEAD);
    dead?.forget();
    assert.deepEqual(failures(), [1, 0]);
    assert.deepEqual(
      [...steps.counts.streamDoubts.entries()],
      [
        ['false-alarm', 1],
        ['dead', 1],
      ],
    );
  });

  it('notes that a stream took over from one beside which it was opened', async () => {
    const { open, clock, taken } = recognisers('best', 'next');
    const same = await open();
    const other = await open({ beside: { engine: 'best', other: true } });
    const lost = { engine: 'best', error: DEAD, atMs: clock.nowMs() };
    await clock.advance(50);
    same.choice?.tookOver(lost);
    other.choice?.tookOver(lost);
    assert.deepEqual(taken(), ['stt hard best>best true 50', 'stt failover best>next true 50']);
  });

  it('asks nobody who is on the bench, and says when there is somebody again', async () => {
    const { open, errors, opened, health, stt } = recognisers('best');
    errors.set('best', new RefusalError('engine-refused', 'wrong key', 401, undefined));
    await assert.rejects(open(), { code: 'engine-refused' });
    await assert.rejects(open(), { code: 'engine-refused' });
    assert.deepEqual(opened, ['best']);
    const ready = stt.ready(testSignal());
    health.tried({ component: 'stt', engine: 'best' }, undefined);
    await ready;
  });

  it('passes on what its stream says, and nothing of one that was opened beside it', async () => {
    const { open, slow, says, heard, clock } = recognisers('best', 'next');
    slow.add('best');
    const opening = open();
    await clock.advance(1_000);
    await opening;
    const final = { type: 'final', utterance: 1, words: [] } as const;
    says.get('best')?.({ ...final, text: 'of the best' });
    says.get('next')?.({ ...final, text: 'of the next' });
    assert.deepEqual(
      heard.map((event) => event.type === 'final' && event.text),
      ['of the next'],
    );
    await clock.advance(2_000);
  });
});

describe('UsualSilence', () => {
  /** Of a recogniser that took so long to the first sign in some utterances. */
  function usual(utterances: number, firstSignMs: number): UsualSilence {
    const silence = new UsualSilence();
    for (let time = 0; time < utterances; time += 1) {
      silence.heardFirst(firstSignMs);
    }
    return silence;
  }

  it('finds no silence strange before it knows what is usual', () => {
    assert.equal(usual(2, 300).strangeAfterMs('first-sign', 200), undefined);
    assert.equal(usual(3, 300).strangeAfterMs('first-sign', 200), 1_200);
  });

  it('waits three times as long as is usual, and longer when it doubted for nothing, for a while', () => {
    const words = usual(3, 800);
    assert.equal(words.strangeAfterMs('first-sign', undefined), 2_400);
    words.doubtedForNothing();
    assert.equal(words.strangeAfterMs('first-sign', undefined), 4_800);
    for (let time = 0; time < 20; time += 1) {
      words.heardFirst(800);
    }
    assert.equal(words.strangeAfterMs('first-sign', undefined), 2_400);
    words.doubtedForNothing();
    words.doubtedRightly();
    assert.equal(words.strangeAfterMs('first-sign', undefined), 2_400);
  });

  it('knows how long finals and the time between two signs usually take, once it has been told', () => {
    const words = usual(3, 500);
    assert.equal(words.strangeAfterMs('final', undefined), 3_000);
    assert.equal(words.strangeAfterMs('final', 600), 1_800);
    assert.equal(words.strangeAfterMs('next-sign', 600), 3_000);
    for (const longestMs of [200, 900, 250]) {
      words.paused(longestMs);
    }
    assert.equal(words.strangeAfterMs('next-sign', 600), 1_800);
  });
});
