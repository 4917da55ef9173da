/**
 * The other parties' own voices as one listener hears them. Up to three are all heard; of more, the loudest three: only
 * those are read, so that a listener of thirty costs little more than one of three.
 */

import type { MediaModules } from '../dsp/wasm.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import type { HeardVoice } from '../thread/orders.ts';
import { LEAST_NOISE_DBFS } from './line-noise.ts';
import { LiveVoice } from './live-voice.ts';
import { mixLoudest } from './loudest.ts';
import type { SpokenOver } from './underlay.ts';

/** Voices mixed at once. */
const MOST_MIXED = 3;

export class LiveVoices {
  readonly #modules: MediaModules;
  readonly #counters: MediaCounters;
  #voices: readonly LiveVoice[] = [];
  /** Voices that are no longer ordered and have still to fade out. */
  #leaving: readonly LiveVoice[] = [];
  #translated = false;
  #scratch = new Int16Array(0);

  constructor(modules: MediaModules, counters: MediaCounters) {
    this.#modules = modules;
    this.#counters = counters;
  }

  /** Whether there is nobody to be heard. */
  get none(): boolean {
    return this.#voices.length === 0;
  }

  /** Whether anybody is translated for the listener. */
  get translated(): boolean {
    return this.#translated;
  }

  /** Whether somebody is saying something that is to be translated. */
  get awaitTranslation(): boolean {
    for (const voice of this.#voices) {
      if (voice.awaitsTranslation) {
        return true;
      }
    }
    return false;
  }

  /** The only voice, if it comes out bit for bit. */
  get onlyUntouched(): LiveVoice | undefined {
    const [only] = this.#voices;
    const alone = this.#voices.length === 1 && this.#leaving.length === 0;
    return alone && only?.untouched === true ? only : undefined;
  }

  /** The noise in dBFS of the loudest line that is heard. */
  get noiseDbfs(): number {
    let dbfs = LEAST_NOISE_DBFS;
    for (const voice of this.#voices) {
      dbfs = voice.awake ? Math.max(dbfs, voice.noiseDbfs) : dbfs;
    }
    return dbfs;
  }

  /** Hears these voices from now on. Those that stay go on as they are; with nobody left it is silent at once. */
  order(ordered: readonly HeardVoice[]): void {
    const before = new Map(this.#voices.map((voice) => [voice.id, voice]));
    this.#voices = ordered.map((heard) => {
      const voice = before.get(heard.id);
      if (voice === undefined || voice.ringNumber !== heard.ring.number) {
        return new LiveVoice(this.#modules, this.#counters, heard);
      }
      before.delete(heard.id);
      voice.how = heard.how;
      return voice;
    });
    this.#leaving = [...this.#leaving, ...before.values()];
    this.#translated = ordered.some(({ how }) => how !== 'through');
    for (const voice of this.#leaving) {
      voice.mixed = false;
    }
    if (this.none) {
      this.close();
      return;
    }
    const many = this.#voices.length > MOST_MIXED;
    for (const voice of this.#voices) {
      if (many) {
        voice.contend();
      } else {
        voice.begin();
      }
    }
  }

  stalled(frames: number, nowMs: number): void {
    for (const voice of this.#voices) {
      voice.stalled(frames, nowMs);
    }
  }

  /** Moves on by a frame: who is mixed, and how loud. */
  next(over: SpokenOver): void {
    if (this.#voices.length > MOST_MIXED) {
      for (const voice of this.#voices) {
        voice.weigh(over);
      }
      mixLoudest(this.#voices, MOST_MIXED);
    }
    for (const voice of this.#voices) {
      voice.next(over);
    }
  }

  /** Adds a frame of the voices to `mix`. Returns the power of the loudest that is heard at about its full level. */
  mixInto(mix: Float32Array, rateHz: number, nowMs: number): number {
    if (this.#scratch.length !== mix.length) {
      this.#scratch = new Int16Array(mix.length);
    }
    let clearPower = 0;
    for (const voice of this.#voices) {
      if (voice.awake) {
        const power = voice.mixInto(mix, this.#scratch, rateHz, nowMs);
        clearPower = voice.clear ? Math.max(clearPower, power) : clearPower;
      }
    }
    if (this.#leaving.length > 0) {
      for (const voice of this.#leaving) {
        voice.mixInto(mix, this.#scratch, rateHz, nowMs);
      }
      this.#leaving = [];
    }
    return clearPower;
  }

  /** Frees the libraries' memory. */
  close(): void {
    for (const voice of [...this.#voices, ...this.#leaving]) {
      voice.close();
    }
    this.#leaving = [];
  }
}
