/**
 * Memory that reads go into, one after the other: each is passed on before the next one begins, so one is enough for all
 * connections that are read in the same way.
 */

/** What the kernel hands over at most in one read: a second of the highest rate is six of them. */
export const READ_BUFFER_BYTES = 65_536;

export class ReadBuffer {
  readonly bytes = new Uint8Array(READ_BUFFER_BYTES);
  /** The last view of it: nearly all reads are one frame long, and a view for each would be garbage. */
  #last = this.bytes;

  /** What the last read of `length` bytes has brought; good until the next. */
  read(length: number): Uint8Array {
    if (this.#last.length !== length) {
      this.#last = this.bytes.subarray(0, length);
    }
    return this.#last;
  }
}
