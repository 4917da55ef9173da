/**
 * What one leg hears, put together frame by frame: the translation, the partner's own voice at the level its mode
 * gives it, the soft noise of a line beneath them, keys, the waiting tone and the cue. A voice that nobody translates
 * takes the short way and comes out bit for bit; everything else is added up and brought below full scale.
 */

import { FRAME_MS, frameSamples } from '../base/units.ts';
import { ComfortNoise } from './comfort-noise.ts';
import type { FrameRingHandle } from './frame-ring.ts';
import type { MediaCounters } from './leg-memory.ts';
import { Limiter } from './limiter.ts';
import { LineNoise } from './line-noise.ts';
import { ListenerCue } from './listener-cue.ts';
import { LiveLane } from './live-lane.ts';
import type { HearMode } from './media-messages.ts';
import type { PlayoutQueue } from './playout-queue.ts';
import { addAt, powerAt, powerOf } from './sound.ts';
import { CueTone, KeyTones, WaitingTone } from './tones.ts';
import { INTERRUPTED_GAIN, TurnPolicy } from './turn-policy.ts';
import { ATTACK_MS, nextGain, RELEASE_MS, Underlay, type UnderlayInput } from './underlay.ts';
import type { MediaModules } from './wasm.ts';

/** A voice softer than this is silence to the ear. */
const AUDIBLE_POWER = powerAt(-50);
/** A line softer than this has no noise of its own: that of its codec, or nothing. */
const NOISY_POWER = powerAt(-66);
/** A voice at less than this gain is a murmur, with which a listener still waits. */
const CLEAR_GAIN = 0.9;
/** The partner counts as talking this long after their last sound, in ms: they may only breathe. */
const TALKING_HOLD_MS = 600;

type Situation = { -readonly [key in keyof UnderlayInput]: UnderlayInput[key] };

export class ListenerSound {
  /** Decides when the listener's own voice makes the translation softer. */
  readonly turns = new TurnPolicy();
  readonly #modules: MediaModules;
  readonly #counters: MediaCounters;
  readonly #playout: PlayoutQueue;
  readonly #keys = new KeyTones();
  readonly #cueTone = new CueTone();
  readonly #underlay = new Underlay();
  readonly #noise = new ComfortNoise();
  readonly #limiter = new Limiter();
  #cue = new ListenerCue();
  #waiting: WaitingTone | undefined;
  #live: LiveLane | undefined;
  #lineNoise = new LineNoise();
  /** One object for all frames: none is made on the short way. */
  readonly #situation: Situation = { how: 'off', asIs: false, spoken: false, announced: false };
  #expecting = false;
  /** The gain of the translation. */
  #spokenGain = 1;
  #interrupted = false;
  #sinceTalkedMs = Number.POSITIVE_INFINITY;
  #voice = new Int16Array(0);
  #mix = new Float32Array(0);

  constructor(modules: MediaModules, counters: MediaCounters, playout: PlayoutQueue) {
    this.#modules = modules;
    this.#counters = counters;
    this.#playout = playout;
  }

  /** Hears this voice from now on, or nobody's, which is silence at once. */
  hear(partner: FrameRingHandle | undefined, how: HearMode): void {
    this.#live?.close();
    this.#live = partner === undefined ? undefined : new LiveLane(this.#modules, partner);
    this.#situation.how = how;
    this.#lineNoise = new LineNoise();
    this.#underlay.reset();
    this.#sinceTalkedMs = Number.POSITIVE_INFINITY;
    if (partner === undefined) {
      this.#noise.stop();
    }
  }

  /** Hears the same voice in another way. */
  set how(how: HearMode) {
    this.#situation.how = how;
  }

  /** Whether what the partner says needs no translation. */
  set asIs(on: boolean) {
    this.#situation.asIs = on;
  }

  /** Whether a translation is on its way. */
  set expecting(on: boolean) {
    if (on && !this.#expecting) {
      this.#cue = new ListenerCue();
    }
    this.#expecting = on;
  }

  set waiting(waiting: boolean) {
    this.#waiting = waiting ? new WaitingTone() : undefined;
  }

  pressKey(key: string): void {
    this.#keys.press(key);
  }

  /** Tells it that `frames` ticks never happened. */
  stalled(frames: number, nowMs: number): void {
    this.#live?.stalled(frames, nowMs);
  }

  /** Fills `frame`, 20 ms at `rateHz`, with what is heard next. */
  fill(frame: Int16Array, rateHz: number, nowMs: number): void {
    const playout = this.#playout;
    playout.held = this.turns.holds;
    playout.moreComing =
      this.#expecting || (this.#situation.how !== 'through' && this.#sinceTalkedMs < TALKING_HOLD_MS);
    const spoken = playout.pull(frame);
    this.turns.next(spoken, playout.waiting);
    this.#countInterruptions();
    this.#situation.spoken = spoken;
    this.#situation.announced = playout.busy;
    this.#underlay.next(this.#situation);
    if (spoken || !this.#isPlain) {
      this.#fillMixed(frame, spoken, rateHz, nowMs);
    } else if (this.#live === undefined || !this.#pullLive(this.#live, frame, rateHz, nowMs)) {
      frame.fill(0);
    }
  }

  /** Whether nothing but a voice that nobody translates is heard, at its full level, or nothing at all. */
  get #isPlain(): boolean {
    const { gain, gainBefore } = this.#underlay;
    const untranslated = this.#situation.how === 'through' && gain === 1 && gainBefore === 1;
    return (
      (this.#live === undefined || untranslated) &&
      this.#waiting === undefined &&
      !this.#keys.playing &&
      !this.#cueTone.playing &&
      !this.#noise.sounding &&
      !this.#expecting &&
      this.#spokenGain === 1 &&
      this.#limiter.atRest
    );
  }

  #fillMixed(frame: Int16Array, spoken: boolean, rateHz: number, nowMs: number): void {
    const mix = this.#cleared(rateHz);
    this.#addSpoken(mix, frame, spoken);
    const voicePower = this.#addVoice(mix, rateHz, nowMs);
    const clear = this.#underlay.gain >= CLEAR_GAIN;
    this.#addNoise(mix, rateHz, clear && voicePower >= NOISY_POWER);
    if (this.#cue.next(this.#expecting, spoken || (clear && voicePower >= AUDIBLE_POWER))) {
      this.#counters.add('cues');
      this.#cueTone.play();
    }
    if (this.#cueTone.playing) {
      this.#cueTone.mixInto(mix, rateHz);
    }
    this.#waiting?.mixInto(mix, rateHz);
    if (this.#keys.playing) {
      this.#keys.mixInto(mix, rateHz);
    }
    this.#limiter.limit(mix, frame, rateHz);
  }

  #cleared(rateHz: number): Float32Array {
    const samples = frameSamples(rateHz);
    if (this.#mix.length !== samples) {
      this.#mix = new Float32Array(samples);
      this.#voice = new Int16Array(samples);
    } else {
      this.#mix.fill(0);
    }
    return this.#mix;
  }

  /** The translation, softer while the listener interrupts it. */
  #addSpoken(mix: Float32Array, frame: Int16Array, spoken: boolean): void {
    const before = this.#spokenGain;
    const target = this.turns.interrupted ? INTERRUPTED_GAIN : 1;
    this.#spokenGain = nextGain(before, target, RELEASE_MS, ATTACK_MS);
    if (spoken) {
      addAt(mix, frame, before, this.#spokenGain);
    }
  }

  /** The partner's own voice. It runs on when it is not heard, so that it is not late when it is. Returns its power. */
  #addVoice(mix: Float32Array, rateHz: number, nowMs: number): number {
    if (this.#live === undefined || !this.#pullLive(this.#live, this.#voice, rateHz, nowMs)) {
      this.#sinceTalkedMs += FRAME_MS;
      return 0;
    }
    const { gainBefore, gain } = this.#underlay;
    if (gainBefore > 0 || gain > 0) {
      addAt(mix, this.#voice, gainBefore, gain);
    }
    const power = powerOf(this.#voice);
    this.#lineNoise.push(power);
    this.#sinceTalkedMs = power >= AUDIBLE_POWER ? 0 : this.#sinceTalkedMs + FRAME_MS;
    return power;
  }

  /** The noise of the partner's line, where the line itself is not heard and would be missed. */
  #addNoise(mix: Float32Array, rateHz: number, lineIsHeard: boolean): void {
    const wanted = this.#live !== undefined && this.#situation.how !== 'through' && !lineIsHeard;
    this.#noise.mixInto(mix, rateHz, wanted ? this.#lineNoise.dbfs : undefined);
  }

  #pullLive(live: LiveLane, out: Int16Array, rateHz: number, nowMs: number): boolean {
    const { lost, missing, trimmed } = live;
    const heard = live.pull(out, rateHz, nowMs);
    // At once, because a thread that dies takes with it what it has not told.
    this.#counters.add('liveLost', live.lost - lost);
    this.#counters.add('liveMissing', live.missing - missing);
    this.#counters.add('liveTrimmed', live.trimmed - trimmed);
    return heard;
  }

  #countInterruptions(): void {
    const { interrupted } = this.turns;
    if (interrupted && !this.#interrupted) {
      this.#counters.add('interruptions');
    }
    this.#interrupted = interrupted;
  }

  /** Frees what it holds of the libraries' memory; the playout queue is its owner's. */
  close(): void {
    this.#live?.close();
    this.#live = undefined;
  }
}
