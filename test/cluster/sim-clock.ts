/**
 * The clock of a fleet that is simulated: a heap of timers, moved on in one go and without promises, so that minutes of fifty
 * nodes pass in seconds.
 */

import type { Clock, Timer } from '../../src/base/clock.ts';

interface Pending {
  readonly deadlineMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

const WALL_START_MS = Date.UTC(2026, 0, 1);

export class SimClock implements Clock {
  readonly #heap: Pending[] = [];
  #nowMs = 0;
  #set = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  wallTime(): Date {
    return new Date(WALL_START_MS + this.#nowMs);
  }

  at(deadlineMs: number, callback: () => void): Timer {
    this.#set += 1;
    const pending: Pending = { deadlineMs: Math.max(deadlineMs, this.#nowMs), order: this.#set, callback };
    this.#push(pending);
    return {
      cancel: () => {
        pending.callback = undefined;
      },
    };
  }

  /** For code that waits; in a simulation nothing does. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.at(this.#nowMs + delayMs, resolve);
      signal.addEventListener('abort', () => {
        timer.cancel();
        reject(signal.reason);
      });
    });
  }

  /** Moves time on, and fires what becomes due on the way. */
  run(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#heap[0]; next !== undefined && next.deadlineMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      this.#nowMs = next.deadlineMs;
      next.callback?.();
    }
    this.#nowMs = endMs;
  }

  #push(pending: Pending): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(pending);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapped(parent, index)) {
        return;
      }
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = right < heap.length && this.#isBefore(right, left) ? right : left;
      if (child >= heap.length || !this.#swapped(index, child)) {
        return;
      }
      index = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    return (
      a !== undefined &&
      b !== undefined &&
      (a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order))
    );
  }

  /** Puts what is earlier of two above. */
  #swapped(above: number, below: number): boolean {
    const [a, b] = [this.#heap[above], this.#heap[below]];
    if (a === undefined || b === undefined || !this.#isBefore(below, above)) {
      return false;
    }
    this.#heap[above] = b;
    this.#heap[below] = a;
    return true;
  }
}
