/**
 * Finds out, for whatever brings a leg's sound, that its party is on hold: frames come no more while the connection
 * stays. Pure; time is told. A phone that sends nothing in silence looks the same, and is to be spoken to all the same,
 * so only who has sent without a break before is believed to be held.
 */

/** No frame for so long, in ms, after an unbroken stretch: the party is on hold. */
const HELD_MS = 400;
/** A stretch without a frame that breaks it, in ms: packets of 60 ms, one of them lost, and the next one late. */
const BREAK_MS = 200;
/** How long frames have come without a break, in ms, where silence is sent, too. */
const UNBROKEN_MS = 10_000;
/** A line with so many breaks that were no hold is one that sends nothing in silence, */
const MANY_BREAKS = 5;
/** where frames have come for so long, in ms: a long answer, or a loud room, is no reason to tell its party nothing. */
const UNBROKEN_AFTER_MANY_MS = 60_000;
/**
 * Between two looks at the time, in ms: who was not asked for so long did not run, and what was sent is still to come.
 */
const ASLEEP_MS = 60;

export class ArrivalWatch {
  #lastFrameMs: number | undefined;
  #unbrokenSinceMs = 0;
  #breaks = 0;
  #lookedMs: number | undefined;
  /** Since the last frame, in ms, in which this process stood still. */
  #asleepMs = 0;

  /** A frame has come. */
  frame(nowMs: number): void {
    this.#look(nowMs);
    if (this.#lastFrameMs === undefined || this.#sinceFrameMs(nowMs) >= BREAK_MS) {
      this.#breaks += this.#lastFrameMs === undefined || this.#isHeld(nowMs) ? 0 : 1;
      this.#unbrokenSinceMs = nowMs;
    }
    this.#lastFrameMs = nowMs;
    this.#asleepMs = 0;
  }

  /** Whether the party is on hold. Ask each 20 ms. */
  held(nowMs: number): boolean {
    this.#look(nowMs);
    return this.#isHeld(nowMs);
  }

  #isHeld(nowMs: number): boolean {
    const unbrokenMs = this.#breaks < MANY_BREAKS ? UNBROKEN_MS : UNBROKEN_AFTER_MANY_MS;
    return (
      this.#lastFrameMs !== undefined &&
      this.#sinceFrameMs(nowMs) >= HELD_MS &&
      this.#lastFrameMs - this.#unbrokenSinceMs >= unbrokenMs
    );
  }

  #sinceFrameMs(nowMs: number): number {
    return nowMs - (this.#lastFrameMs ?? nowMs) - this.#asleepMs;
  }

  #look(nowMs: number): void {
    const sinceMs = nowMs - (this.#lookedMs ?? nowMs);
    this.#asleepMs += sinceMs > ASLEEP_MS ? sinceMs : 0;
    this.#lookedMs = nowMs;
  }
}
