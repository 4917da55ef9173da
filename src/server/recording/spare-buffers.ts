/**
 * Memory for messages that are sent and forgotten, used again and again: made anew for each, 100 calls' sound is 11 MB a
 * second that the collector of garbage has to find, and frames wait while it does.
 */

/** The smallest block, in bytes; each next size is twice as large. */
const LEAST_BYTES = 4_096;
/** Larger messages get memory of their own. */
const MOST_BYTES = 262_144;
/** Blocks of one size that are kept. */
const MOST_SPARE = 64;

export class SpareBuffers {
  /** By size. */
  readonly #spare = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** So many bytes, whatever is in them, until they are given back; who never does costs no more than that memory. */
  take(bytes: number): Buffer {
    if (bytes > MOST_BYTES) {
      return Buffer.allocUnsafe(bytes);
    }
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    const block = this.#spare.get(size)?.pop() ?? new ArrayBuffer(size);
    this.#lent.add(block);
    return Buffer.from(block, 0, bytes);
  }

  /** Nobody uses `buffer` any more. What is not of here, or was given back before, is left alone. */
  giveBack({ buffer }: Buffer): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) {
      return;
    }
    const spare = this.#spare.get(buffer.byteLength) ?? [];
    this.#spare.set(buffer.byteLength, spare);
    if (spare.length < MOST_SPARE) {
      spare.push(buffer);
    }
  }
}
