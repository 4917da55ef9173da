/**
 * Calls many members once a period, each in its own slot of the period, on absolute deadlines: the grid never
 * drifts, and one timer serves all of a slot. A member is called once per wake however late the wake is; what
 * a late call means is the member's to decide. Slots are 2 ms apart, so the 20 ms grid has ten.
 */

import type { Clock, Timer } from './clock.ts';

export interface GridMember {
  /** @param deadlineMs the slot's latest deadline that has passed; `nowMs` is when the loop got to it. */
  tick(deadlineMs: number, nowMs: number): void;
  /** Hears what its own `tick` threw; it is not called again. The other members never notice. */
  failed(error: unknown): void;
}

export class GridTicker {
  readonly #clock: Clock;
  readonly #slotMs: number;
  readonly #slots: Set<GridMember>[];
  /** Index of the next slot deadline, counted from time zero in steps of one slot. */
  #next = 0;
  #timer: Timer | undefined;
  #members = 0;
  /** Whether members are being called: what one of them does may ask for {@link catchUp}. */
  #waking = false;

  /** @param periodMs how often each member is called; @param slots how many groups the members are spread over. */
  constructor(clock: Clock, periodMs: number, slots: number) {
    this.#clock = clock;
    this.#slotMs = periodMs / slots;
    this.#slots = Array.from({ length: slots }, () => new Set());
  }

  /** The slot with the fewest members, for a newcomer. */
  quietestSlot(): number {
    let quietest = 0;
    for (const [slot, members] of this.#slots.entries()) {
      if (members.size < (this.#slots[quietest]?.size ?? 0)) {
        quietest = slot;
      }
    }
    return quietest;
  }

  /** When deadlines of `slot` fall: this many ms into each period, counted from time zero. */
  phaseMs(slot: number): number {
    return slot * this.#slotMs;
  }

  /**
   * Calls `member` in `slot` (taken modulo the number of slots) from its next deadline on. Adding it twice is adding
   * it once.
   */
  add(member: GridMember, slot: number): void {
    const members = this.#slotOf(slot);
    if (members.has(member)) {
      return;
    }
    members.add(member);
    this.#members += 1;
    // The timer may be set for a later slot than the newcomer's; a deadline that has passed already stays due.
    const soonest = Math.floor(this.#clock.nowMs() / this.#slotMs) + 1;
    this.#next = this.#timer === undefined ? soonest : Math.min(this.#next, soonest);
    this.#arm();
  }

  remove(member: GridMember, slot: number): void {
    if (this.#slotOf(slot).delete(member)) {
      this.#members -= 1;
    }
  }

  /**
   * Calls at once whom the timer would call only when the loop comes to it: a loop with much else to do asks this
   * between two things, so that they are not late by the sum of all. Costs a comparison when nothing is due.
   */
  catchUp(nowMs: number): void {
    if (this.#timer !== undefined && !this.#waking && nowMs >= this.#next * this.#slotMs) {
      this.#wake(nowMs);
    }
  }

  /** Stops calling; the members stay known but are never called again. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const members of this.#slots) {
      members.clear();
    }
    this.#members = 0;
  }

  #call(member: GridMember, index: number, nowMs: number): void {
    try {
      member.tick(index * this.#slotMs, nowMs);
    } catch (error) {
      this.remove(member, index);
      member.failed(error);
    }
  }

  #slotOf(slot: number): Set<GridMember> {
    const members = this.#slots[slot % this.#slots.length];
    if (members === undefined) {
      throw new RangeError(`there is no slot ${slot}`);
    }
    return members;
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#members === 0) {
      return;
    }
    // Slots nobody sits in need no wake.
    while (this.#slotOf(this.#next).size === 0) {
      this.#next += 1;
    }
    this.#timer = this.#clock.at(this.#next * this.#slotMs, () => this.#wake(this.#clock.nowMs()));
  }

  #wake(nowMs: number): void {
    this.#waking = true;
    const due = Math.floor(nowMs / this.#slotMs);
    // After a stall of more than a period each slot is still called once, with its latest deadline.
    const first = Math.max(this.#next, due - this.#slots.length + 1);
    for (let index = first; index <= due; index += 1) {
      for (const member of this.#slotOf(index)) {
        this.#call(member, index, nowMs);
      }
    }
    this.#waking = false;
    this.#next = due + 1;
    this.#arm();
  }
}
