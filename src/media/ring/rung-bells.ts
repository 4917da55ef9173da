/**
 * The bells that one thread has rung for another, and which that one has not looked at yet: legs' numbers in shared
 * memory, from one writer to one reader. Only the first of them needs a message, so bells that are rung while the other
 * thread is at work cost a store each, and the more legs speak, the fewer messages a frame takes. A message on a port
 * costs its two threads some 10 µs.
 */

/** Numbers that fit. Each leg's bell is rung once and then armed again, so more wait only where more legs speak. */
const PLACES = 1_024;

/** Words of 32 bits: numbers written and read so far, and whether the reader has been told and not looked since. */
const WRITTEN = 0;
const READ = 1;
const TOLD = 2;
const FIRST_PLACE = 3;

/** What the other thread is told: there are bells to look at. No leg has this number. */
export const RUNG_BELLS = -1;

export class RungBells {
  /** To be handed to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** One side writes, the other reads; each makes its own over the same memory. */
  constructor(memory = new SharedArrayBuffer((FIRST_PLACE + PLACES) * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Adds the bell of `leg`. Returns what to post: nothing, {@link RUNG_BELLS}, or the leg where there is no place. */
  add(leg: number): number | undefined {
    const words = this.#words;
    const written = words[WRITTEN] ?? 0;
    if (((written - Atomics.load(words, READ)) | 0) >= PLACES) {
      return leg;
    }
    words[FIRST_PLACE + (written & (PLACES - 1))] = leg;
    // After the number: whoever sees the count finds it.
    Atomics.store(words, WRITTEN, (written + 1) | 0);
    return Atomics.exchange(words, TOLD, 1) === 0 ? RUNG_BELLS : undefined;
  }

  /** Calls `ring` for each leg whose bell was rung. What is rung from now on is told of by another message. */
  take(ring: (leg: number) => void): void {
    const words = this.#words;
    // First: of a bell that is rung in between the reader is told once more, and may find it taken already.
    Atomics.store(words, TOLD, 0);
    const written = Atomics.load(words, WRITTEN);
    for (let read = words[READ] ?? 0; read !== written; read = (read + 1) | 0) {
      const leg = words[FIRST_PLACE + (read & (PLACES - 1))] ?? 0;
      Atomics.store(words, READ, (read + 1) | 0);
      ring(leg);
    }
  }
}
