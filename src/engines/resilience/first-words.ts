/**
 * How long a recogniser takes to the first word of an utterance, and from when on its silence is strange. Nothing is strange
 * before it is known what is usual: some recognisers say nothing before the end, and some sounds have no words. Pure.
 */

/** Speech without a word for so long is strange, in ms, or three times the usual where that is longer. */
const SILENT_MS = 1_200;
const TIMES_USUAL = 3;
/** Utterances of which it is learned what is usual, and from how many on. */
const LEARNED = 20;
const FEWEST = 3;
/** Doubts without a reason double the time, up to so often; each {@link LEARNED} utterances heard in time take one back. */
const MOST_DOUBLINGS = 2;

export class FirstWords {
  /** In ms, oldest first. */
  readonly #latestMs: number[] = [];
  #doublings = 0;
  #inTime = 0;

  get silentAfterMs(): number | undefined {
    if (this.#latestMs.length < FEWEST) {
      return undefined;
    }
    const usualMs = this.#latestMs.toSorted((a, b) => a - b)[Math.floor(this.#latestMs.length / 2)] ?? 0;
    return Math.max(SILENT_MS, TIMES_USUAL * usualMs) * 2 ** this.#doublings;
  }

  heard(afterMs: number): void {
    this.#latestMs.push(afterMs);
    if (this.#latestMs.length > LEARNED) {
      this.#latestMs.shift();
    }
    this.#inTime += 1;
    if (this.#inTime >= LEARNED) {
      this.#inTime = 0;
      this.#doublings = Math.max(0, this.#doublings - 1);
    }
  }

  doubtedRightly(): void {
    this.#doublings = 0;
  }

  doubtedForNothing(): void {
    this.#inTime = 0;
    this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS);
  }
}
