/**
 * One request and what comes back, piece by piece in the order in which it came, then how it ended. A stream of Node
 * forgets what it holds when it fails; here the reader gets what came before an answer broke off, however late it
 * reads, and hears of the break then. Whoever aborts wants nothing more, and gets nothing more.
 */

import type { Dispatcher } from 'undici';
import { HELD_LIMIT_BYTES } from './limits.ts';

/** The head of an answer; its body is read from the exchange. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export class Exchange {
  /** Resolves with the head of the answer; rejects as the client does, or with the reason of {@link abort}. */
  readonly head: Promise<AnswerHead>;
  /** Resolves, never rejects, when the answer has come to its end or broken off. */
  readonly over: Promise<void>;
  readonly #pieces: Buffer[] = [];
  /** Bytes that came and are not read yet. */
  #heldBytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #end: { readonly error: unknown } | 'complete' | undefined;
  #wake: () => void = () => {};
  #begin: (head: AnswerHead) => void = () => {};
  #giveUp: (error: unknown) => void = () => {};
  #finish: () => void = () => {};

  constructor(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions) {
    this.head = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#giveUp = reject;
    });
    this.over = new Promise((resolve) => {
      this.#finish = resolve;
    });
    // Whoever waits for the head hears of a failure; when nobody does, it is nobody's.
    this.head.catch(() => {});
    dispatcher.dispatch(request, this.#handler());
  }

  /**
   * The next piece, undefined after the last; one reader at a time.
   * @throws what the client says of an answer that broke off; the reason of {@link abort}.
   */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#heldBytes -= piece.length;
        if (this.#heldBytes < HELD_LIMIT_BYTES) {
          this.#controller?.resume();
        }
        return piece;
      }
      if (this.#end === 'complete') {
        return undefined;
      }
      if (this.#end !== undefined) {
        throw this.#end.error;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the connection and forgets what has not been read, unless all of it has come. */
  abort(reason: Error): void {
    if (this.#end === undefined) {
      this.#pieces.length = 0;
      this.#close({ error: reason });
      this.#controller?.abort(reason);
    }
  }

  #handler(): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller) => {
        this.#controller = controller;
        if (this.#end !== undefined && this.#end !== 'complete') {
          // Aborted while it waited for a connection.
          controller.abort(new Error('nobody waits for this answer any more'));
        }
      },
      onResponseStart: (_, status, headers) => {
        // What comes before the answer itself, such as 103, is of no use here.
        if (status >= 200) {
          this.#begin({ status, headers });
        }
      },
      onResponseData: (controller, piece) => {
        if (this.#end === undefined) {
          this.#pieces.push(piece);
          this.#heldBytes += piece.length;
          if (this.#heldBytes >= HELD_LIMIT_BYTES) {
            controller.pause();
          }
          this.#wake();
        }
      },
      onResponseEnd: () => this.#close('complete'),
      onResponseError: (_, error) => this.#close({ error }),
    };
  }

  #close(end: { readonly error: unknown } | 'complete'): void {
    if (this.#end === undefined) {
      this.#end = end;
      if (end !== 'complete') {
        this.#giveUp(end.error);
      }
      this.#wake();
      this.#finish();
    }
  }
}
