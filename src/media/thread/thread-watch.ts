/**
 * Finds threads that hang: whose heart does not beat while the main thread itself is on time. When all of the process
 * stood still nobody hangs, so a look for which the main thread is late does not count.
 */

import type { Clock, Timer } from '../../base/clock.ts';

/** How often a thread's heart beats while it has legs, and how often it is looked at, in ms. */
export const BEAT_MS = 50;
/** Looks without a beat between them after which a thread hangs: half a second, and all of its legs are silent for it. */
const MOST_SILENT_LOOKS = 10;

export interface WatchedThread {
  /** Whether it has legs, and so its heart is to beat. */
  readonly busy: boolean;
  /** How often it has; undefined while the thread loads. */
  readonly beats: number | undefined;
}

export class ThreadWatch<Thread extends WatchedThread> {
  readonly #clock: Clock;
  readonly #hangs: (thread: Thread) => void;
  /** What was last seen of each, and how often in a row it was that. */
  readonly #seen = new Map<Thread, { readonly beats: number | undefined; readonly looks: number }>();
  #timer: Timer | undefined;
  #lookedMs = 0;

  /** @param hangs hears once of each thread that hangs; it is not watched any more. */
  constructor(clock: Clock, hangs: (thread: Thread) => void) {
    this.#clock = clock;
    this.#hangs = hangs;
  }

  /** Watches a thread from now on, as long as it is busy. Adding it twice is adding it once. */
  add(thread: Thread): void {
    if (!this.#seen.has(thread)) {
      this.#seen.set(thread, { beats: thread.beats, looks: 0 });
    }
    if (this.#timer === undefined) {
      this.#lookedMs = this.#clock.nowMs();
      this.#lookAgain();
    }
  }

  forget(thread: Thread): void {
    this.#seen.delete(thread);
  }

  /** Watches nobody any more. Idempotent. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seen.clear();
  }

  #lookAgain(): void {
    this.#timer = this.#clock.at(this.#clock.nowMs() + BEAT_MS, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.nowMs();
    const onTime = nowMs - this.#lookedMs < 2 * BEAT_MS;
    this.#lookedMs = nowMs;
    for (const [thread, seen] of this.#seen) {
      if (!thread.busy) {
        this.#seen.delete(thread);
        continue;
      }
      const { beats } = thread;
      const silent = beats !== undefined && beats === seen.beats;
      const looks = silent ? seen.looks + (onTime ? 1 : 0) : 0;
      if (looks >= MOST_SILENT_LOOKS) {
        this.#seen.delete(thread);
        this.#hangs(thread);
      } else {
        this.#seen.set(thread, { beats, looks });
      }
    }
    if (this.#seen.size > 0) {
      this.#lookAgain();
    }
  }
}
