/**
 * Another party's own voice, heard as it arrives: passthrough, or the underlay beneath a translation. When
 * nothing is wrong it hands over frames untouched, bit for bit at equal rates. What must not happen is that a
 * stall leaves the voice late for the rest of the call: what is superfluous is worked off, silence first, then by
 * playing 1.3 times as fast, pitch kept.
 */

import { HEARD_QUALITY, Resampler } from '../dsp/resampler.ts';
import { SampleFifo } from '../dsp/sample-fifo.ts';
import { isSilence } from '../dsp/sound.ts';
import { TimeStretch } from '../dsp/time-stretch.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { type FrameRingHandle, FrameRingReader } from '../ring/frame-ring.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import { LatenessJudge, STALL_FRAMES } from './lateness-judge.ts';

/** How much faster the voice plays while it is late. */
const CATCH_UP_SPEED = 1.3;
/** What is blended of a fragment: 20 ms at 48 kHz, or less of a higher rate. */
const MOST_FRAGMENT_SAMPLES = 960;

/** Working off what is superfluous. */
interface CatchUp {
  readonly stretch: TimeStretch;
  readonly rateHz: number;
  /** Frames that may wait in the ring once it is done. */
  readonly targetFrames: number;
  readonly superfluousFrames: number;
}

export class LiveLane {
  readonly #modules: MediaModules;
  readonly #counters: MediaCounters;
  readonly #reader: FrameRingReader;
  readonly #judge = new LatenessJudge();
  /** Sound at the listener's rate that is longer than a frame, or not yet one. */
  readonly #ready = new SampleFifo();
  /** The end of what catching up has made: it fades out under the frame that comes next. */
  readonly #fragment = new Int16Array(MOST_FRAGMENT_SAMPLES);
  #fragmentSamples = 0;
  #resampler: Resampler | undefined;
  #catchUp: CatchUp | undefined;
  #begun = false;

  /** Hears what is written to `ring` from now on, and counts what of it is missed, lost or left out. */
  constructor(modules: MediaModules, counters: MediaCounters, ring: FrameRingHandle) {
    this.#modules = modules;
    this.#counters = counters;
    this.#reader = new FrameRingReader(ring);
  }

  /** Whether the voice is converted to the listener's rate, or was when it was heard last. */
  get converts(): boolean {
    return this.#resampler !== undefined;
  }

  /** Frames of the voice that have come and were not heard. */
  get waiting(): number {
    return this.#reader.available;
  }

  /** Tells it that `frames` ticks never happened. */
  stalled(frames: number, nowMs: number): void {
    if (frames >= STALL_FRAMES) {
      this.#judge.stalled(nowMs);
    }
  }

  /** Fills `out`, one frame at `rateHz`, with the voice; false, and `out` untouched, when there is none. */
  pull(out: Int16Array, rateHz: number, nowMs: number): boolean {
    if (this.#ready.length >= out.length) {
      this.#ready.take(out);
      return true;
    }
    const frame = this.#next();
    // At once, because a thread that dies takes with it what it has not told.
    this.#counters.add('liveLost', this.#reader.lost);
    this.#reader.lost = 0;
    if (frame === undefined) {
      this.#counters.add('liveMissing', this.#judge.gap(nowMs) ? 1 : 0);
      this.#endCatchUp(nowMs);
      return this.#remainder(out);
    }
    if (this.#catchUp === undefined) {
      this.#maybeCatchUp(rateHz, nowMs);
    }
    if (this.#catchUp === undefined && this.#reader.rateHz === rateHz) {
      if (this.#ready.length > 0) {
        // The voice broke off while catching up, and goes on: what is left over must not be heard at its next end.
        this.#keepFragment(out.length);
      }
      out.set(frame);
      this.#blendFragment(out);
      return true;
    }
    this.#push(frame, rateHz);
    this.#hurry(out.length, rateHz, nowMs);
    if (this.#ready.length < out.length) {
      return false;
    }
    this.#ready.take(out);
    if (this.#catchUp === undefined && this.#reader.rateHz === rateHz) {
      this.#keepFragment(out.length);
    }
    return true;
  }

  /** The next frame that is worth hearing: while catching up, silence is passed over. */
  #next(): Int16Array | undefined {
    if (!this.#begun && this.#reader.available > 0) {
      // What was said before anyone listened is not worth being late for.
      this.#begun = true;
      this.#reader.discard(this.#reader.available - 1);
    }
    let frame = this.#reader.read();
    while (frame !== undefined && this.#late && isSilence(frame)) {
      frame = this.#reader.read();
    }
    return frame;
  }

  /** Begins to catch up when what waits has been superfluous for long enough. */
  #maybeCatchUp(rateHz: number, nowMs: number): void {
    const waiting = this.#reader.available;
    const superfluousFrames = this.#judge.taken(waiting, nowMs);
    if (superfluousFrames > 0) {
      this.#catchUp = {
        stretch: new TimeStretch(this.#modules, rateHz, CATCH_UP_SPEED),
        rateHz,
        targetFrames: waiting - superfluousFrames,
        superfluousFrames,
      };
    }
  }

  /** While late, takes more than one frame for each that is heard; stops when on time. */
  #hurry(samples: number, rateHz: number, nowMs: number): void {
    while (this.#ready.length < samples && this.#late) {
      const more = this.#reader.read();
      if (more === undefined) {
        break;
      }
      this.#push(more, rateHz);
    }
    if (!this.#late) {
      this.#endCatchUp(nowMs);
    }
  }

  get #late(): boolean {
    return this.#catchUp !== undefined && this.#reader.available > this.#catchUp.targetFrames;
  }

  #endCatchUp(nowMs: number): void {
    const catchUp = this.#catchUp;
    if (catchUp === undefined) {
      return;
    }
    catchUp.stretch.flush();
    this.#drain(catchUp);
    catchUp.stretch.close();
    this.#catchUp = undefined;
    this.#counters.add('liveTrimmed', catchUp.superfluousFrames);
    this.#judge.gaveBack(nowMs);
  }

  /** Puts `frame` into the ready samples: at the listener's rate, and faster while catching up. */
  #push(frame: Int16Array, rateHz: number): void {
    const pcm = this.#converted(frame, rateHz);
    const catchUp = this.#catchUp;
    if (catchUp === undefined || catchUp.rateHz !== rateHz) {
      this.#ready.push(pcm);
      return;
    }
    catchUp.stretch.write(pcm);
    this.#drain(catchUp);
  }

  #drain(catchUp: CatchUp): void {
    const made = new Int16Array(catchUp.stretch.available);
    catchUp.stretch.read(made);
    this.#ready.push(made);
  }

  #converted(frame: Int16Array, rateHz: number): Int16Array {
    const fromHz = this.#reader.rateHz;
    if (fromHz === rateHz) {
      return frame;
    }
    if (this.#resampler?.fromHz !== fromHz || this.#resampler.toHz !== rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, fromHz, rateHz, HEARD_QUALITY);
    }
    return this.#resampler.process(frame);
  }

  /**
   * Keeps what catching up has left over, at most a frame of it, to fade out under the next frame; the rest is given
   * up.
   */
  #keepFragment(frameLength: number): void {
    this.#fragmentSamples = this.#ready.take(this.#fragment.subarray(0, frameLength));
    this.#ready.clear();
  }

  #blendFragment(out: Int16Array): void {
    const samples = this.#fragmentSamples;
    this.#fragmentSamples = 0;
    for (let i = 0; i < samples; i += 1) {
      const gain = (i + 1) / (samples + 1);
      out[i] = (out[i] ?? 0) * gain + (this.#fragment[i] ?? 0) * (1 - gain);
    }
  }

  /** What is left when nothing follows it: played out, then silence. */
  #remainder(out: Int16Array): boolean {
    if (this.#ready.length === 0) {
      return false;
    }
    out.fill(0);
    this.#ready.take(out);
    return true;
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#resampler?.close();
    this.#catchUp?.stretch.close();
    this.#resampler = undefined;
    this.#catchUp = undefined;
  }
}
