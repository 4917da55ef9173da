/**
 * Says how many of the frames that wait to be heard are superfluous: those that a whole window never needed. Pure;
 * it only sees how many wait after each one that is taken. A live voice that is late stays late unless somebody
 * gives frames back, but giving back what jitter needs makes gaps, so each gap that follows makes it more patient.
 */

/** How long frames must have been superfluous before they are given back, in ms. */
const PATIENCE_MS = 1_000;
/** A gap soon after frames were given back doubles the patience, up to this many ms. */
const MOST_PATIENCE_MS = 60_000;
/** After a stall all that waits too long does so at once: three packets of 60 ms are long enough to see it. */
const AFTER_STALL_MS = 200;
/** Looks are that quick for this long, because what piled up may arrive a little after the stall has ended. */
const QUICK_LOOKS_MS = 2_000;
/** Gaps or lost ticks in a row that count as a stall. */
export const STALL_FRAMES = 3;

export class LatenessJudge {
  #windowEndsMs = 0;
  #quickUntilMs = 0;
  #leastWaiting = Number.POSITIVE_INFINITY;
  #patienceMs = PATIENCE_MS;
  #gapFrames = 0;
  #gaveBackAtMs = Number.NEGATIVE_INFINITY;

  /** There was nothing to take. Returns whether that is a gap in a voice rather than the voice's end. */
  gap(nowMs: number): boolean {
    this.#gapFrames += 1;
    this.#leastWaiting = 0;
    if (nowMs - this.#gaveBackAtMs < this.#patienceMs * 2) {
      this.#patienceMs = Math.min(MOST_PATIENCE_MS, this.#patienceMs * 2);
      this.#gaveBackAtMs = Number.NEGATIVE_INFINITY;
    }
    return this.#gapFrames <= STALL_FRAMES;
  }

  /** A frame was taken and `waiting` are left. Returns how many of those are superfluous, mostly 0. */
  taken(waiting: number, nowMs: number): number {
    if (this.#gapFrames >= STALL_FRAMES) {
      this.stalled(nowMs);
    }
    this.#gapFrames = 0;
    this.#leastWaiting = Math.min(this.#leastWaiting, waiting);
    if (nowMs < this.#windowEndsMs) {
      return 0;
    }
    const superfluous = this.#leastWaiting;
    this.#begin(nowMs);
    return superfluous;
  }

  /** Time was lost, so the next look comes soon. */
  stalled(nowMs: number): void {
    this.#quickUntilMs = nowMs + QUICK_LOOKS_MS;
    this.#begin(nowMs);
  }

  /** What was superfluous has been given back. */
  gaveBack(nowMs: number): void {
    this.#gaveBackAtMs = nowMs;
    this.#begin(nowMs);
  }

  #begin(nowMs: number): void {
    this.#windowEndsMs = nowMs + (nowMs < this.#quickUntilMs ? AFTER_STALL_MS : this.#patienceMs);
    this.#leastWaiting = Number.POSITIVE_INFINITY;
  }
}
