/**
 * What one leg hears, put together frame by frame: the translation, the other parties' own voices at the level their
 * modes give them, the soft noise of a line beneath them, keys, the waiting tone, the cue and other chimes. A lone
 * voice that nobody translates takes the short way and comes out bit for bit; everything else is added up and brought
 * below full scale.
 */

import { frameSamples } from '../../base/units.ts';
import { addAt, gainOf, powerAt } from '../dsp/sound.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import type { LegTape } from '../record/leg-tape.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';
import type { Orders } from '../thread/orders.ts';
import { Chimes, type PartyTone } from './chimes.ts';
import { ComfortNoise } from './comfort-noise.ts';
import { INTERRUPTED_GAIN, InterruptionPolicy } from './interruption-policy.ts';
import { KeyTones } from './key-tones.ts';
import { Limiter } from './limiter.ts';
import { ListenerCue } from './listener-cue.ts';
import { AUDIBLE_POWER } from './live-voice.ts';
import { LiveVoices } from './live-voices.ts';
import type { PlayoutQueue } from './playout-queue.ts';
import { ATTACK_MS, nextGain, RELEASE_MS, SpokenHold, type SpokenOver } from './underlay.ts';
import { WaitingTone } from './waiting-tone.ts';

/** A line softer than this has no noise of its own: that of its codec, or nothing. */
const NOISY_POWER = powerAt(-66);

type MutableSpokenOver = { -readonly [key in keyof SpokenOver]: SpokenOver[key] };

export class ListenerSound {
  /** Decides when the listener's own voice makes the translation softer. */
  readonly interruptions = new InterruptionPolicy();
  /** Where translations go as they are spoken; undefined: nowhere. */
  tape: LegTape | undefined;
  readonly #counters: MediaCounters;
  readonly #playout: PlayoutQueue;
  readonly #voices: LiveVoices;
  readonly #keys = new KeyTones();
  readonly #chimes = new Chimes();
  readonly #spokenHold = new SpokenHold();
  readonly #noise = new ComfortNoise();
  readonly #limiter = new Limiter();
  #cue = new ListenerCue();
  #waiting: WaitingTone | undefined;
  /** One object for all frames: none is made on the short way. */
  readonly #over: MutableSpokenOver = { spoken: false, playing: false, translated: false };
  #expecting = false;
  #onlySpoken = false;
  /** The gain of the translation for the listener's sake. */
  #spokenGain = 1;
  /** That of its manner; undefined while nothing is spoken. */
  #mannerGain: number | undefined;
  #interrupted = false;
  #mix = new Float32Array(0);

  constructor(modules: MediaModules, counters: MediaCounters, playout: PlayoutQueue) {
    this.#counters = counters;
    this.#playout = playout;
    this.#voices = new LiveVoices(modules, counters);
  }

  /**
   * What is to be heard from now on; what of it is as before goes on. With nobody to be heard their voices end at once.
   */
  order({ voices, turns, waiting, onlySpoken }: Orders): void {
    this.#onlySpoken = onlySpoken;
    this.#voices.order(voices);
    if (voices.length === 0) {
      this.#noise.stop();
    }
    if (turns.length > 0 && !this.#expecting) {
      this.#cue = new ListenerCue();
    }
    this.#expecting = turns.length > 0;
    if (waiting !== (this.#waiting !== undefined)) {
      this.#waiting = waiting ? new WaitingTone() : undefined;
    }
  }

  playTone(tone: PartyTone): void {
    if (!this.#onlySpoken) {
      this.#chimes.play(tone);
    }
  }

  pressKey(key: string): void {
    if (!this.#onlySpoken) {
      this.#keys.press(key);
    }
  }

  /** Tells it that `frames` ticks never happened. */
  stalled(frames: number, nowMs: number): void {
    this.#voices.stalled(frames, nowMs);
  }

  /** Fills `frame`, 20 ms at `rateHz`, with what is heard next. */
  fill(frame: Int16Array, rateHz: number, nowMs: number): void {
    const playout = this.#playout;
    playout.held = this.interruptions.holds;
    playout.moreComing = this.#expecting || this.#voices.awaitTranslation;
    const spoken = playout.pull(frame);
    if (spoken) {
      this.tape?.told(frame, rateHz);
    }
    this.interruptions.next(spoken, playout.waiting);
    this.#countInterruptions();
    this.#over.spoken = spoken;
    this.#over.playing = this.#spokenHold.next(spoken, playout.busy);
    this.#over.translated = this.#voices.translated;
    this.#voices.next(this.#over);
    const only = this.#voices.onlyUntouched;
    if (spoken || !this.#isQuiet || (only === undefined && !this.#voices.none)) {
      this.#fillMixed(frame, spoken, rateHz, nowMs);
    } else if (only?.pull(frame, rateHz, nowMs) !== true) {
      frame.fill(0);
    }
  }

  /** Whether nothing but voices is heard, and nothing is awaited. */
  get #isQuiet(): boolean {
    return (
      this.#waiting === undefined &&
      !this.#keys.playing &&
      !this.#chimes.playing &&
      !this.#noise.sounding &&
      !this.#expecting &&
      this.#spokenGain === 1 &&
      this.#limiter.atRest
    );
  }

  #fillMixed(frame: Int16Array, spoken: boolean, rateHz: number, nowMs: number): void {
    const mix = this.#cleared(rateHz);
    this.#addSpoken(mix, frame, spoken);
    const clearPower = this.#voices.mixInto(mix, rateHz, nowMs);
    this.#addNoise(mix, rateHz, clearPower >= NOISY_POWER);
    const cued = this.#expecting && !this.#onlySpoken;
    if (this.#cue.next(cued, spoken || clearPower >= AUDIBLE_POWER)) {
      this.#counters.add('cues');
      this.#chimes.play('cue');
    }
    if (this.#chimes.playing) {
      this.#chimes.mixInto(mix, rateHz);
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
    } else {
      this.#mix.fill(0);
    }
    return this.#mix;
  }

  /** The translation, as loud as its manner says, softer while the listener interrupts it. */
  #addSpoken(mix: Float32Array, frame: Int16Array, spoken: boolean): void {
    const before = this.#spokenGain;
    const target = this.interruptions.interrupted ? INTERRUPTED_GAIN : 1;
    this.#spokenGain = nextGain(before, target, RELEASE_MS, ATTACK_MS);
    if (spoken) {
      const manner = gainOf(this.#playout.gainDb);
      addAt(mix, frame, before * (this.#mannerGain ?? manner), this.#spokenGain * manner);
      this.#mannerGain = manner;
    } else {
      this.#mannerGain = undefined;
    }
  }

  /** The noise of the parties' lines, where no line itself is heard and one would be missed. */
  #addNoise(mix: Float32Array, rateHz: number, lineIsHeard: boolean): void {
    const wanted = this.#voices.translated && !lineIsHeard;
    this.#noise.mixInto(mix, rateHz, wanted ? this.#voices.noiseDbfs : undefined);
  }

  #countInterruptions(): void {
    const { interrupted } = this.interruptions;
    if (interrupted && !this.#interrupted) {
      this.#counters.add('interruptions');
    }
    this.#interrupted = interrupted;
  }

  /** Frees what it holds of the libraries' memory; the playout queue is its owner's. */
  close(): void {
    this.#voices.close();
  }
}
