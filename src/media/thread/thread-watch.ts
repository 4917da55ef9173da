/**
 * Finds threads that hang: whose heart does not beat. One that has run for long since it last beat is in a loop. One that
 * sleeps waits for something that never comes: it hangs when that has lasted for longer, while the main thread was on
 * time. One that would run and is not let run, on a machine that is busy, does not hang, however long that lasts.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { WatchLimits } from './watch-limits.ts';

/** How often a thread's heart beats while it has legs, and how often it is looked at, in ms. */
export const BEAT_MS = 25;
export interface WatchedThread {
  /** Whether it has legs, and so its heart is to beat. */
  readonly busy: boolean;
  /** How often it has; undefined while the thread loads. */
  readonly beats: number | undefined;
  /** For how long it has run, in ms; undefined where that is not known. */
  readonly ranMs: number | undefined;
  /** Whether it would run if the machine let it; false where that is not known. */
  readonly runnable: boolean;
}

/** What was seen of a thread. */
interface Seen {
  readonly beats: number | undefined;
  /** How often in a row it was that. */
  readonly looks: number;
  /** For how long it had run when it was that for the first time. */
  readonly ranMs: number | undefined;
}

export class ThreadWatch<Thread extends WatchedThread> {
  readonly #clock: Clock;
  readonly #limits: WatchLimits;
  readonly #hangs: (thread: Thread) => void;
  readonly #looks: () => void;
  readonly #seen = new Map<Thread, Seen>();
  #timer: Timer | undefined;
  #lookedMs = 0;

  /**
   * @param hangs hears once of each thread that hangs; it is not watched any more.
   * @param looks is called at each look, as long as there is a thread to look at.
   */
  constructor(
    clock: Clock,
    limits: WatchLimits,
    hangs: (thread: Thread) => void,
    looks: () => void = () => {},
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#hangs = hangs;
    this.#looks = looks;
  }

  /** Watches a thread from now on, as long as it is busy. Adding it twice is adding it once. */
  add(thread: Thread): void {
    if (!this.#seen.has(thread)) {
      this.#seen.set(thread, firstLook(thread));
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
    this.#looks();
    const nowMs = this.#clock.nowMs();
    const onTime = nowMs - this.#lookedMs < 2 * BEAT_MS;
    this.#lookedMs = nowMs;
    const { threadRunMs, threadSilentMs } = this.#limits;
    for (const [thread, seen] of this.#seen) {
      if (!thread.busy) {
        this.#seen.delete(thread);
        continue;
      }
      const { beats } = thread;
      if (beats === undefined || beats !== seen.beats) {
        this.#seen.set(thread, firstLook(thread));
        continue;
      }
      const looks = seen.looks + (onTime && !thread.runnable ? 1 : 0);
      if (looks * BEAT_MS >= threadSilentMs || ranSince(seen, thread) >= threadRunMs) {
        this.#seen.delete(thread);
        this.#hangs(thread);
      } else {
        this.#seen.set(thread, { ...seen, looks });
      }
    }
    if (this.#seen.size > 0) {
      this.#lookAgain();
    }
  }
}

function firstLook({ beats, ranMs }: WatchedThread): Seen {
  return { beats, looks: 0, ranMs };
}

/** For how long a thread has run since it was first seen so, in ms; 0 where that is not known. */
function ranSince(seen: Seen, { ranMs }: WatchedThread): number {
  return seen.ranMs === undefined || ranMs === undefined ? 0 : ranMs - seen.ranMs;
}
