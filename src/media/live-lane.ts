/**
 * The partner's own voice, heard as it arrives: passthrough, and later the underlay beneath a translation. When
 * nothing is wrong it hands over frames untouched, bit for bit at equal rates. What must not happen is that a
 * stall leaves the voice late for the rest of the call: frames that a whole window did not need are given back,
 * silence first, then by playing 1.3 times as fast, pitch kept.
 */

import { FRAME_MS } from '../base/units.ts';
import { type FrameRingHandle, FrameRingReader } from './frame-ring.ts';
import { HEARD_QUALITY, Resampler } from './resampler.ts';
import { SampleFifo } from './sample-fifo.ts';
import { isSilence } from './sound.ts';
import { TimeStretch } from './time-stretch.ts';
import type { MediaModules } from './wasm.ts';

/** How much faster the voice plays while it is late. */
const CATCH_UP_SPEED = 1.3;
/** How long frames must have been superfluous before they are given back, in ms. */
const PATIENCE_MS = 1_000;
/** Giving back too much makes a gap; each one that follows doubles the patience, up to this many ms. */
const MOST_PATIENCE_MS = 60_000;
/** After a stall everything is superfluous at once: long enough for packets of 60 ms, three times over. */
const AFTER_STALL_MS = 200;
/** Gaps or lost ticks in a row that count as a stall. */
const STALL_FRAMES = 3;
/** What is blended of a fragment: 20 ms at 48 kHz, or less of a higher rate. */
const MOST_FRAGMENT_SAMPLES = 960;

export class LiveLane {
  /** Frames for which there was nothing though the partner was talking to us. */
  missing = 0;
  /** Frames given back to be on time again. */
  trimmed = 0;
  readonly #modules: MediaModules;
  readonly #reader: FrameRingReader;
  readonly #ready = new SampleFifo();
  readonly #fragment = new Int16Array(MOST_FRAGMENT_SAMPLES);
  #resampler: Resampler | undefined;
  #begun = false;
  #stretch: TimeStretch | undefined;
  #stretchHz = 0;
  /** Superfluous frames still to give back. */
  #excess = 0;
  #nowMs = 0;
  #windowEndsMs = 0;
  #leastAvailable = Number.POSITIVE_INFINITY;
  #patienceMs = PATIENCE_MS;
  #gapFrames = STALL_FRAMES;
  #trimmedAtMs = Number.NEGATIVE_INFINITY;

  /** Hears what is written to `ring` from now on. */
  constructor(modules: MediaModules, ring: FrameRingHandle) {
    this.#modules = modules;
    this.#reader = new FrameRingReader(ring);
  }

  /** Frames overwritten before they were heard. */
  get lost(): number {
    return this.#reader.lost;
  }

  /** Tells it that `frames` ticks never happened. */
  stalled(frames: number, nowMs: number): void {
    if (frames >= STALL_FRAMES) {
      this.#lookSoon(nowMs);
    }
  }

  /** Fills `out`, one frame at `rateHz`, with the partner's voice; false, and `out` untouched, when there is none. */
  pull(out: Int16Array, rateHz: number, nowMs: number): boolean {
    this.#nowMs = nowMs;
    if (this.#ready.length >= out.length) {
      this.#ready.take(out);
      return true;
    }
    const frame = this.#next();
    this.#judge(frame === undefined);
    if (frame === undefined) {
      return this.#remainder(out);
    }
    if (this.#stretch === undefined && this.#excess === 0 && this.#reader.rateHz === rateHz) {
      out.set(frame);
      this.#blendFragment(out);
      return true;
    }
    this.#convert(frame, rateHz, out.length);
    return this.#ready.length >= out.length && this.#ready.take(out) > 0;
  }

  /** Fades what catching up has left over, less than a frame, into the frame after it: from then on frames pass untouched. */
  #blendFragment(out: Int16Array): void {
    const samples = this.#ready.take(this.#fragment.subarray(0, Math.min(out.length, this.#fragment.length)));
    for (let i = 0; i < samples; i += 1) {
      const gain = (i + 1) / (samples + 1);
      out[i] = (out[i] ?? 0) * gain + (this.#fragment[i] ?? 0) * (1 - gain);
    }
    this.#ready.clear();
  }

  /** The next frame that is worth hearing: while late, silence is passed over. */
  #next(): Int16Array | undefined {
    if (!this.#begun && this.#reader.available > 0) {
      // What was said before anyone listened is not worth being late for.
      this.#begun = true;
      this.#reader.discard(this.#reader.available - 1);
    }
    let frame = this.#reader.read();
    while (frame !== undefined && this.#excess > 0 && this.#reader.available > 0 && isSilence(frame)) {
      this.#giveBack(1);
      frame = this.#reader.read();
    }
    return frame;
  }

  /** Puts `frame`, and more while late, into the ready samples at `rateHz`. */
  #convert(frame: Int16Array, rateHz: number, samples: number): void {
    this.#push(frame, rateHz);
    while (this.#ready.length < samples && this.#excess > 0) {
      const more = this.#reader.read();
      if (more === undefined) {
        break;
      }
      this.#giveBack(1);
      this.#push(more, rateHz);
    }
  }

  #push(frame: Int16Array, rateHz: number): void {
    const fromHz = this.#reader.rateHz;
    let pcm: Int16Array = frame;
    if (fromHz !== rateHz) {
      if (this.#resampler?.fromHz !== fromHz || this.#resampler.toHz !== rateHz) {
        this.#resampler?.close();
        this.#resampler = new Resampler(this.#modules, fromHz, rateHz, HEARD_QUALITY);
      }
      pcm = this.#resampler.process(frame);
    }
    if (this.#excess > 0 || this.#stretch !== undefined) {
      pcm = this.#hurry(pcm, rateHz);
    }
    this.#ready.push(pcm);
  }

  /** Plays `pcm` faster; ends doing so when nothing is superfluous any more. */
  #hurry(pcm: Int16Array, rateHz: number): Int16Array {
    if (this.#stretch === undefined || this.#stretchHz !== rateHz) {
      this.#stretch?.close();
      this.#stretch = new TimeStretch(this.#modules, rateHz, CATCH_UP_SPEED);
      this.#stretchHz = rateHz;
    }
    const stretch = this.#stretch;
    stretch.write(pcm);
    if (this.#excess <= 0) {
      stretch.flush();
    }
    const made = new Int16Array(stretch.available);
    stretch.read(made);
    if (this.#excess <= 0) {
      stretch.close();
      this.#stretch = undefined;
    }
    return made;
  }

  /** What is left of a converted stream when nothing follows it: played out, then silence. */
  #remainder(out: Int16Array): boolean {
    if (this.#ready.length === 0) {
      return false;
    }
    out.fill(0);
    this.#ready.take(out);
    return true;
  }

  /** Watches how many frames wait after each pull, and decides which of them are superfluous. */
  #judge(gap: boolean): void {
    const nowMs = this.#nowMs;
    const available = this.#reader.available;
    if (gap) {
      this.#gapFrames += 1;
      this.#leastAvailable = 0;
      this.#excess = 0;
      if (this.#gapFrames <= STALL_FRAMES) {
        this.missing += 1;
      }
      if (nowMs - this.#trimmedAtMs < this.#patienceMs * 2) {
        this.#patienceMs = Math.min(MOST_PATIENCE_MS, this.#patienceMs * 2);
        this.#trimmedAtMs = Number.NEGATIVE_INFINITY;
      }
      return;
    }
    if (this.#gapFrames >= STALL_FRAMES) {
      this.#lookSoon(nowMs);
    }
    this.#gapFrames = 0;
    this.#leastAvailable = Math.min(this.#leastAvailable, available);
    if (nowMs >= this.#windowEndsMs && this.#excess <= 0) {
      this.#excess = Number.isFinite(this.#leastAvailable) ? this.#leastAvailable : 0;
      this.#leastAvailable = Number.POSITIVE_INFINITY;
      this.#windowEndsMs = nowMs + this.#patienceMs;
      if (this.#excess > 0) {
        this.#trimmedAtMs = nowMs;
      }
    }
  }

  #lookSoon(nowMs: number): void {
    this.#windowEndsMs = nowMs + AFTER_STALL_MS;
    this.#leastAvailable = Number.POSITIVE_INFINITY;
  }

  #giveBack(frames: number): void {
    this.#excess -= frames;
    this.trimmed += frames;
    this.#leastAvailable = Number.POSITIVE_INFINITY;
    this.#windowEndsMs = this.#nowMs + this.#patienceMs;
  }

  /** How late the lane is, in ms: what waits to be heard. */
  get waitingMs(): number {
    return this.#reader.available * FRAME_MS;
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#resampler?.close();
    this.#stretch?.close();
    this.#resampler = undefined;
    this.#stretch = undefined;
  }
}
