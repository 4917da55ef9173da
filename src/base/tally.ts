/**
 * Counts by name: the plain field an object keeps of what happened to it. Metrics read it when they are
 * asked for; nothing is pushed.
 */

export class Tally<Name extends string> {
  readonly #counts = new Map<Name, number>();

  add(name: Name, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  get(name: Name): number {
    return this.#counts.get(name) ?? 0;
  }

  entries(): IterableIterator<[Name, number]> {
    return this.#counts.entries();
  }
}
