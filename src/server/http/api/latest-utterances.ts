/**
 * How the latest utterances of a call fared, one by one language: how late they were, and how many were not heard
 * translated. A few, so that it is the call as it is now; a console or a terminal that is opened late knows it at once.
 */

import { percentile } from '../../../base/percentile.ts';
import type { UtteranceReport } from '../../../call/call-events.ts';

/** Some two minutes of a talk. */
const MOST_KEPT = 20;

export interface UtterancesFared {
  readonly count: number;
  /** Of them; neither interpreted nor played. */
  readonly failed: number;
  /** Of the latest that was heard, in ms from the end of what was said to the first sound of what closes it. */
  readonly lagMs?: number;
  /** What 95 of a hundred do not exceed. */
  readonly lagP95Ms?: number;
}

export class LatestUtterances {
  readonly #kept: { readonly failed: boolean; readonly lagMs: number | undefined }[] = [];

  /** Takes in an utterance that is over, unless there was nothing to be said of it. */
  add({ outcome, stages: { endToEndMs } }: UtteranceReport): void {
    if (outcome === 'nothing-said' || outcome === 'left-alone') {
      return;
    }
    // Heard before its speaker had ended, it was not late at all.
    const lagMs = endToEndMs === undefined ? undefined : Math.max(0, endToEndMs);
    this.#kept.push({ failed: outcome !== 'spoken', lagMs });
    if (this.#kept.length > MOST_KEPT) {
      this.#kept.shift();
    }
  }

  /** Undefined before there was one. */
  get fared(): UtterancesFared | undefined {
    if (this.#kept.length === 0) {
      return undefined;
    }
    const lagsMs = this.#kept.flatMap(({ lagMs }) => lagMs ?? []);
    const lagMs = lagsMs.at(-1);
    const lagP95Ms = percentile(lagsMs, 0.95);
    return {
      count: this.#kept.length,
      failed: this.#kept.filter(({ failed }) => failed).length,
      ...(lagMs === undefined ? {} : { lagMs }),
      ...(lagP95Ms === undefined ? {} : { lagP95Ms }),
    };
  }
}
