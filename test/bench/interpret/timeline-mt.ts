/**
 * Translation that takes as long as an engine of the profile, longer for longer texts, and can be undone. It keeps when
 * it was asked and when it answered, so that what lies between engines can be told from what lies in them.
 */

import type { Clock } from '../../../src/base/clock.ts';
import type { MtEngine, MtRequest } from '../../../src/engines/mt/mt-engine.ts';
import { SUPPORTED, type Support } from '../../../src/engines/support.ts';
import type { EngineProfile } from './engine-profiles.ts';
import { translate } from './pseudo-translation.ts';
import { randomOf } from './random.ts';
import { wordsOf } from './word-truth.ts';

/** A profile's time is that of a clause of so many words. */
const CLAUSE_WORDS = 6;
/** What a word more costs, as a share of the time of a clause: 5 ms of 150 ms. */
const WORD_SHARE = 1 / 30;
/** Deviation of the logarithm of the time. */
const SIGMA = 0.15;

export interface MtCall {
  readonly text: string;
  readonly askedMs: number;
  answeredMs: number | undefined;
}

export class TimelineMt implements MtEngine {
  readonly name = 'timeline-mt';
  /** What it was asked since the last {@link forget}. */
  readonly calls: MtCall[] = [];
  readonly #clock: Clock;
  readonly #profile: EngineProfile;
  readonly #seed: number;
  readonly #longer: boolean;

  /** @param longer whether the other language has more words. */
  constructor(clock: Clock, profile: EngineProfile, seed: number, longer: boolean) {
    this.#clock = clock;
    this.#profile = profile;
    this.#seed = seed;
    this.#longer = longer;
  }

  forget(): void {
    this.calls.length = 0;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    const { text } = request;
    const call: MtCall = { text, askedMs: this.#clock.nowMs(), answeredMs: undefined };
    this.calls.push(call);
    const share = 1 + (wordsOf(text).length - CLAUSE_WORDS) * WORD_SHARE;
    const jitter = randomOf(this.#seed, text).lognormal(1, SIGMA * this.#profile.spread);
    await this.#clock.sleep(this.#profile.mtMs * share * jitter, signal);
    call.answeredMs = this.#clock.nowMs();
    return translate(text, this.#longer);
  }

  async close(): Promise<void> {}
}
