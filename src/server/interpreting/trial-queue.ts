/**
 * The trials of one engine, a few at a time: however many languages meet here, an engine is not asked more at once
 * than a call would ask of it. When it is silent at one of them, those that wait are not begun.
 */

import type { TaskState } from './direction-trial.ts';

/** Trials of one engine at once. */
const MOST_AT_ONCE = 4;

export class TrialQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** How often a trial ended because the engine was silent, and what was said of the last one. */
  #silences = 0;
  #lastSilence: TaskState = { type: 'untried' };

  /**
   * Runs `trial` when it is its turn; when the engine falls silent before, its outcome is that of the one that showed
   * it.
   * @throws the signal's reason; what `trial` throws.
   */
  async run(trial: () => Promise<TaskState>, signal: AbortSignal): Promise<TaskState> {
    const before = this.#silences;
    if (this.#running >= MOST_AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#running += 1;
    try {
      signal.throwIfAborted();
      if (this.#silences > before) {
        return this.#lastSilence;
      }
      const state = await trial();
      if (state.type === 'failed' && state.silent) {
        this.#silences += 1;
        this.#lastSilence = state;
      }
      return state;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
