/**
 * Payloads of any length to frames of 20 ms. Phones have packet times from 10 to 60 ms, and Asterisk passes on
 * what it read; everything inside works on frames. Payloads that are whole frames pass as they are, uncopied.
 */

import { frameBytes } from '../../base/units.ts';

export class Reblocker {
  readonly #onFrame: (pcm: Uint8Array, rateHz: number) => void;
  #rateHz = 0;
  #partial = new Uint8Array(0);
  #filledBytes = 0;

  /** @param onFrame hears each frame; its bytes are good only during the call. */
  constructor(onFrame: (pcm: Uint8Array, rateHz: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes a payload; what does not fill a frame waits for the next one. A change of rate drops what waits. */
  push(payload: Uint8Array, rateHz: number): void {
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#partial = new Uint8Array(frameBytes(rateHz));
      this.#filledBytes = 0;
    }
    const wholeBytes = this.#partial.length;
    let offset = 0;
    if (this.#filledBytes > 0) {
      offset = Math.min(wholeBytes - this.#filledBytes, payload.length);
      this.#partial.set(payload.subarray(0, offset), this.#filledBytes);
      this.#filledBytes += offset;
      if (this.#filledBytes < wholeBytes) {
        return;
      }
      this.#filledBytes = 0;
      this.#onFrame(this.#partial, rateHz);
    }
    for (; payload.length - offset >= wholeBytes; offset += wholeBytes) {
      this.#onFrame(
        offset === 0 && payload.length === wholeBytes
          ? payload
          : payload.subarray(offset, offset + wholeBytes),
        rateHz,
      );
    }
    if (offset < payload.length) {
      this.#partial.set(payload.subarray(offset));
      this.#filledBytes = payload.length - offset;
    }
  }
}
