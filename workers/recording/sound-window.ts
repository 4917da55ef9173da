/**
 * The latest of a file's sound, put together from pieces of its channels, which come one after the other and not quite
 * at the same time. What is old enough is taken from it, in stretches between which nothing sounds.
 */

import { frameSamples } from '../../src/base/units.ts';

/** Sound that is not kept: it would be farther ahead of the oldest than this, in frames. */
const MOST_FRAMES = 500;
/** Stretches that are closer together than this, in frames, are one: half a second. */
const JOIN_FRAMES = 25;

/** Interleaved samples of all channels. */
export interface Stretch {
  /** Which 20 ms of the call's clock it begins with. */
  readonly frame: number;
  readonly frames: number;
  readonly pcm: Int16Array;
}

interface Growing {
  readonly frame: number;
  frames: number;
  pcm: Int16Array;
}

export class SoundWindow {
  readonly #channels: number;
  /** Of all channels, in a frame. */
  readonly #stride: number;
  readonly #frameSamples: number;
  /** Oldest first; none overlaps or touches another. */
  #stretches: Growing[] = [];
  /** What is before it was taken. */
  #from = 0;

  constructor(channels: number, rateHz: number) {
    this.#channels = channels;
    this.#frameSamples = frameSamples(rateHz);
    this.#stride = this.#frameSamples * channels;
  }

  /** The frame after the newest sound. */
  get end(): number {
    const last = this.#stretches.at(-1);
    return last === undefined ? this.#from : last.frame + last.frames;
  }

  /** Whether nothing is in it. */
  get empty(): boolean {
    return this.#stretches.length === 0;
  }

  /**
   * Puts sound at its place; copies it. Newer sound of a channel replaces older.
   * @returns how many frames of it came too late.
   */
  add(channel: number, frame: number, pcm: Int16Array): number {
    const frames = Math.ceil(pcm.length / this.#frameSamples);
    const late = Math.min(frames, Math.max(0, this.#from - frame));
    if (late < frames) {
      const at = frame + late;
      const stretch = this.#stretchFor(at, frames - late);
      let out = (at - stretch.frame) * this.#stride + channel;
      for (let i = late * this.#frameSamples; i < pcm.length; i += 1) {
        stretch.pcm[out] = pcm[i] ?? 0;
        out += this.#channels;
      }
    }
    return late;
  }

  /** Takes out all that lies before `frame`; what comes for there from now on is late. */
  take(frame: number): readonly Stretch[] {
    const taken: Stretch[] = [];
    const left: Growing[] = [];
    for (const stretch of this.#stretches) {
      const frames = Math.min(stretch.frames, frame - stretch.frame);
      if (frames > 0) {
        taken.push({ frame: stretch.frame, frames, pcm: stretch.pcm.slice(0, frames * this.#stride) });
      }
      if (frames < stretch.frames) {
        const skipped = Math.max(0, frames);
        left.push({
          frame: stretch.frame + skipped,
          frames: stretch.frames - skipped,
          pcm: stretch.pcm.slice(skipped * this.#stride),
        });
      }
    }
    this.#stretches = left;
    this.#from = Math.max(this.#from, frame);
    return taken;
  }

  /** The stretch that holds `frames` from `frame` on, made longer where one is near. */
  #stretchFor(frame: number, frames: number): Growing {
    const end = frame + frames;
    const near = this.#stretches.filter(
      (each) =>
        frame <= each.frame + each.frames + JOIN_FRAMES &&
        end + JOIN_FRAMES >= each.frame &&
        Math.max(end, each.frame + each.frames) - Math.min(frame, each.frame) <= MOST_FRAMES,
    );
    const [only] = near;
    if (near.length === 1 && only !== undefined && only.frame <= frame) {
      this.#grow(only, end - only.frame);
      return only;
    }
    const first = Math.min(frame, ...near.map((each) => each.frame));
    const joined: Growing = { frame: first, frames: 0, pcm: new Int16Array(0) };
    this.#grow(joined, Math.max(end, ...near.map((each) => each.frame + each.frames)) - first);
    for (const each of near) {
      joined.pcm.set(each.pcm.subarray(0, each.frames * this.#stride), (each.frame - first) * this.#stride);
    }
    this.#stretches = [...this.#stretches.filter((each) => !near.includes(each)), joined].sort(
      (one, other) => one.frame - other.frame,
    );
    return joined;
  }

  #grow(stretch: Growing, frames: number): void {
    if (frames * this.#stride > stretch.pcm.length) {
      const pcm = new Int16Array(Math.max(frames, stretch.frames * 2) * this.#stride);
      pcm.set(stretch.pcm);
      stretch.pcm = pcm;
    }
    stretch.frames = Math.max(stretch.frames, frames);
  }
}
