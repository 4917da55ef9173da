/**
 * A room for so many guests, shared out by where they come from. When it is full, whoever comes from an address that has
 * fewer in it than another takes the place of that one's newest: so nobody keeps others out, however many they are, and
 * who has been here for long stays.
 */

import { GuestsByAddress } from '../guests-by-address.ts';

export class FairRoom<Guest> {
  readonly #most: number;
  readonly #guests = new GuestsByAddress<Guest>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** @returns who has to go: nobody, `guest` itself, or one who was here. */
  enter(guest: Guest, address: string | undefined): Guest | undefined {
    let out: Guest | undefined;
    if (this.#guests.size >= this.#most) {
      const largest = this.#guests.most;
      out = largest.size > this.#guests.countFrom(address) + 1 ? [...largest].at(-1) : undefined;
      if (out === undefined) {
        return guest;
      }
      this.#guests.delete(out);
    }
    this.#guests.add(guest, address);
    return out;
  }

  /** Takes out whose turn it is: the oldest of an address, which comes behind all others then. */
  next(): Guest | undefined {
    const [guest] = this.#guests.first ?? [];
    if (guest === undefined) {
      return undefined;
    }
    this.#guests.passTurn();
    this.#guests.delete(guest);
    return guest;
  }

  leave(guest: Guest): void {
    this.#guests.delete(guest);
  }
}
