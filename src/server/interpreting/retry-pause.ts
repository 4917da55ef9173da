/** When something that an engine did not do at the start is tried again. Pure; chance is given. */

/** The shortest and the longest pause before what may come back by itself is tried again, in ms. */
export interface RetryPauses {
  readonly firstMs: number;
  readonly longestMs: number;
  /** The pause before what would most likely fail again: a key that is refused, a model that there is not. */
  readonly lastingMs: number;
}

export const RETRY_PAUSES: RetryPauses = { firstMs: 5_000, longestMs: 60_000, lastingMs: 600_000 };

/** By how much a pause is longer or shorter, so that what fell at once is not asked at once for ever. */
const JITTER = 0.2;

/**
 * The pause after try number `tries`, in ms: the first one, doubled each time up to the longest.
 * @param chance 0 to 1, of which 0.5 changes nothing.
 */
export function retryPauseMs(tries: number, passing: boolean, chance: number, pauses = RETRY_PAUSES): number {
  const pauseMs = passing ? Math.min(pauses.firstMs * 2 ** (tries - 1), pauses.longestMs) : pauses.lastingMs;
  return pauseMs * (1 + JITTER * (2 * chance - 1));
}
