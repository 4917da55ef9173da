/**
 * The voice of a translator that speaks: its sound is passed on as it comes, a segment per burst of it. A burst is over
 * when no sound has come for a while, or when the translator has caught up.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { InterpreterEvent } from '../interpreter.ts';
import type { FusedUtterance } from './fused-utterance.ts';
import type { Voice } from './voice.ts';

/** No sound for this long ends a burst, in ms: three times the 200 ms in which it comes. */
const BURST_END_MS = 600;

interface Burst {
  readonly segment: number;
  readonly utterance: FusedUtterance;
  readonly rateHz: number;
  lastSoundMs: number;
}

export class OwnVoice implements Voice {
  readonly #clock: Clock;
  readonly #emit: (event: InterpreterEvent) => void;
  #burst: Burst | undefined;
  #nextSegment = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, emit: (event: InterpreterEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  text(utterance: FusedUtterance, text: string): void {
    utterance.translated(text);
  }

  sound(utterance: FusedUtterance, pcm: Int16Array, rateHz: number): void {
    const present = this.#burst;
    if (present !== undefined && (present.utterance !== utterance || present.rateHz !== rateHz)) {
      this.#end();
    }
    const burst = this.#burst ?? this.#begin(utterance, rateHz);
    burst.lastSoundMs = this.#clock.nowMs();
    this.#emit({ type: 'segment-audio', segment: burst.segment, pcm });
  }

  caughtUp(utterance: FusedUtterance): void {
    if (this.#burst?.utterance === utterance) {
      this.#end();
    }
  }

  stop(): void {
    this.#end();
  }

  #begin(utterance: FusedUtterance, rateHz: number): Burst {
    const nowMs = this.#clock.nowMs();
    const burst = { segment: this.#nextSegment, utterance, rateHz, lastSoundMs: nowMs };
    this.#nextSegment += 1;
    this.#burst = burst;
    utterance.openSegment();
    utterance.speaking(burst.segment, utterance.takeText(), rateHz, nowMs);
    this.#watch(burst);
    return burst;
  }

  /** Keeps one timer per burst, which moves on with the sound instead of being set again for each piece of it. */
  #watch(burst: Burst): void {
    this.#timer = this.#clock.at(burst.lastSoundMs + BURST_END_MS, () => {
      if (this.#clock.nowMs() >= burst.lastSoundMs + BURST_END_MS) {
        this.#end();
      } else {
        this.#watch(burst);
      }
    });
  }

  #end(): void {
    const burst = this.#burst;
    if (burst !== undefined) {
      this.#timer?.cancel();
      this.#burst = undefined;
      this.#emit({ type: 'segment-ended', segment: burst.segment });
      burst.utterance.closeSegment();
    }
  }
}
