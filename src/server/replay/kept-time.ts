/**
 * When something that an engine answered in a call is answered in its replay: as long after it is asked for as then. Where
 * it is asked for at nearly the same time, that is the very moment of the call, so that what a machine was late by here
 * and there does not add up.
 */

/** What is asked for this much earlier or later than in the call, in ms, is asked for at the same time. */
const SAME_MS = 60;

/**
 * @param startMs when the call begins, on the clock. @param askedMs when it was asked for in the call, in ms of the call.
 * @returns on the clock.
 */
export function answerTime(nowMs: number, startMs: number, askedMs: number, tookMs: number): number {
  const thenMs = startMs + askedMs;
  return Math.max(nowMs, (Math.abs(nowMs - thenMs) <= SAME_MS ? thenMs : nowMs) + tookMs);
}
