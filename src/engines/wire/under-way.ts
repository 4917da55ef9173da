/**
 * The requests an engine has under way: bounded in number, and ended by its `close`, which waits for them. Nothing is
 * asked after it.
 */

import { AppError } from '../../base/errors.ts';

export class UnderWay {
  readonly #name: string;
  readonly #limit: number;
  readonly #closed = new AbortController();
  readonly #requests = new Set<Promise<unknown>>();

  /**
   * @param name the engine's, for messages.
   * @param limit the most requests at once.
   */
  constructor(name: string, limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  get count(): number {
    return this.#requests.size;
  }

  get full(): boolean {
    return this.#requests.size >= this.#limit;
  }

  /** Aborts when the engine closes, with an error of the code `closed`. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Runs one request, whose signal also aborts when the engine closes.
   * @throws AppError `closed` after {@link close}, `engine-overloaded` when as many are under way as may; the signal's
   * reason when it has aborted; else what `request` throws.
   */
  async run<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    if (this.full) {
      throw new AppError('engine-overloaded', `${this.#name}: as many requests are under way as may`);
    }
    const running = request(AbortSignal.any([signal, this.#closed.signal]));
    this.#requests.add(running);
    try {
      return await running;
    } finally {
      this.#requests.delete(running);
    }
  }

  /** Ends them all. Idempotent. */
  async close(): Promise<void> {
    this.#closed.abort(new AppError('closed', `${this.#name}: the engine has been closed`));
    await Promise.allSettled(this.#requests);
  }
}
