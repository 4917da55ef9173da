/**
 * A room for so many who have not said yet who they are. When it is full, the address that has most in it loses its
 * oldest: who means it is here for some ms, so whoever fills the room puts out their own.
 */

import { GuestsByAddress } from '../guests-by-address.ts';

export class WaitingRoom<Guest> {
  readonly #most: number;
  readonly #guests = new GuestsByAddress<Guest>();

  /** @param most how many may be in it at once. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** All of them, the oldest first. */
  get guests(): Iterable<Guest> {
    return this.#guests.all;
  }

  /** Lets one in. @returns who is put out for it, and is in the room no more. */
  enter(guest: Guest, address: string | undefined): Guest | undefined {
    const [oldestOfMost] = this.#guests.size >= this.#most ? this.#guests.most : [];
    if (oldestOfMost !== undefined) {
      this.#guests.delete(oldestOfMost);
    }
    this.#guests.add(guest, address);
    return oldestOfMost;
  }

  /** @returns whether it was in the room. */
  leave(guest: Guest): boolean {
    return this.#guests.delete(guest);
  }

  clear(): void {
    this.#guests.clear();
  }
}
