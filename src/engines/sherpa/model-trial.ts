/**
 * What a model costs on this machine: it is loaded by itself, given some seconds of sound or a sentence, and let go.
 * For an operator who chooses one; calls load their own.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { baseLanguage, type Language } from '../../base/language.ts';
import { SAMPLE_BYTES, SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import { askModel } from './ask-model.ts';
import { ModelPool } from './model-pool.ts';
import type { ModelProcess } from './model-process.ts';
import { modelSpeech } from './model-speech.ts';
import { MESSAGE, type ModelOrder, pcmBytes } from './model-wire.ts';
import { findRecogniser } from './recogniser-models.ts';
import { findSpeakerModel } from './speaker-model.ts';
import { findVoice } from './voice-models.ts';

export interface ModelTrial {
  /** As a person calls it: `zipformer transducer, hears as it goes`. */
  readonly what: string;
  /** Of its files. */
  readonly bytes: number;
  readonly loadMs: number;
  /** What its process takes of the machine. */
  readonly residentBytes: number;
  /** How much sound was heard or made. */
  readonly soundMs: number;
  /** How long that took. */
  readonly workMs: number;
}

/** Sound that is heard: enough that the first piece of it does not count for all. */
const HEARD_MS = 5_000;
/** Faint noise: some models do nothing in silence. */
const NOISE = 200;
/** Longer than any sentence of a trial, in bytes. */
const MOST_SPEECH_BYTES = 10_000_000;

/** @throws AppError that says what is wrong with the model; the signal's reason. */
export async function tryRecogniser(
  folder: string,
  language: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<ModelTrial> {
  const { family, hears, config, leadMs, tailMs, bytes } = await findRecogniser(folder, language);
  const order = { use: hears, config, leadMs, tailMs };
  const what = `${family}, hears ${hears === 'streams' ? 'as it goes' : 'whole utterances'}`;
  return tried({ what, bytes }, folder, order, clock, signal, async (process) => {
    await (hears === 'streams' ? streamed(process, baseLanguage(language), signal) : asked(process, signal));
    return HEARD_MS;
  });
}

/** @param text that is spoken. @throws as {@link tryRecogniser}. */
export async function tryVoice(
  folder: string,
  language: Language,
  text: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ModelTrial> {
  const { family, config, bytes, imitates } = await findVoice(folder, language);
  const order = { use: 'speak', config, leadMs: 0, tailMs: 0 } as const;
  return tried({ what: family, bytes }, folder, order, clock, signal, async (process) => {
    const recording = imitates ? { rateHz: SPEECH_HZ, pcm: noise(HEARD_MS) } : undefined;
    let spokenBytes = 0;
    for await (const piece of modelSpeech(
      process,
      { text, speaker: 0, speed: 1, recording },
      MOST_SPEECH_BYTES,
      signal,
    )) {
      spokenBytes += piece.length;
    }
    if (spokenBytes === 0) {
      throw new AppError('engine-bad-answer', `sherpa: the voice in ${folder} made no sound`);
    }
    return samplesToMs(spokenBytes / SAMPLE_BYTES, process.facts.rateHz);
  });
}

/** @throws as {@link tryRecogniser}. */
export async function trySpeakerModel(file: string, clock: Clock, signal: AbortSignal): Promise<ModelTrial> {
  const { config, bytes } = await findSpeakerModel(file);
  const order = { use: 'embed', config, leadMs: 0, tailMs: 0 } as const;
  const what = 'tells voices apart';
  return tried({ what, bytes }, file, order, clock, signal, async (process) => {
    await askModel(
      process,
      MESSAGE.embed,
      pcmBytes(noise(HEARD_MS)),
      ({ type }) => type === MESSAGE.vector || undefined,
      signal,
    );
    return HEARD_MS;
  });
}

async function tried(
  model: Pick<ModelTrial, 'what' | 'bytes'>,
  path: string,
  order: Omit<ModelOrder, 'packageFolder'>,
  clock: Clock,
  signal: AbortSignal,
  work: (process: ModelProcess) => Promise<number>,
): Promise<ModelTrial> {
  const pool = new ModelPool({ clock });
  try {
    const process = await pool.get({ key: path, shown: path, order }, signal);
    const { loadMs, residentBytes } = process.facts;
    const startMs = clock.nowMs();
    const soundMs = await work(process);
    return { ...model, loadMs, residentBytes, soundMs, workMs: clock.nowMs() - startMs };
  } finally {
    await pool.close();
  }
}

/** All of it as one utterance, given at once. */
function streamed(process: ModelProcess, language: string, signal: AbortSignal): Promise<true> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const line = process.line(({ type }) => {
      if (type === MESSAGE.final) {
        line.close();
        resolve(true);
      }
    }, reject);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    line.send(MESSAGE.begin, Buffer.from(language));
    line.send(MESSAGE.audio, pcmBytes(noise(HEARD_MS)));
    line.send(MESSAGE.end);
    line.setOwed(true);
  });
}

function asked(process: ModelProcess, signal: AbortSignal): Promise<true> {
  return askModel(
    process,
    MESSAGE.hear,
    pcmBytes(noise(HEARD_MS)),
    ({ type }) => type === MESSAGE.final || undefined,
    signal,
  );
}

function noise(lengthMs: number): Int16Array {
  let seed = 1;
  return Int16Array.from({ length: (SPEECH_HZ * lengthMs) / 1_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return Math.round((seed / 2_147_483_647 - 0.5) * NOISE);
  });
}
