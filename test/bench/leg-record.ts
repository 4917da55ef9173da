/**
 * What one generated leg sent and heard, frame by frame, as arrays that cost nothing to fill and cross between
 * processes as they are. Judging is done afterwards (`media-analysis.ts`), so that measuring stays light.
 */

/** Values of {@link LegRecord.numbers} for frames that are not one of the partner's, bit for bit. */
export const HEARD = {
  /** Every sample is zero: the server had nothing to say. */
  silence: -1,
  /** Something else: resampled, sped up, mixed, or noise. */
  changed: -2,
  /** A frame of a leg that is not the partner: a stranger was heard. */
  stranger: -3,
  /** The partner's voice as it was sent, but not from the start of a frame. */
  shifted: -4,
} as const;

/** All times are ms of the machine's monotonic clock, the same in every process. */
export interface LegRecord {
  readonly leg: number;
  /** When each frame arrived. */
  readonly arrivalsMs: Float64Array;
  /** The partner's frame number of each frame that arrived, or one of {@link HEARD}. */
  readonly numbers: Int32Array;
  /** From the partner's write to the arrival of each frame; NaN when it cannot be told. */
  readonly delaysMs: Float32Array;
  /** When each frame was due to be sent. */
  readonly dueMs: Float64Array;
  /** How much later than due it was written. */
  readonly latenessMs: Float32Array;
  /** Why the leg ended before its time; undefined when it did not. */
  readonly lostBecause: string | undefined;
}

/** A record being filled; it stops taking frames when it is full. */
export class LegRecorder {
  readonly #leg: number;
  readonly #arrivalsMs: Float64Array;
  readonly #numbers: Int32Array;
  readonly #delaysMs: Float32Array;
  #heard = 0;

  /** @param frames the most frames it takes. */
  constructor(leg: number, frames: number) {
    this.#leg = leg;
    this.#arrivalsMs = new Float64Array(frames);
    this.#numbers = new Int32Array(frames);
    this.#delaysMs = new Float32Array(frames);
  }

  heard(arrivalMs: number, number: number, delayMs: number): void {
    const index = this.#heard;
    if (index < this.#arrivalsMs.length) {
      this.#arrivalsMs[index] = arrivalMs;
      this.#numbers[index] = number;
      this.#delaysMs[index] = delayMs;
      this.#heard = index + 1;
    }
  }

  /** What was recorded, as copies, and beside it when the leg's own frames were due and how late they were. */
  finish(
    lostBecause: string | undefined,
    dueMs: Float64Array = new Float64Array(0),
    latenessMs: Float32Array = new Float32Array(0),
  ): LegRecord {
    return {
      leg: this.#leg,
      arrivalsMs: this.#arrivalsMs.slice(0, this.#heard),
      numbers: this.#numbers.slice(0, this.#heard),
      delaysMs: this.#delaysMs.slice(0, this.#heard),
      dueMs,
      latenessMs,
      lostBecause,
    };
  }
}
