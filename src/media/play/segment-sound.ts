/**
 * The sound of one segment after the other on its way from the engine's rate to the leg's: converted, freed of
 * needless silence, sped up, and given soft edges where it begins, ends or breaks off. It makes no more ahead than
 * a frame and an edge, so that a change of speed is heard at once.
 */

import { samplesToMs } from '../../base/units.ts';
import { HEARD_QUALITY, Resampler } from '../dsp/resampler.ts';
import { SampleFifo } from '../dsp/sample-fifo.ts';
import { cosineEdge } from '../dsp/sound.ts';
import { TimeStretch } from '../dsp/time-stretch.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { SilenceTrim } from './silence-trim.ts';

/** How long sound takes to begin and to end, in ms: a raised cosine. */
export const EDGE_MS = 5;
/**
 * Silence put through the resampler after a segment, in ms: the length of its filter, so that nothing is left in it.
 */
export const RESAMPLER_TAIL_MS = 10;

/** How a piece of a segment is to be played. */
export interface Pace {
  /** 1 is as fast as spoken. */
  readonly speed: number;
  /** Whether time is short, so that pauses may be shortened. */
  readonly short: boolean;
  /** How much of a pause may be left out at most, in ms. */
  readonly mostCutMs: number;
}

export class SegmentSound {
  readonly #modules: MediaModules;
  readonly #ready = new SampleFifo();
  readonly #trim: SilenceTrim;
  #rateHz: number;
  #edgeSamples: number;
  #resampler: Resampler | undefined;
  #stretch: TimeStretch | undefined;
  #speed = 1;
  #stretched = new Int16Array(0);
  /** Samples taken since the sound last began. */
  #takenSamples = 0;
  #whole = false;

  /** @param rateHz the leg's rate. */
  constructor(modules: MediaModules, rateHz: number) {
    this.#modules = modules;
    this.#rateHz = rateHz;
    this.#edgeSamples = edgeSamples(rateHz);
    this.#trim = new SilenceTrim(rateHz, (pcm) => this.#pass(pcm));
  }

  /** Samples that are ready to be taken, those of an edge included that may turn out to be the end. */
  get readySamples(): number {
    return this.#ready.length;
  }

  /** How many more samples than a frame must be ready before one is taken that is not the end. */
  get edgeSamples(): number {
    return this.#edgeSamples;
  }

  get readyMs(): number {
    return samplesToMs(this.#ready.length, this.#rateHz);
  }

  /** Begins with another segment. */
  begin(): void {
    this.#trim.begin(this.#rateHz);
    this.#takenSamples = 0;
    this.#whole = false;
  }

  /** Adds a piece of the segment, at most 20 ms. Returns how many ms of a pause were left out. */
  push(piece: Int16Array, rateHz: number, pace: Pace): number {
    this.#speed = pace.speed;
    return this.#trim.push(this.#convert(piece, rateHz), pace.short, pace.mostCutMs);
  }

  /** The segment has no more pieces: what stages hold back becomes ready, silence at its end does not. */
  finish(): void {
    if (this.#whole) {
      return;
    }
    this.#whole = true;
    if (this.#resampler !== undefined) {
      const tail = new Int16Array(Math.ceil((this.#resampler.fromHz * RESAMPLER_TAIL_MS) / 1_000));
      this.#trim.push(this.#resampler.process(tail), false, 0);
    }
    this.#trim.begin(this.#rateHz);
    this.#stretch?.flush();
    this.#drainStretch();
    if (this.#speed === 1) {
      this.#stretch?.close();
      this.#stretch = undefined;
    }
  }

  /** There is nothing else to play: silence that is held back becomes ready, until `samples` are. */
  releaseSilence(samples: number): void {
    this.#trim.release(samples - this.#ready.length);
  }

  /**
   * Moves `samples` ready samples into `out` at `offset`. The first after {@link begin} or {@link breakOff} rise from
   * nothing; the last of a finished segment fall to nothing.
   */
  take(out: Int16Array, offset: number, samples: number): void {
    const endsAt = this.#whole ? this.#ready.length : Number.POSITIVE_INFINITY;
    this.#take(out, offset, samples, endsAt);
  }

  /** The same when nothing follows for now: the last of these samples fall to nothing, and the next will rise. */
  breakOff(out: Int16Array, offset: number, samples: number): void {
    this.#take(out, offset, samples, samples);
    this.#takenSamples = 0;
  }

  #take(out: Int16Array, offset: number, samples: number, endsAt: number): void {
    this.#ready.take(out.subarray(offset, offset + samples));
    const edge = this.#edgeSamples;
    for (let i = 0; i < samples && this.#takenSamples + i < edge; i += 1) {
      out[offset + i] = Math.round((out[offset + i] ?? 0) * cosineEdge(this.#takenSamples + i, edge));
    }
    for (let i = Math.max(0, endsAt - edge); i < samples; i += 1) {
      out[offset + i] = Math.round((out[offset + i] ?? 0) * cosineEdge(endsAt - 1 - i, edge));
    }
    this.#takenSamples += samples;
  }

  /** Goes on at another rate of the leg; what is ready is given up. */
  setRate(rateHz: number): void {
    this.#rateHz = rateHz;
    this.#edgeSamples = edgeSamples(rateHz);
    this.forget();
  }

  /** Gives up all it holds, and frees the libraries' memory. */
  forget(): void {
    this.#ready.clear();
    this.begin();
    this.#stretch?.close();
    this.#stretch = undefined;
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  #convert(piece: Int16Array, rateHz: number): Int16Array {
    if (rateHz === this.#rateHz) {
      this.#resampler?.close();
      this.#resampler = undefined;
      return piece;
    }
    if (this.#resampler?.fromHz !== rateHz || this.#resampler.toHz !== this.#rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, rateHz, this.#rateHz, HEARD_QUALITY);
    }
    return this.#resampler.process(piece);
  }

  /**
   * Puts sound into the ready samples, through the time stretch if it is to be faster, or was in this segment: what the
   * stretch holds back cannot be had without a seam before the segment ends.
   */
  #pass(pcm: Int16Array): void {
    if (this.#speed === 1 && this.#stretch === undefined) {
      this.#ready.push(pcm);
      return;
    }
    this.#stretch ??= new TimeStretch(this.#modules, this.#rateHz, this.#speed);
    this.#stretch.setSpeed(this.#speed);
    this.#stretch.write(pcm);
    this.#drainStretch();
  }

  #drainStretch(): void {
    const samples = this.#stretch?.available ?? 0;
    if (samples > 0) {
      if (this.#stretched.length < samples) {
        this.#stretched = new Int16Array(samples);
      }
      const made = this.#stretched.subarray(0, samples);
      this.#stretch?.read(made);
      this.#ready.push(made);
    }
  }
}

function edgeSamples(rateHz: number): number {
  return Math.round((rateHz * EDGE_MS) / 1_000);
}
