/**
 * One other party's own voice as one listener hears it: its sound as it arrives, its level, and how loud its line is
 * when nobody speaks on it. While it is not mixed it costs nothing and holds nothing; it comes and goes within a frame,
 * softly.
 */

import { FRAME_MS } from '../../base/units.ts';
import { addAt, powerAt, powerOf } from '../dsp/sound.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import type { FrameRingHandle } from '../ring/frame-ring.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import { VoiceLevel } from '../ring/voice-level.ts';
import type { HeardVoice, HearMode } from '../thread/orders.ts';
import { LineNoise } from './line-noise.ts';
import { LiveLane } from './live-lane.ts';
import type { Contender } from './loudest.ts';
import { type SpokenOver, Underlay, underlayGain } from './underlay.ts';

/** A voice softer than this is silence to the ear. */
export const AUDIBLE_POWER = powerAt(-50);
/** A voice at less than this gain is a murmur, with which a listener still waits. */
const CLEAR_GAIN = 0.9;
/** A party counts as talking this long after their last sound, in ms: they may only breathe. */
const TALKING_HOLD_MS = 600;

export class LiveVoice implements Contender {
  readonly id: string;
  how: HearMode;
  /** Whether it is to be heard. One that no longer is fades out in its next frame. */
  mixed = false;
  readonly #modules: MediaModules;
  readonly #counters: MediaCounters;
  readonly #ring: FrameRingHandle;
  readonly #level: VoiceLevel;
  readonly #underlay = new Underlay();
  readonly #lineNoise = new LineNoise();
  /** Undefined while it is not mixed. */
  #lane: LiveLane | undefined;
  /**
   * 0 until it has been heard, and again when it is no longer mixed; then 1. Its gain is that of the underlay times
   * this.
   */
  #presence = 0;
  #loudness = 0;
  #sinceTalkedMs = Number.POSITIVE_INFINITY;

  constructor(modules: MediaModules, counters: MediaCounters, { id, ring, how }: HeardVoice) {
    this.id = id;
    this.how = how;
    this.#modules = modules;
    this.#counters = counters;
    this.#ring = ring;
    this.#level = new VoiceLevel(ring);
  }

  /** Which ring it is heard from: a party's next leg has another. */
  get ringNumber(): number {
    return this.#ring.number;
  }

  /** Whether some of it may still be heard. */
  get awake(): boolean {
    return this.#lane !== undefined;
  }

  /** Whether it comes out bit for bit: nobody translates it, and it is at its full level. */
  get untouched(): boolean {
    const { gain, gainBefore } = this.#underlay;
    return this.how === 'through' && this.mixed && this.#presence === 1 && gain === 1 && gainBefore === 1;
  }

  /** Whether it is heard at about its full level. */
  get clear(): boolean {
    return this.#underlay.gain >= CLEAR_GAIN;
  }

  /** Whether the party is saying something that is to be translated. */
  get awaitsTranslation(): boolean {
    return this.how !== 'through' && this.#sinceTalkedMs < TALKING_HOLD_MS;
  }

  /** The level in dBFS of its line when nobody speaks. */
  get noiseDbfs(): number {
    return this.#lineNoise.dbfs;
  }

  /** It is to be one of many, so its loudness will be asked for. */
  contend(): void {
    this.#level.want();
  }

  /** How loud it would be if it were mixed, in samples, as of the last {@link weigh}. */
  get loudness(): number {
    return this.#loudness;
  }

  /** Finds out how loud it would be: what the party says, at the level its mode gives it. */
  weigh(over: SpokenOver): void {
    this.#loudness = this.#level.amplitude * underlayGain(this.how, over);
  }

  /** Hears what the party says from now on; its level rises from nothing as its mode has it. */
  begin(): void {
    this.mixed = true;
    this.#lane ??= new LiveLane(this.#modules, this.#counters, this.#ring);
  }

  /** Moves its level on by a frame. A voice that has been given a place is at its level from its first frame on. */
  next(over: SpokenOver): void {
    if (this.mixed && this.#lane === undefined) {
      this.begin();
      this.#underlay.settle(this.how, over);
    } else if (this.#lane !== undefined) {
      this.#underlay.next(this.how, over);
    }
  }

  /** Tells it that `frames` ticks never happened. */
  stalled(frames: number, nowMs: number): void {
    this.#lane?.stalled(frames, nowMs);
  }

  /** Fills `frame` with the voice as it is; false, and `frame` untouched, when there is none. */
  pull(frame: Int16Array, rateHz: number, nowMs: number): boolean {
    return this.#lane?.pull(frame, rateHz, nowMs) ?? false;
  }

  /**
   * Adds a frame of it to `mix`; returns its power before its gain, 0 when there is nothing. A voice with a gain of 0
   * runs on all the same, so that it is not late when it is heard. @param scratch a frame's length of memory.
   */
  mixInto(mix: Float32Array, scratch: Int16Array, rateHz: number, nowMs: number): number {
    const before = this.#presence;
    if (!this.pull(scratch, rateHz, nowMs)) {
      this.#sinceTalkedMs += FRAME_MS;
      this.#leave();
      return 0;
    }
    this.#presence = this.mixed ? 1 : 0;
    const from = this.#underlay.gainBefore * before;
    const to = this.#underlay.gain * this.#presence;
    if (from > 0 || to > 0) {
      addAt(mix, scratch, from, to);
    }
    const power = powerOf(scratch);
    this.#lineNoise.push(power);
    this.#sinceTalkedMs = power >= AUDIBLE_POWER ? 0 : this.#sinceTalkedMs + FRAME_MS;
    this.#leave();
    return power;
  }

  /** A voice that is no longer mixed holds nothing. */
  #leave(): void {
    if (!this.mixed) {
      this.close();
      this.#presence = 0;
      this.#sinceTalkedMs = Number.POSITIVE_INFINITY;
    }
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#lane?.close();
    this.#lane = undefined;
  }
}
