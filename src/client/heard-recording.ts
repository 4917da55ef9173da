/**
 * What a leg heard, on a line of time: sample index / rate is about the time since the leg connected. Frames keep
 * their order and every sample; silence fills the time in which nothing came. A frame that is a little late is
 * joined to the one before, since silence between them would be a click that nobody sent; so the line may lag
 * real time by up to `JOIN_MS`, and runs ahead of it after a burst until the next gap.
 */

import { samplesToMs } from '../base/units.ts';

/** A frame that comes at most this long after the end of the one before is joined to it: two frames of 20 ms. */
const JOIN_MS = 40;

export class HeardRecording {
  readonly rateHz: number;
  readonly #pieces: { readonly start: number; readonly pcm: Int16Array }[] = [];
  /** Samples on the line so far. */
  #samples = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** How long the line is, in ms. */
  get durationMs(): number {
    return samplesToMs(this.#samples, this.rateHz);
  }

  /**
   * Puts a frame on the line. Keeps `pcm`. A frame of another rate is converted by straight lines between its
   * samples: a server sends those only before it knows the leg's rate, and they hold silence or a waiting tone.
   * @param atMs when it arrived, since the leg connected; never before the frame of the last call.
   */
  add(atMs: number, pcm: Int16Array, rateHz: number): void {
    const converted = rateHz === this.rateHz ? pcm : straightLines(pcm, rateHz, this.rateHz);
    if (atMs > this.durationMs + JOIN_MS) {
      this.#samples = Math.round((atMs * this.rateHz) / 1_000);
    }
    this.#pieces.push({ start: this.#samples, pcm: converted });
    this.#samples += converted.length;
  }

  /**
   * The whole line, as a copy that the caller owns.
   * @param untilMs silence is added up to here when the line is shorter.
   */
  toPcm(untilMs = 0): Int16Array {
    const line = new Int16Array(Math.max(this.#samples, Math.round((untilMs * this.rateHz) / 1_000)));
    for (const piece of this.#pieces) {
      line.set(piece.pcm, piece.start);
    }
    return line;
  }
}

/** Linear interpolation; exact for constant signals, which is all that is asked of it. */
function straightLines(pcm: Int16Array, fromHz: number, toHz: number): Int16Array {
  const converted = new Int16Array(Math.round((pcm.length * toHz) / fromHz));
  for (let i = 0; i < converted.length; i += 1) {
    const position = (i * fromHz) / toHz;
    const left = Math.min(Math.floor(position), pcm.length - 1);
    const before = pcm[left] ?? 0;
    const after = pcm[left + 1] ?? before;
    converted[i] = Math.round(before + (after - before) * (position - left));
  }
  return converted;
}
