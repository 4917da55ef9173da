/**
 * Finds out, on a media thread, that the main thread hangs in a loop. Nothing comes in and nothing can be asked of
 * such a process any more, not even to end; whoever is asked to start it again when it has ended should be. A main
 * thread that stands still otherwise, with the process or in a debugger, has not run, and may go on.
 */

/** It has run for so long, in ms, without looking after its media threads, which it does 40 times a second. */
const MOST_RUN_MS = 10_000;
/** How often it is looked at, in ms. */
const LOOK_MS = 1_000;

export interface WatchedMain {
  /** How often its heart has beaten. */
  readonly beats: number;
  /** For how long it has run, in ms; undefined where that is not known. */
  readonly ranMs: number | undefined;
}

export class MainWatch {
  readonly #main: WatchedMain;
  readonly #hangs: () => void;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Its beats when it was last looked at, and for how long it had run when it was first that. */
  #beats: number | undefined;
  #ranMs: number | undefined;

  constructor(main: WatchedMain, hangs: () => void) {
    this.#main = main;
    this.#hangs = hangs;
  }

  /** Call it often while the thread has legs. */
  look(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_MS) {
      return;
    }
    // Legs were gone in the meantime: then the main thread need not have beaten.
    const anew = nowMs - this.#lookedMs >= 2 * LOOK_MS;
    this.#lookedMs = nowMs;
    const { beats, ranMs } = this.#main;
    if (anew || beats !== this.#beats) {
      this.#beats = beats;
      this.#ranMs = ranMs;
    } else if (ranMs !== undefined && this.#ranMs !== undefined && ranMs - this.#ranMs >= MOST_RUN_MS) {
      this.#hangs();
    }
  }
}
