/** Guests and where each comes from, for rooms that are shared out by that. */

export class GuestsByAddress<Guest> {
  /** By address, each with its oldest first. */
  readonly #byAddress = new Map<string | undefined, Set<Guest>>();
  /** The oldest first. */
  readonly #guests = new Map<Guest, string | undefined>();

  get size(): number {
    return this.#guests.size;
  }

  /** All of them, the oldest first. */
  get all(): Iterable<Guest> {
    return this.#guests.keys();
  }

  /** Of the address whose turn it is, the oldest first; undefined where there are none. */
  get first(): ReadonlySet<Guest> | undefined {
    const [fromThere] = this.#byAddress.values();
    return fromThere;
  }

  /** Of the address that has most, the oldest first; empty where there are none. */
  get most(): ReadonlySet<Guest> {
    let most: ReadonlySet<Guest> = new Set();
    for (const fromThere of this.#byAddress.values()) {
      most = fromThere.size > most.size ? fromThere : most;
    }
    return most;
  }

  countFrom(address: string | undefined): number {
    return this.#byAddress.get(address)?.size ?? 0;
  }

  add(guest: Guest, address: string | undefined): void {
    this.#guests.set(guest, address);
    const fromThere = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, fromThere.add(guest));
  }

  /** @returns whether it was here. */
  delete(guest: Guest): boolean {
    const address = this.#guests.get(guest);
    const fromThere = this.#byAddress.get(address);
    fromThere?.delete(guest);
    if (fromThere?.size === 0) {
      this.#byAddress.delete(address);
    }
    return this.#guests.delete(guest);
  }

  /** The address whose turn it was comes behind all others. */
  passTurn(): void {
    const [turn] = this.#byAddress;
    if (turn !== undefined) {
      const [address, fromThere] = turn;
      this.#byAddress.delete(address);
      this.#byAddress.set(address, fromThere);
    }
  }

  clear(): void {
    this.#guests.clear();
    this.#byAddress.clear();
  }
}
