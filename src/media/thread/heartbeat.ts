/**
 * A few words of memory in which a media thread shows that it lives and whom it works for, so that the main thread sees
 * when it hangs in a loop: such a thread answers no message any more.
 */

const BEATS = 0;
const AT_WORK = 1;
const WORDS = 2;
const NOBODY = -1;

export class Heartbeat {
  /** To be handed to the thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** The thread lives. Nobody else writes, so a plain store is enough. */
  beat(): void {
    this.#words[BEATS] = ((this.#words[BEATS] ?? 0) + 1) | 0;
  }

  /** How often it has beaten. */
  get beats(): number {
    return Atomics.load(this.#words, BEATS);
  }

  /** The thread begins to work for a leg, which is a beat, too. Plain stores: it is done before each frame. */
  worksFor(leg: number): void {
    this.#words[AT_WORK] = leg;
    this.beat();
  }

  /** It has done what it did for a leg. */
  rests(): void {
    this.#words[AT_WORK] = NOBODY;
  }

  /** The leg that a thread works for which beats no more; nonsense for one that does, and none where it is negative. */
  get atWork(): number {
    return Atomics.load(this.#words, AT_WORK);
  }
}
