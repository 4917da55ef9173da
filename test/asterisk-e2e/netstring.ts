/**
 * Netstrings, which baresip's control port speaks: `5:hello,`. The length counts bytes, not letters. Source:
 * cr.yp.to/proto/netstrings.txt.
 */

export function encodeNetstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`;
}

/** Reads netstrings from chunks that may end anywhere. */
export class NetstringParser {
  readonly #onText: (text: string) => void;
  #bytes = Buffer.alloc(0);

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** @throws Error when the bytes are no netstrings. */
  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const colon = this.#bytes.indexOf(':');
      if (colon === -1) {
        return;
      }
      const lengthBytes = Number(this.#bytes.toString('latin1', 0, colon));
      if (!Number.isInteger(lengthBytes)) {
        throw new Error(`this is no netstring: ${this.#bytes.toString('latin1', 0, 40)}`);
      }
      const end = colon + 1 + lengthBytes;
      if (this.#bytes.length < end + 1) {
        return;
      }
      const text = this.#bytes.toString('utf8', colon + 1, end);
      this.#bytes = this.#bytes.subarray(end + 1);
      this.#onText(text);
    }
  }
}
