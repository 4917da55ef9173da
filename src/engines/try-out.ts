/**
 * Tries an engine for real, which shows that it works, how long it takes, and leaves it warm: models loaded, pipelines
 * running. Each is tried twice and the second time is told, because the first one includes loading, for which it may
 * take too long; speech translators, which bill by the minute, are only connected to. What fails is in the result; only
 * an aborted signal throws its reason.
 */

import type { Clock } from '../base/clock.ts';
import { AppError, asError, codeOf, isAbort } from '../base/errors.ts';
import { baseLanguage, type Language } from '../base/language.ts';
import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../media/dsp/resampler.ts';
import { SampleFifo } from '../media/dsp/sample-fifo.ts';
import { loadMediaModules } from '../media/dsp/wasm.ts';
import type { MtEngine } from './mt/mt-engine.ts';
import type { SpeechTranslator } from './s2s/speech-translator.ts';
import type { SttEngine, SttEvent } from './stt/stt-engine.ts';
import type { Component } from './support.ts';
import type { TtsEngine } from './tts/tts-engine.ts';

/** How one engine did. */
export interface TryOutResult {
  readonly component: Component;
  readonly engine: string;
  /**
   * How long the warm try took, in ms: STT to the final of an utterance given at once, MT the whole, TTS to the first
   * sound, S2S to a stream that is open.
   */
  readonly ms: number;
  readonly error?: Error;
}

/** What is said in a try; a language without a sentence of its own counts, which everyone can. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ca', 'Bon dia'],
  ['de', 'Guten Morgen'],
  ['en', 'good morning'],
  ['es', 'buenos días'],
  ['fr', 'bonjour'],
  ['it', 'buongiorno'],
  ['pt', 'bom dia'],
]);

/** Tries a translation engine: a whole sentence. */
export function tryOutTranslation(
  engine: MtEngine,
  from: Language,
  to: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<TryOutResult> {
  return attempt('mt', engine.name, signal, () => timeTranslation(engine, from, to, clock, signal));
}

/**
 * Tries a synthesis engine: a whole sentence, in the voice of calls. Of an engine that speaks with its own voice and
 * not with the one it is given, the error says so, as `engine-refused`.
 * @param voice default the engine's own.
 */
export async function tryOutSynthesis(
  engine: TtsEngine,
  language: Language,
  voice: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<TryOutResult> {
  const tryWith = (each: string | undefined): Promise<TryOutResult> =>
    attempt('tts', engine.name, signal, () => timeFirstSound(engine, language, each, clock, signal));
  const result = await tryWith(voice);
  if (result.error === undefined || voice === undefined || (await tryWith(undefined)).error !== undefined) {
    return result;
  }
  const sentence =
    `${engine.name} speaks ${language}, but not with the voice "${voice}" (${result.error.message}): ` +
    `write another with --voice ${language}=NAME, or none`;
  return { ...result, error: new AppError('engine-refused', sentence, result.error) };
}

/** Tries a recognition engine. @param speech in `language` at 16 kHz: of {@link speechIn}. */
export function tryOutRecognition(
  engine: SttEngine,
  language: Language,
  speech: Int16Array,
  clock: Clock,
  signal: AbortSignal,
): Promise<TryOutResult> {
  return attempt('stt', engine.name, signal, () => timeFinal(engine, language, speech, clock, signal));
}

/**
 * Opens a stream, once, and closes it: whether the address and the key are right is known then, and hardly paid for.
 */
export async function tryOutTranslator(
  translator: SpeechTranslator,
  from: Language,
  to: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<TryOutResult> {
  const result = { component: 's2s', engine: translator.name } as const;
  try {
    const startMs = clock.nowMs();
    const options = { from, to, wantedRateHz: SPEECH_HZ, onEvent: () => {} };
    const stream = await translator.open(options, signal);
    const ms = clock.nowMs() - startMs;
    await stream.close();
    return { ...result, ms };
  } catch (error) {
    signal.throwIfAborted();
    return { ...result, ms: 0, error: asError(error) };
  }
}

/** A sentence to be recognised, at 16 kHz, from the first engine that speaks `language`; undefined where none does. */
export async function speechIn(
  language: Language,
  engines: readonly TtsEngine[],
  signal: AbortSignal,
): Promise<Int16Array | undefined> {
  for (const engine of engines) {
    try {
      if ((await engine.supports(language)).supported) {
        const request = { text: sentenceOf(language), language, wantedRateHz: SPEECH_HZ };
        const { rateHz, pieces } = await engine.synthesize(request, signal);
        return await atSpeechRate(rateHz, pieces);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isAbort(error)) {
        throw error;
      }
      // Its own try tells what is wrong with it.
    }
  }
  return undefined;
}

async function attempt(
  component: Component,
  engine: string,
  signal: AbortSignal,
  measure: () => Promise<number>,
): Promise<TryOutResult> {
  try {
    await measure().catch((error: unknown) => {
      signal.throwIfAborted();
      // Whoever is late while it loads, or while all engines of a start are tried at once, may be in time when it is warm.
      if (codeOf(error) !== 'engine-timeout') {
        throw error;
      }
    });
    return { component, engine, ms: await measure() };
  } catch (error) {
    signal.throwIfAborted();
    return { component, engine, ms: 0, error: asError(error) };
  }
}

async function timeTranslation(
  engine: MtEngine,
  from: Language,
  to: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const startMs = clock.nowMs();
  const text = await engine.translate({ text: sentenceOf(from), from, to, context: [] }, signal);
  if (text === '') {
    throw new AppError('engine-bad-answer', `${engine.name} translated a sentence to nothing`);
  }
  return clock.nowMs() - startMs;
}

async function timeFirstSound(
  engine: TtsEngine,
  language: Language,
  voice: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const startMs = clock.nowMs();
  const request = { text: sentenceOf(language), language, wantedRateHz: SPEECH_HZ };
  const speech = await engine.synthesize(
    voice === undefined ? request : { ...request, voice: { name: voice } },
    signal,
  );
  let firstMs: number | undefined;
  for await (const _ of speech.pieces) {
    firstMs ??= clock.nowMs() - startMs;
  }
  if (firstMs === undefined) {
    throw new AppError('engine-bad-answer', `${engine.name} gave no sound`);
  }
  return firstMs;
}

async function timeFinal(
  engine: SttEngine,
  language: Language,
  speech: Int16Array,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  let onEvent: (event: SttEvent) => void = () => {};
  const over = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    onEvent = (event) => {
      if (event.type === 'final') {
        resolve();
      } else if (event.type === 'failed') {
        reject(event.error);
      }
    };
  });
  // Its failure is told by the await below, unless opening fails first.
  over.catch(() => {});
  const stream = await engine.open({ language, onEvent }, signal);
  try {
    const startMs = clock.nowMs();
    stream.startUtterance(1);
    for (let i = 0; i < speech.length; i += SPEECH_FRAME_SAMPLES) {
      stream.write(speech.slice(i, i + SPEECH_FRAME_SAMPLES));
    }
    stream.endUtterance();
    await over;
    return clock.nowMs() - startMs;
  } finally {
    await stream.close();
  }
}

/** All of `pieces` at the rate that recognition takes. */
export async function atSpeechRate(rateHz: number, pieces: AsyncIterable<Int16Array>): Promise<Int16Array> {
  const resampler = new Resampler(await loadMediaModules(), rateHz, SPEECH_HZ, SPEECH_QUALITY);
  const fifo = new SampleFifo();
  try {
    for await (const piece of pieces) {
      fifo.push(resampler.process(piece));
    }
  } finally {
    resampler.close();
  }
  const speech = new Int16Array(fifo.length);
  fifo.take(speech);
  return speech;
}

function sentenceOf(language: Language): string {
  return SENTENCES.get(baseLanguage(language)) ?? '1 2 3';
}
