/**
 * The translation of a translator that speaks: its sound is passed on as it comes, a segment per burst of it. A burst
 * is over when no sound has come for a while, or when the translator has caught up.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { SegmentHandle } from '../rendering/rendering.ts';
import type { Delivery } from './delivery.ts';
import type { FusedUtterance } from './fused-utterance.ts';

/** No sound for this long ends a burst, in ms: three times the 200 ms in which it comes. */
const BURST_END_MS = 600;

interface Burst {
  readonly segment: SegmentHandle;
  readonly utterance: FusedUtterance;
  readonly rateHz: number;
  lastSoundMs: number;
}

export class PassedSound implements Delivery {
  readonly #clock: Clock;
  #burst: Burst | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
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
    burst.segment.add(pcm);
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
    const { account } = utterance;
    account.segmentComes();
    const text = utterance.takeText();
    const segment = account.speak({ text, source: undefined, rateHz, timing: undefined }, nowMs);
    const burst = { segment, utterance, rateHz, lastSoundMs: nowMs };
    this.#burst = burst;
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
      burst.segment.end();
      burst.utterance.account.segmentOver();
    }
  }
}
