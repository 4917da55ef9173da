/**
 * Synthesis that begins as soon as an engine of the profile would and then makes sound three times as fast as it is
 * heard: a tone, so long as the words would take, with the silence at both ends that engines leave (eSpeak NG leaves
 * 150 to 300 ms after a phrase).
 */

import type { Clock, Timer } from '../../../src/base/clock.ts';
import { SUPPORTED, type Support } from '../../../src/engines/support.ts';
import { SpeechPieces } from '../../../src/engines/tts/speech-pieces.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../../../src/engines/tts/tts-engine.ts';
import type { EngineProfile } from './engine-profiles.ts';
import { randomOf } from './random.ts';
import { translatedSound } from './speech-sound.ts';
import { wordsOf } from './word-truth.ts';

const RATE_HZ = 16_000;
/** Sound in one piece, in ms. */
const PIECE_MS = 100;
/** Time to make a second of sound, in s. */
const REAL_TIME_FACTOR = 0.3;
/** Deviation of the logarithm of the time to the first piece. */
const SIGMA = 0.1;
/** Silence before and after the sound of a segment, part of its length. */
const LEAD_MS = 40;
const TAIL_MS = 160;
/** The sound ends on a multiple of this. */
const GRAIN_MS = 20;

const PIECE = translatedSound(PIECE_MS, RATE_HZ);

export interface TtsCall {
  readonly text: string;
  readonly askedMs: number;
  firstMs: number | undefined;
  readonly durationMs: number;
}

export class TimelineTts implements TtsEngine {
  readonly name = 'timeline-tts';
  /** What it was asked since the last {@link forget}. */
  readonly calls: TtsCall[] = [];
  readonly #clock: Clock;
  readonly #profile: EngineProfile;
  readonly #seed: number;
  readonly #wordMs: number;

  /** @param wordMs how long it speaks on one word. */
  constructor(clock: Clock, profile: EngineProfile, seed: number, wordMs: number) {
    this.#clock = clock;
    this.#profile = profile;
    this.#seed = seed;
    this.#wordMs = wordMs;
  }

  forget(): void {
    this.calls.length = 0;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    const { text } = request;
    const durationMs = Math.ceil((wordsOf(text).length * this.#wordMs) / GRAIN_MS) * GRAIN_MS;
    const call: TtsCall = { text, askedMs: this.#clock.nowMs(), firstMs: undefined, durationMs };
    this.calls.push(call);
    const jitter = randomOf(this.#seed, text).lognormal(1, SIGMA * this.#profile.spread);
    await this.#clock.sleep(this.#profile.ttsMs * jitter, signal);
    call.firstMs = this.#clock.nowMs();
    const pieces = new SpeechPieces();
    this.#make(pieces, durationMs, signal);
    return { rateHz: RATE_HZ, pieces };
  }

  async close(): Promise<void> {}

  /** Makes piece after piece until all are made, or nobody wants them. */
  #make(pieces: SpeechPieces, durationMs: number, signal: AbortSignal): void {
    let madeMs = 0;
    let timer: Timer | undefined;
    const onAbort = (): void => {
      timer?.cancel();
      pieces.fail(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const next = (): void => {
      const pieceMs = Math.min(PIECE_MS, durationMs - madeMs);
      pieces.push(soundOf(madeMs, pieceMs, durationMs));
      madeMs += pieceMs;
      if (madeMs >= durationMs) {
        signal.removeEventListener('abort', onAbort);
        pieces.complete();
      } else {
        timer = this.#clock.at(this.#clock.nowMs() + pieceMs * REAL_TIME_FACTOR, next);
      }
    };
    next();
  }
}

/** A piece of a segment of `durationMs`, from `fromMs` on: the tone but for the silence at the segment's ends. */
function soundOf(fromMs: number, pieceMs: number, durationMs: number): Int16Array {
  const pcm = PIECE.slice(0, (pieceMs * RATE_HZ) / 1_000);
  const sampleAt = (ms: number): number =>
    Math.max(0, Math.min(pcm.length, ((ms - fromMs) * RATE_HZ) / 1_000));
  pcm.fill(0, 0, sampleAt(LEAD_MS));
  pcm.fill(0, sampleAt(durationMs - TAIL_MS));
  return pcm;
}
