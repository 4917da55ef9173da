/**
 * The way of a leg's frames to its connection, which the leg's media thread and the main thread share: whoever has the
 * frame that is due writes it, with one system call, past the connection's stream. A media thread that writes itself is
 * not late when the main thread is: what an engine's answers, a garbage collection or a hundred arrivals cost there, no
 * ear hears. It lies in the leg's shared memory: the descriptor, a lock, and the message that is being written, so that
 * what the kernel did not take of it goes out before anything else, whoever writes next.
 *
 * A descriptor that was closed may be another connection's by now. So the main thread takes it out under the lock
 * before it closes the connection, and nobody writes but under the lock.
 */

import { codeOf } from '../../base/errors.ts';
import { encodeAudioInto } from '../../protocol/audiosocket/encoder.ts';
import { HEADER_BYTES, MAX_FRAME_BYTES } from '../../protocol/audiosocket/kinds.ts';
import type { WordsHandle } from './leg-memory.ts';

/** Words of 32 bits. */
const LOCK = 0;
/** One more than the descriptor; 0: there is none. */
const DESCRIPTOR = 1;
/** Bytes of the message, and how many of them the kernel has. */
const LENGTH = 2;
const WRITTEN = 3;
/** Frames that were dropped since one was taken. */
const DROPPED_IN_A_ROW = 4;
/** Who broke the connection: an index into {@link BROKEN_BY}, plus 1. */
const BROKEN = 5;
/** What the media thread sent and dropped, in frames. */
const THREAD_FRAMES = 6;
const THREAD_DROPPED = 7;
/** Not 0: nothing is to be sent for now. */
const HELD_BACK = 8;
/** An even number, for the 64-bit word behind them. */
const WORDS = 10;
/** Bytes of audio the thread sent, as a 64-bit float: 32 bits of them are full in three hours of the highest rate. */
const THREAD_BYTES_AT = WORDS * 4;
const MESSAGE_AT = 64;

/** How much of the leg's memory it needs. */
export const FRAME_WIRE_BYTES = MESSAGE_AT + HEADER_BYTES + MAX_FRAME_BYTES;

/** Tries for the lock, which nobody holds for longer than a system call; then the frame is given up. */
const TRIES = 2_000;

/** What may end a connection while it is written to: the other end has gone, or the way there is no more. */
const BROKEN_BY = ['peer-reset', 'connection-lost'] as const;
/**
 * The other end has closed while something of ours was on its way. Which of the two it is depends on whether the kernel
 * had already seen the other side's FIN.
 */
const PEER_LEFT: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** How a connection ended that a write or a read of which failed with `error`. */
export function brokenBy(error: unknown): (typeof BROKEN_BY)[number] {
  return PEER_LEFT.has(codeOf(error)) ? 'peer-reset' : 'connection-lost';
}

/** Who writes. A lock that a dead thread has left is told from the main thread's own by it. */
export type WireOwner = 'main' | 'thread';
const FREE = 0;
const HELD: Readonly<Record<WireOwner, number>> = { main: 1, thread: 2 };

/**
 * Writes to a descriptor without waiting. Returns how many bytes the kernel took.
 * @throws Error with code `EAGAIN` when it takes none now, with another one when the connection is broken.
 */
export type WriteBytes = (descriptor: number, bytes: Uint8Array) => number;

/** What there is to know of the way, without writing. */
export class WireState {
  protected readonly words: Int32Array;
  protected readonly bytesOfThread: Float64Array;

  constructor({ memory, byteOffset }: WordsHandle) {
    this.words = new Int32Array(memory, byteOffset, WORDS);
    this.bytesOfThread = new Float64Array(memory, byteOffset + THREAD_BYTES_AT, 1);
  }

  /** Makes the memory that of a leg without a connection. */
  clear(): void {
    this.words.fill(0);
    this.bytesOfThread.fill(0);
  }

  /** Whether there is a connection to write to. */
  get connected(): boolean {
    return Atomics.load(this.words, DESCRIPTOR) !== 0;
  }

  /** Why a write has failed for good, if one has. Whoever owns the connection ends it. */
  get broken(): (typeof BROKEN_BY)[number] | undefined {
    return BROKEN_BY[Atomics.load(this.words, BROKEN) - 1];
  }

  /** Frames in a row that the other end did not take. */
  get droppedInARow(): number {
    return Atomics.load(this.words, DROPPED_IN_A_ROW);
  }

  /** Bytes of the message that was begun last. */
  get messageBytes(): number {
    return Atomics.load(this.words, LENGTH);
  }

  /** Frames that the media thread has sent. */
  get threadFrames(): number {
    return Atomics.load(this.words, THREAD_FRAMES);
  }

  /** Bytes of audio in them. */
  get threadBytes(): number {
    return this.bytesOfThread[0] ?? 0;
  }

  /** Frames that it could not send. */
  get threadDropped(): number {
    return Atomics.load(this.words, THREAD_DROPPED);
  }

  /** Frames are dropped from now on, or no longer: the other end has more than it reads. */
  holdBack(on: boolean): void {
    Atomics.store(this.words, HELD_BACK, on ? 1 : 0);
  }

  /**
   * Frees a lock that the media thread held when it died. A thread does not die inside a system call, so what it was
   * writing is written.
   */
  threadDied(): void {
    if (Atomics.load(this.words, LOCK) === HELD.thread) {
      this.words[WRITTEN] = this.words[LENGTH] ?? 0;
      Atomics.store(this.words, LOCK, FREE);
    }
  }
}

export class FrameWire extends WireState {
  readonly #owner: WireOwner;
  readonly #write: WriteBytes;
  readonly #message: Uint8Array;
  #view: Uint8Array;

  constructor(handle: WordsHandle, owner: WireOwner, write: WriteBytes) {
    super(handle);
    this.#owner = owner;
    this.#write = write;
    const messageAt = handle.byteOffset + MESSAGE_AT;
    this.#message = new Uint8Array(handle.memory, messageAt, HEADER_BYTES + MAX_FRAME_BYTES);
    this.#view = this.#message;
  }

  /** Frames are written to `descriptor` from now on. @param descriptor of a connection that does not block. */
  connect(descriptor: number): void {
    Atomics.store(this.words, DESCRIPTOR, descriptor + 1);
  }

  /**
   * Nothing is written any more: the connection may be closed. Returns what is left of a message that was begun, which
   * the other end needs to understand what comes after it; undefined while somebody writes: ask again soon.
   */
  disconnect(): Uint8Array | undefined {
    if (!this.#lock()) {
      return undefined;
    }
    Atomics.store(this.words, DESCRIPTOR, 0);
    const left = this.#message.slice(this.words[WRITTEN], this.words[LENGTH]);
    this.words[WRITTEN] = this.words[LENGTH] ?? 0;
    this.#unlock();
    return left;
  }

  /**
   * Sends one frame. Returns false when it is dropped: the other end does not read, somebody else is writing, or there
   * is no connection. @throws RangeError when AudioSocket has no such frame.
   */
  send(pcm: Uint8Array, rateHz: number): boolean {
    if (!this.#lock()) {
      if (this.#owner === 'thread') {
        Atomics.add(this.words, THREAD_DROPPED, 1);
      }
      return false;
    }
    try {
      return this.#sendLocked(pcm, rateHz);
    } finally {
      this.#unlock();
    }
  }

  #sendLocked(pcm: Uint8Array, rateHz: number): boolean {
    const words = this.words;
    const descriptor = (words[DESCRIPTOR] ?? 0) - 1;
    if (descriptor < 0) {
      return false;
    }
    // What was begun is ended first: else the rest of the wire is noise.
    const heldBack = Atomics.load(words, HELD_BACK) !== 0;
    const taken = this.#flush(descriptor) && !heldBack && this.#begin(descriptor, pcm, rateHz);
    words[DROPPED_IN_A_ROW] = taken ? 0 : (words[DROPPED_IN_A_ROW] ?? 0) + 1;
    if (this.#owner === 'thread') {
      words[THREAD_FRAMES] = (words[THREAD_FRAMES] ?? 0) + (taken ? 1 : 0);
      words[THREAD_DROPPED] = (words[THREAD_DROPPED] ?? 0) + (taken ? 0 : 1);
      this.bytesOfThread[0] = (this.bytesOfThread[0] ?? 0) + (taken ? pcm.length : 0);
    }
    return taken;
  }

  /** Writes a message, or as much of it as the kernel takes. Returns false when that is nothing. */
  #begin(descriptor: number, pcm: Uint8Array, rateHz: number): boolean {
    const length = HEADER_BYTES + pcm.length;
    if (this.#view.length !== length) {
      this.#view = this.#message.subarray(0, length);
    }
    encodeAudioInto(this.#view, pcm, rateHz);
    this.words[LENGTH] = length;
    this.words[WRITTEN] = 0;
    this.#flush(descriptor);
    if (this.words[WRITTEN] === 0) {
      this.words[LENGTH] = 0;
    }
    return this.words[LENGTH] !== 0;
  }

  /** Writes what is left of the message. Returns whether nothing is. */
  #flush(descriptor: number): boolean {
    const words = this.words;
    const [length = 0, written = 0] = [words[LENGTH], words[WRITTEN]];
    if (written === length) {
      return true;
    }
    const rest =
      written === 0 && length === this.#view.length ? this.#view : this.#message.subarray(written, length);
    try {
      words[WRITTEN] = written + this.#write(descriptor, rest);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') {
        // The kernel tells an error once, so that reading may not know of it.
        words[BROKEN] = BROKEN_BY.indexOf(brokenBy(error)) + 1;
        Atomics.store(words, DESCRIPTOR, 0);
      }
    }
    return words[WRITTEN] === length;
  }

  #lock(): boolean {
    const held = HELD[this.#owner];
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (Atomics.compareExchange(this.words, LOCK, FREE, held) === FREE) {
        return true;
      }
    }
    return false;
  }

  #unlock(): void {
    Atomics.store(this.words, LOCK, FREE);
  }
}
