/**
 * For how long a stream of recognition has been given speech without an answer. Only time in which sound came, or a
 * final was owed, counts, and of a stall of our own next to nothing: what was answered meanwhile has not been read
 * yet. Pure.
 */

/** The most that two looks which follow each other count for, in ms: sound that is given again comes each 100 ms. */
const MOST_STEP_MS = 100;

export class Silence {
  #lookedMs: number;
  /** Counted since the utterance began, a sign of life, and a word. */
  #begunMs = 0;
  #signMs = 0;
  #wordMs = 0;
  #signs = 0;
  #longestMs = 0;

  constructor(nowMs: number) {
    this.#lookedMs = nowMs;
  }

  /** Since the utterance began, in ms. */
  get sinceBeginningMs(): number {
    return this.#begunMs;
  }

  /** Since the stream showed that it listens. */
  get sinceSignMs(): number {
    return this.#signMs;
  }

  /** Since it heard words that it had not heard before. */
  get sinceWordMs(): number {
    return this.#wordMs;
  }

  /** Signs in the utterance, up to its end. */
  get signs(): number {
    return this.#signs;
  }

  /** The longest time between two signs in the utterance, up to its end; undefined where there were not so many. */
  get longestMs(): number | undefined {
    return this.#signs < 2 ? undefined : this.#longestMs;
  }

  /** An utterance begins. */
  begin(nowMs: number): void {
    this.#lookedMs = nowMs;
    this.#begunMs = 0;
    this.#signMs = 0;
    this.#wordMs = 0;
    this.#signs = 0;
    this.#longestMs = 0;
  }

  /** The utterance ends: what is waited for is its final. */
  end(): void {
    this.#signMs = 0;
    this.#wordMs = 0;
  }

  /** It is looked at again. @param counts whether the stream had something to answer since the last look. */
  look(nowMs: number, counts: boolean): void {
    const stepMs = counts ? Math.min(nowMs - this.#lookedMs, MOST_STEP_MS) : 0;
    this.#lookedMs = nowMs;
    this.#begunMs += stepMs;
    this.#signMs += stepMs;
    this.#wordMs += stepMs;
  }

  /** @param speaking whether the utterance goes on. */
  sign(speaking = true): void {
    if (speaking) {
      this.#longestMs = this.#signs === 0 ? 0 : Math.max(this.#longestMs, this.#signMs);
      this.#signs += 1;
    }
    this.#signMs = 0;
  }

  word(): void {
    this.#wordMs = 0;
  }
}
