/**
 * Bytes of an AudioSocket connection to whole messages, whatever they mean: for who passes them on and must not send a part
 * of one, which an Asterisk punishes. A message that is a chunk of its own, as nearly all are, is handed over without a copy.
 */

import { HEADER_BYTES } from './kinds.ts';

export class WholeMessages {
  readonly #take: (message: Uint8Array) => void;
  #begun: Uint8Array = new Uint8Array(0);

  /** @param take is given each message, header included; it is good only during the call. */
  constructor(take: (message: Uint8Array) => void) {
    this.#take = take;
  }

  /** Takes the next bytes; keeps no view of them. */
  push(chunk: Uint8Array): void {
    const bytes = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk]);
    let offset = 0;
    while (bytes.length - offset >= HEADER_BYTES) {
      const messageBytes = HEADER_BYTES + (((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0));
      if (bytes.length - offset < messageBytes) {
        break;
      }
      this.#take(messageBytes === bytes.length ? bytes : bytes.subarray(offset, offset + messageBytes));
      offset += messageBytes;
    }
    this.#begun = offset === bytes.length ? NONE : bytes.slice(offset);
  }
}

const NONE = new Uint8Array(0);
