/**
 * Starts all that works for one party anew, the last resort but for the process: its hearing, its renderings, its leg's
 * media. The leg stays and notices nothing. It is done at most once in a while, so that it cannot go on and on.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Scope } from '../base/scope.ts';
import type { Interpretation } from './interpretation.ts';
import type { Leg } from './leg.ts';

/** How long after its hearing a party's media is started anew, in ms. */
const MEDIA_AFTER_MS = 1_000;

/** What came of asking for it. */
export type PartyReset = 'reset' | 'cooling-down' | 'not-there';

export class PipelineReset {
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param coolDownMs from one to the next, at least.
   * @param scope ends it, should it not be done.
   */
  run(interpretation: Interpretation, leg: Leg | undefined, coolDownMs: number, scope: Scope): PartyReset {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lastMs < coolDownMs) {
      return 'cooling-down';
    }
    this.#lastMs = nowMs;
    interpretation.reset(new AppError('pipeline-reset', 'its pipeline was started anew'));
    // The new media ends what is being said; by then the next hearing has most often been told of that.
    scope.run(async (signal) => {
      await this.#clock.sleep(MEDIA_AFTER_MS, signal);
      leg?.media.restart();
    });
    return 'reset';
  }
}
