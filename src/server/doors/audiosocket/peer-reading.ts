/**
 * Whether the other end still reads what it is sent, judged by what it has not read. A peer that has stopped reading is
 * sent nothing more: it would hear it all at once, and late, when it goes on. One that reads nothing at all for
 * seconds is gone, though its connection is not closed. That nothing comes from a peer says nothing: a phone may be
 * silent for long.
 */

/** Sound that the other end's kernel may keep for it, in frames of 20 ms: 400 ms. */
const MOST_UNREAD_FRAMES = 20;
/** Sound that may be on its way, in frames: 500 ms, longer than any way there and back takes. */
const MOST_ON_WAY_FRAMES = 25;
/** A peer that has more than that, and reads nothing of it for so long, in ms, is gone. */
const GIVE_UP_MS = 7_000;

/** What of a connection's output has not been read. */
export interface Unread {
  /** What the other end's kernel has not said to have, in bytes. */
  readonly onWayBytes: number;
  /** What it has and the other end has not read, in bytes; 0 where the other end is another machine. */
  readonly unreadBytes: number;
}

export class PeerReading {
  #heldBack = false;
  #lastBytes = 0;
  /** Since when it has read nothing of too much. */
  #stuckMs: number | undefined;

  /** Whether to send nothing for now. */
  get heldBack(): boolean {
    return this.#heldBack;
  }

  /** Takes what is known now. @returns whether the peer is gone. */
  judge({ onWayBytes, unreadBytes }: Unread, frameBytes: number, nowMs: number): boolean {
    this.#heldBack =
      unreadBytes > MOST_UNREAD_FRAMES * frameBytes || onWayBytes > MOST_ON_WAY_FRAMES * frameBytes;
    const bytes = onWayBytes + unreadBytes;
    const readSome = bytes < this.#lastBytes;
    this.#lastBytes = bytes;
    this.#stuckMs = this.#heldBack && !readSome ? (this.#stuckMs ?? nowMs) : undefined;
    return this.#stuckMs !== undefined && nowMs - this.#stuckMs >= GIVE_UP_MS;
  }
}
