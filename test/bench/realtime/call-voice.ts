/**
 * What the telephone of a caller sends in the live bench, frame by frame. Each turn begins with 60 ms of a tone whose
 * pitch says which call it is of: all that a recogniser gets is sound.
 */

import { FRAME_MS, frameSamples } from '../../../src/base/units.ts';
import type { Burst } from '../../stand-ins/deepgram-ear.ts';
import { Random } from '../interpret/random.ts';
import type { TimedWord } from '../interpret/timelines.ts';
import { movingVoice } from '../moving-voice.ts';
import type { LiveTurn } from './live-turns.ts';

/** Frames of the tone at the beginning of a turn. */
const TONE_FRAMES = 3;
/** It swells for so long, in ms: a tone that begins at once rings when it is converted, and has no clear pitch. */
const SWELL_MS = 5;
const TONE_PEAK = 8_000;
/** Peak of the line's noise: about -62 dBFS. */
const NOISE_PEAK = 45;
/** Pitch of the first call, and from one to the next: 40 ms of a tone tell pitches apart that differ by 12.5 Hz. */
const FIRST_HZ = 400;
const STEP_HZ = 60;

/** A voice has harmonics, and is below; the tone swells and its line has noise. */
const LEAST_PURITY = 0.8;

type Sound = Pick<Burst, 'pitchHz' | 'purity'>;

export class CallVoice {
  readonly #call: number;
  readonly #turns: readonly LiveTurn[];
  readonly #rateHz: number;
  readonly #voice: Int16Array;
  readonly #frame: Int16Array;
  readonly #random: Random;
  /** The turn that goes on or comes next. */
  #turn = 0;

  /**
   * @param turns what is said; none is a party that only listens.
   * @param voiceHz the mean pitch of the voice that says it.
   */
  constructor(call: number, turns: readonly LiveTurn[], rateHz: number, voiceHz?: number) {
    this.#call = call;
    this.#turns = turns;
    this.#rateHz = rateHz;
    this.#voice = movingVoice(rateHz, voiceHz);
    this.#frame = new Int16Array(frameSamples(rateHz));
    this.#random = new Random(call);
  }

  /** Frame `number`, which must not be lower than before; good until the next call. */
  frame(number: number): Int16Array {
    const frame = this.#frame;
    for (let i = 0; i < frame.length; i += 1) {
      frame[i] = Math.round(this.#random.between(-NOISE_PEAK, NOISE_PEAK));
    }
    let turn = this.#turns[this.#turn];
    if (turn !== undefined && number > lastFrameOf(turn)) {
      this.#turn += 1;
      turn = this.#turns[this.#turn];
    }
    const place = number - (turn?.startFrame ?? Number.POSITIVE_INFINITY);
    if (turn !== undefined && place >= 0) {
      this.#putWords(frame, turn.words, place * frame.length);
      if (place < TONE_FRAMES) {
        this.#putTone(frame, place * frame.length);
      }
    }
    return frame;
  }

  /** Puts a voice where a word is said. @param from the first sample of `frame`, in the turn. */
  #putWords(frame: Int16Array, words: readonly TimedWord[], from: number): void {
    const voice = this.#voice;
    for (const { startMs, endMs } of words) {
      const first = Math.max(0, Math.round((startMs * this.#rateHz) / 1_000) - from);
      const end = Math.min(frame.length, Math.round((endMs * this.#rateHz) / 1_000) - from);
      for (let i = first; i < end; i += 1) {
        frame[i] = voice[(from + i) % voice.length] ?? 0;
      }
    }
  }

  #putTone(frame: Int16Array, from: number): void {
    const step = (2 * Math.PI * pitchOf(this.#call)) / this.#rateHz;
    for (let i = 0; i < frame.length; i += 1) {
      const swell = Math.min(1, ((from + i + 1) * 1_000) / (SWELL_MS * this.#rateHz));
      frame[i] = Math.round(swell * TONE_PEAK * Math.sin(step * (from + i + 0.5)));
    }
  }
}

/** The frame that holds the sample before `endMs` of a turn. */
export function frameAt(turn: LiveTurn, endMs: number): number {
  return turn.startFrame + Math.ceil(endMs / FRAME_MS) - 1;
}

export function pitchOf(call: number): number {
  return FIRST_HZ + call * STEP_HZ;
}

/** The call a turn is of, or undefined for any other sound, such as that with which a server tries its recogniser. */
export function callOfSound({ pitchHz, purity }: Sound, calls: number): number | undefined {
  // Adding zero makes a negative zero positive.
  const call = Math.round((pitchHz - FIRST_HZ) / STEP_HZ) + 0;
  const isTone = purity > LEAST_PURITY && Math.abs(pitchHz - pitchOf(call)) < STEP_HZ / 4;
  return isTone && call >= 0 && call < calls ? call : undefined;
}

function lastFrameOf(turn: LiveTurn): number {
  return frameAt(turn, turn.lengthMs);
}
