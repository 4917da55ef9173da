/**
 * What a call is called where it is shown. A call's own id is most of the UUIDs that let its parties in, so whoever
 * read it could take the place of one who is not there yet. What is shown instead is made of it by a key of this
 * process alone: nobody finds the way back, and it is good for nothing but asking about the call.
 */

import { createHmac, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
/** 64 bits: no two calls of a process share one. */
const SHOWN_DIGITS = 16;

export class ShownIds {
  readonly #key = randomBytes(KEY_BYTES);

  /** The shown id of a call: 16 hexadecimal digits. Costs some 5 µs. */
  of(callId: string): string {
    return createHmac('sha256', this.#key).update(callId).digest('hex').slice(0, SHOWN_DIGITS);
  }

  /** Which of `callIds` is meant by an id that was shown, or by the call's own, which its callers know. */
  meant(id: string, callIds: Iterable<string>): string | undefined {
    for (const callId of callIds) {
      if (callId === id || this.of(callId) === id) {
        return callId;
      }
    }
    return undefined;
  }
}
