/**
 * What has happened to objects since they began. Every object that does something keeps plain `counts` of it and
 * names the objects below it; who wants to know walks the tree and adds up. Nothing is relayed on the way.
 */

/** What is counted by a further word, as a `Tally` is. */
export interface Divided {
  entries(): Iterable<readonly [string, number]>;
}

/**
 * By name, a number or, where a further word divides it, a tally. Names are the same wherever the same thing is
 * counted.
 */
export type Counts = Readonly<Record<string, number | Divided>>;

export interface Counted {
  readonly counts: Counts;
  /** What it is made of and answers for, if that counts, too. */
  readonly parts?: Iterable<Counted>;
}

/** Sums over many objects; also what an owner keeps of those that are gone. */
export class CountSums {
  readonly #numbers = new Map<string, number>();
  readonly #tallies = new Map<string, Map<string, number>>();

  /** Adds all that `counted` and its parts have counted so far. */
  add({ counts, parts }: Counted): this {
    // Asked of hundreds of objects in one turn of the loop: without an array for each of their counts.
    for (const name in counts) {
      const count = counts[name];
      if (typeof count === 'number') {
        if (count !== 0 || !this.#numbers.has(name)) {
          this.#numbers.set(name, this.number(name) + count);
        }
      } else if (count !== undefined) {
        this.#addTally(name, count.entries());
      }
    }
    for (const part of parts ?? []) {
      this.add(part);
    }
    return this;
  }

  /** Adds other sums. */
  addSums(other: CountSums): this {
    for (const [name, count] of other.#numbers) {
      this.#numbers.set(name, this.number(name) + count);
    }
    for (const [name, tally] of other.#tallies) {
      this.#addTally(name, tally);
    }
    return this;
  }

  /** The sum of what is counted under `name`; 0 where nobody does. */
  number(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  /** The sums of a tally, by its words. */
  tally(name: string): ReadonlyMap<string, number> {
    return this.#tallies.get(name) ?? new Map();
  }

  #addTally(name: string, entries: Iterable<readonly [string, number]>): void {
    const sums = this.#tallies.get(name) ?? new Map<string, number>();
    this.#tallies.set(name, sums);
    for (const [word, count] of entries) {
      sums.set(word, (sums.get(word) ?? 0) + count);
    }
  }
}
