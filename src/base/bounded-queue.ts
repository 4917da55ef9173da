/**
 * A first-in first-out queue that cannot grow without end: past its limit it drops its oldest entries and
 * counts them. The limit is a weight (ms of audio, bytes, entries), which the owner names.
 */

export class BoundedQueue<T> {
  /** Entries dropped because newer ones needed the room, since the queue was made. */
  dropped = 0;
  readonly #limit: number;
  readonly #weigh: (entry: T) => number;
  readonly #entries: T[] = [];
  #weight = 0;

  /**
   * @param limit the most the entries may weigh together.
   * @param weigh the weight of one entry; it must not change while the entry is queued.
   */
  constructor(limit: number, weigh: (entry: T) => number) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** What the queued entries weigh together. */
  get weight(): number {
    return this.#weight;
  }

  /** Adds an entry; the newest one always stays, however heavy. Returns the entries that were dropped for it. */
  push(entry: T): readonly T[] {
    this.#entries.push(entry);
    this.#weight += this.#weigh(entry);
    const lost: T[] = [];
    while (this.#weight > this.#limit && this.#entries.length > 1) {
      const oldest = this.shift();
      if (oldest !== undefined) {
        lost.push(oldest);
      }
    }
    this.dropped += lost.length;
    return lost;
  }

  peek(): T | undefined {
    return this.#entries[0];
  }

  shift(): T | undefined {
    const entry = this.#entries.shift();
    if (entry !== undefined) {
      this.#weight -= this.#weigh(entry);
    }
    return entry;
  }

  /** The queued entries, oldest first. */
  entries(): readonly T[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#weight = 0;
  }
}
