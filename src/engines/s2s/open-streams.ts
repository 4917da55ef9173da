/**
 * The streams an engine has open or is opening, so that its `close` ends them all and nothing opens after.
 */

import { AppError } from '../../base/errors.ts';
import type { TranslatorStream } from './translator-stream.ts';

export class OpenStreams {
  readonly #name: string;
  readonly #closed = new AbortController();
  readonly #opening = new Set<Promise<unknown>>();
  readonly #streams = new Set<TranslatorStream>();

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Opens a stream with `work`, whose signal also aborts when the engine closes.
   * @throws AppError `closed` after {@link close}; else what `work` throws.
   */
  async open(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<TranslatorStream>,
  ): Promise<TranslatorStream> {
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const opening = work(AbortSignal.any([signal, this.#closed.signal]));
    this.#opening.add(opening);
    try {
      const stream = await opening;
      this.#streams.add(stream);
      void stream.ended.then(() => this.#streams.delete(stream));
      return stream;
    } finally {
      this.#opening.delete(opening);
    }
  }

  /** Ends them all. Idempotent. */
  async close(): Promise<void> {
    this.#closed.abort(new AppError('closed', `${this.#name}: the engine has been closed`));
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#streams].map((stream) => stream.close()));
  }
}
