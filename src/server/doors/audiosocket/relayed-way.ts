/**
 * One direction of a leg that is passed on: whole messages to a connection that may not take them in time. Sound that waits
 * too long is dropped, the oldest first; keys, names and hang-ups are not, of which no telephone sends many.
 */

import { BoundedQueue } from '../../../base/bounded-queue.ts';
import { rateOfKind } from '../../../protocol/audiosocket/kinds.ts';
import { WholeMessages } from '../../../protocol/audiosocket/whole-messages.ts';

/** Messages that the connection's stream may hold, and that wait behind them: 100 ms of sound each. */
const MOST_IN_STREAM = 5;
const MOST_WAITING = 5;
/** Messages of any kind that its stream may hold: whoever presses more keys than that in a moment is no telephone. */
const MOST_OF_ALL_IN_STREAM = 100;

/** A connection, as far as it matters here. */
export interface RelayedTo {
  readonly writable: boolean;
  /** @param done called when the kernel has it. */
  write(message: Buffer, done: () => void): unknown;
}

export class RelayedWay {
  /** Messages that were dropped. */
  dropped = 0;
  /** The kind of the message that was sent last; undefined before the first. */
  lastKind: number | undefined;
  readonly #to: RelayedTo;
  readonly #messages = new WholeMessages((message) => this.#take(message));
  readonly #waiting = new BoundedQueue<Buffer>(MOST_WAITING, () => 1);
  #inStream = 0;

  constructor(to: RelayedTo) {
    this.#to = to;
  }

  /** Takes bytes as they come; they are good only during the call. */
  push(bytes: Uint8Array): void {
    this.#messages.push(bytes);
  }

  #take(message: Uint8Array): void {
    const own = Buffer.from(message);
    if (this.#inStream < MOST_IN_STREAM && this.#waiting.length === 0) {
      this.#write(own);
      return;
    }
    for (const lost of this.#waiting.push(own)) {
      if (isSound(lost) || this.#inStream >= MOST_OF_ALL_IN_STREAM) {
        this.dropped += 1;
      } else {
        this.#write(lost);
      }
    }
  }

  #write(message: Buffer): void {
    if (this.#to.writable) {
      this.#inStream += 1;
      this.lastKind = message[0];
      this.#to.write(message, () => {
        this.#inStream -= 1;
        const next = this.#inStream < MOST_IN_STREAM ? this.#waiting.shift() : undefined;
        if (next !== undefined) {
          this.#write(next);
        }
      });
    }
  }
}

function isSound(message: Buffer): boolean {
  return rateOfKind(message[0] ?? 0) !== undefined;
}
