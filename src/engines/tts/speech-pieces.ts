/**
 * Sound on its way from the one who makes it to the one who plays it. It is not bounded: a segment is some
 * seconds long, and holding the maker back would keep its process waiting for a listener.
 */

/** @typeParam Piece samples, or bytes of them. */
export class SpeechPieces<Piece extends Int16Array | Buffer = Int16Array> implements AsyncIterable<Piece> {
  readonly #pieces: Piece[] = [];
  #end: { readonly error: unknown } | 'complete' | undefined;
  #wake: (() => void) | undefined;

  /** Adds a piece; the receiver will own it. */
  push(piece: Piece): void {
    if (this.#end === undefined && piece.length > 0) {
      this.#pieces.push(piece);
      this.#wake?.();
    }
  }

  /** No more pieces come. */
  complete(): void {
    this.#end ??= 'complete';
    this.#wake?.();
  }

  /** What makes the sound broke off: the reader throws `error` after the pieces that wait. The first end counts. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /**
   * Nobody wants the rest: the reader throws `reason` at once; pieces that wait are forgotten, unless all have come.
   */
  abandon(reason: unknown): void {
    if (this.#end !== 'complete') {
      this.#end = { error: reason };
      this.#pieces.length = 0;
      this.#wake?.();
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Piece> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        yield piece;
      } else if (this.#end === 'complete') {
        return;
      } else if (this.#end !== undefined) {
        throw this.#end.error;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
