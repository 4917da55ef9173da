/**
 * Tries every engine of a direction for real, which shows that it works, how long it takes, and leaves it warm:
 * models loaded, pipelines running. Each is tried twice and the second time is told, because the first one
 * includes loading; speech translators, which bill by the minute, are only connected to. What fails is in the result,
 * never thrown.
 */

import type { Clock } from '../base/clock.ts';
import { AppError, asError, isAbort } from '../base/errors.ts';
import { baseLanguage, type Language } from '../base/language.ts';
import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../media/resampler.ts';
import { SampleFifo } from '../media/sample-fifo.ts';
import { loadMediaModules } from '../media/wasm.ts';
import type { Component, DirectionEngines } from './choose.ts';
import type { MtEngine } from './mt/mt-engine.ts';
import type { SpeechTranslator } from './s2s/speech-translator.ts';
import type { SttEngine, SttEvent } from './stt/stt-engine.ts';
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

/**
 * Tries all engines of `direction`, kind by kind so that they do not slow each other.
 * @param speakers synthesis engines that may speak the source language to the recogniser; silence is used without.
 * @throws the signal's reason when it aborts.
 */
export async function tryOutEngines(
  direction: DirectionEngines,
  speakers: readonly TtsEngine[],
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly TryOutResult[]> {
  const { from, to } = direction;
  const results: TryOutResult[] = [];
  for (const engine of direction.mt) {
    results.push(
      await attempt('mt', engine.name, signal, () => timeTranslation(engine, from, to, clock, signal)),
    );
  }
  results.push(...(await tryOutSpeakers(direction.tts, to, clock, signal)));
  const speech = await sourceSpeech(speakers, from, signal);
  for (const engine of direction.stt) {
    results.push(
      await attempt('stt', engine.name, signal, () => timeFinal(engine, from, speech, clock, signal)),
    );
  }
  return results;
}

/** Tries synthesis engines in one language, as {@link tryOutEngines} does. */
export async function tryOutSpeakers(
  engines: readonly TtsEngine[],
  language: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly TryOutResult[]> {
  const results: TryOutResult[] = [];
  for (const engine of engines) {
    results.push(
      await attempt('tts', engine.name, signal, () => timeFirstSound(engine, language, clock, signal)),
    );
  }
  return results;
}

/** Opens a stream, once, and closes it: whether the address and the key are right is known then, and hardly paid for. */
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

async function attempt(
  component: Component,
  engine: string,
  signal: AbortSignal,
  measure: () => Promise<number>,
): Promise<TryOutResult> {
  try {
    await measure();
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
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const startMs = clock.nowMs();
  const speech = await engine.synthesize(
    { text: sentenceOf(language), language, wantedRateHz: SPEECH_HZ },
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

/** A sentence in `language` at 16 kHz, from the first engine that speaks it, else a second of silence. */
async function sourceSpeech(
  speakers: readonly TtsEngine[],
  language: Language,
  signal: AbortSignal,
): Promise<Int16Array> {
  for (const speaker of speakers) {
    try {
      if ((await speaker.supports(language)).supported) {
        const request = { text: sentenceOf(language), language, wantedRateHz: SPEECH_HZ };
        const { rateHz, pieces } = await speaker.synthesize(request, signal);
        return await atSpeechRate(rateHz, pieces);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isAbort(error)) {
        throw error;
      }
      // Its own try tells what is wrong with it; the recogniser is tried on silence.
    }
  }
  return new Int16Array(SPEECH_HZ);
}

/** All of `pieces` at the rate that recognition takes. */
async function atSpeechRate(rateHz: number, pieces: AsyncIterable<Int16Array>): Promise<Int16Array> {
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
