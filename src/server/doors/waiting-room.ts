/**
 * A room for so many who have not said yet who they are. When it is full, the address that has most in it loses its
 * oldest: who means it is here for some ms, so whoever fills the room puts out their own.
 */

export class WaitingRoom<Guest> {
  readonly #most: number;
  /** By address, the oldest first. */
  readonly #byAddress = new Map<string | undefined, Set<Guest>>();
  /** The oldest first, and where each comes from. */
  readonly #guests = new Map<Guest, string | undefined>();

  /** @param most how many may be in it at once. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** All of them, the oldest first. */
  get guests(): Iterable<Guest> {
    return this.#guests.keys();
  }

  /** Lets one in. @returns who is put out for it, and is in the room no more. */
  enter(guest: Guest, address: string | undefined): Guest | undefined {
    const out = this.#guests.size >= this.#most ? this.#oldestOfMost() : undefined;
    if (out !== undefined) {
      this.leave(out);
    }
    this.#guests.set(guest, address);
    const fromThere = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, fromThere.add(guest));
    return out;
  }

  /** @returns whether it was in the room. */
  leave(guest: Guest): boolean {
    const address = this.#guests.get(guest);
    const fromThere = this.#byAddress.get(address);
    fromThere?.delete(guest);
    if (fromThere?.size === 0) {
      this.#byAddress.delete(address);
    }
    return this.#guests.delete(guest);
  }

  clear(): void {
    this.#guests.clear();
    this.#byAddress.clear();
  }

  #oldestOfMost(): Guest | undefined {
    let most: ReadonlySet<Guest> = new Set();
    for (const fromThere of this.#byAddress.values()) {
      most = fromThere.size > most.size ? fromThere : most;
    }
    const [oldest] = most;
    return oldest;
  }
}
