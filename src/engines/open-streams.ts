/**
 * The streams an engine has open or is opening, so that its `close` ends them all and nothing opens after.
 */

import { AppError } from '../base/errors.ts';

export interface OpenStream {
  /** Resolves when the stream is over, for whatever reason. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export class OpenStreams<Stream extends OpenStream> {
  readonly #name: string;
  readonly #closed = new AbortController();
  readonly #opening = new Set<Promise<unknown>>();
  readonly #streams = new Set<Stream>();

  /** @param name the engine's, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** How many streams are open or being opened. */
  get size(): number {
    return this.#streams.size + this.#opening.size;
  }

  /**
   * Opens a stream with `work`, whose signal also aborts when the engine closes.
   * @throws AppError `closed` after {@link close}, also when it was called meanwhile; else what `work` throws.
   */
  async open(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Stream>): Promise<Stream> {
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const opening = work(AbortSignal.any([signal, this.#closed.signal]));
    this.#opening.add(opening);
    try {
      const stream = await opening;
      this.#streams.add(stream);
      void stream.ended.then(() => this.#streams.delete(stream));
      if (this.#closed.signal.aborted) {
        await stream.close();
        this.#closed.signal.throwIfAborted();
      }
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
