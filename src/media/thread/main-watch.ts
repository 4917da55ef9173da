/**
 * Finds out, on a media thread, that the main thread hangs in a loop. Nothing comes in and nothing can be asked of
 * such a process any more, not even to end; whoever is asked to start it again when it has ended should be. A main
 * thread that stands still otherwise, with the process or in a debugger, has not run, and may go on.
 */

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
  readonly #mostRunMs: number;
  readonly #hangs: () => void;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Its beats when it was last looked at, and for how long it had run when it was first that. */
  #beats: number | undefined;
  #ranMs: number | undefined;

  /** @param mostRunMs for how long it may run without a beat, in ms. */
  constructor(main: WatchedMain, mostRunMs: number, hangs: () => void) {
    this.#main = main;
    this.#mostRunMs = mostRunMs;
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
    } else if (ranMs !== undefined && this.#ranMs !== undefined && ranMs - this.#ranMs >= this.#mostRunMs) {
      this.#hangs();
    }
  }
}
