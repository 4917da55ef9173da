/**
 * Copies of frames that live for a while, side by side in memory that is got a block at a time. Memory of its own for
 * each costs more than copying it, and V8 looks through all that it holds the sooner, the more such pieces there are.
 */

/** Frames of one block: those of 20 ms at 16 kHz fill 10 KB, which live as long as the last of them does. */
const BLOCK_FRAMES = 16;

export class FrameCopies {
  #block = new Int16Array(0);
  #used = 0;

  /** A copy of `pcm`; a view of memory that other copies lie in, too. */
  of(pcm: Int16Array): Int16Array {
    if (this.#used + pcm.length > this.#block.length) {
      this.#block = new Int16Array(BLOCK_FRAMES * pcm.length);
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + pcm.length);
    copy.set(pcm);
    this.#used += pcm.length;
    return copy;
  }
}
