/**
 * Two ways to read one connection: as bytes come, when the event loop tells of them, and when somebody asks, past the
 * loop, with one system call. To be told of each frame costs more than to read it: a wake-up, a turn of the stream's
 * machinery. So while somebody asks each 20 ms anyway, because that is when the sound is needed, nobody is told. Both
 * ways hand over the same bytes in the same order, and each ends a connection as the stream does.
 */

import { codeOf } from '../../../base/errors.ts';
import { READ_BUFFER_BYTES, ReadBuffer } from './read-buffer.ts';

/**
 * Reads into `into` without waiting; returns how many bytes there were, 0: the other end has closed.
 * @throws Error with code `EAGAIN` when nothing has come, with another one when the connection is broken.
 */
export type ReadBytes = (descriptor: number, into: Uint8Array) => number;

/** The connection as a stream, which tells of what comes unless it is paused. */
export interface ReadStream {
  readonly destroyed: boolean;
  pause(): void;
  resume(): void;
}

export interface AskedReadingSink {
  /** The bytes are good only during the call. */
  read(bytes: Uint8Array): void;
  broken(error: unknown): void;
}

/** Calls for one asking, so that who sends without end holds nobody up; the next asking goes on. */
const MOST_READS = 4;
/**
 * Askings in a row for nothing, after which the loop tells again: a phone that sends nothing in silence would be asked
 * in vain, which costs as much as to be told.
 */
const MOST_IN_VAIN = 3;
/** Askings for which the loop goes on telling then. */
const TOLD_ASKINGS = 50;

/** Not the loop's, which may be reading another connection when this one is asked. */
const shared = new ReadBuffer();

export class AskedReading {
  /** Bytes that were read for who asked. */
  bytes = 0;
  readonly #stream: ReadStream;
  readonly #descriptor: number;
  readonly #readBytes: ReadBytes;
  readonly #sink: AskedReadingSink;
  #asked = false;
  #inVain = 0;
  /** Askings that are left to the loop. */
  #told = 0;

  /** @param descriptor of the stream's connection, which does not block; good until the stream is destroyed. */
  constructor(stream: ReadStream, descriptor: number, readBytes: ReadBytes, sink: AskedReadingSink) {
    this.#stream = stream;
    this.#descriptor = descriptor;
    this.#readBytes = readBytes;
    this.#sink = sink;
  }

  /** Reads what has come. From now on nothing is read but here, until {@link asItComes}. */
  ask(): void {
    if (this.#told > 0) {
      this.#told -= 1;
      return;
    }
    if (!this.#asked) {
      this.#asked = true;
      this.#stream.pause();
    }
    for (let reads = 0; reads < MOST_READS && this.#asked && !this.#stream.destroyed; reads += 1) {
      if (!this.#read()) {
        return;
      }
    }
  }

  /** Reads as it comes again; what has come is read by the loop's next turn. */
  asItComes(): void {
    this.#inVain = 0;
    if (this.#asked) {
      this.#asked = false;
      this.#stream.resume();
    }
  }

  /** @returns whether there may be more. */
  #read(): boolean {
    let length: number;
    try {
      length = this.#readBytes(this.#descriptor, shared.bytes);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') {
        this.#nothing();
      } else {
        this.#asked = false;
        this.#sink.broken(error);
      }
      return false;
    }
    if (length === 0) {
      // The stream finds the same, and ends as it does.
      this.asItComes();
      return false;
    }
    this.#inVain = 0;
    this.bytes += length;
    this.#sink.read(shared.read(length));
    return length === READ_BUFFER_BYTES;
  }

  #nothing(): void {
    this.#inVain += 1;
    if (this.#inVain >= MOST_IN_VAIN) {
      this.#told = TOLD_ASKINGS;
      this.asItComes();
    }
  }
}
