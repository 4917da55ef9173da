/**
 * Writes lines to a file descriptor without ever blocking the process: not while it runs, when a slow reader of
 * stdout would stop every call, and not when it exits. So nothing is flushed on `process.exit`; a process that ends
 * by itself ends after its last line. A reader that is gone loses lines silently, since nobody is left to tell.
 */

import { write } from 'node:fs';
import type { Clock } from '../base/clock.ts';

/** Bytes that wait for a slow reader before further lines are dropped: some 5,000 lines. */
const MOST_WAITING_BYTES = 1_048_576;
/** How long to wait when the pipe is full, in ms. */
const FULL_PIPE_WAIT_MS = 20;

/** `fs.write` of a whole buffer; tests give their own. */
export type WriteBytes = (
  descriptor: number,
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, writtenBytes: number) => void,
) => void;

export class LineWriter {
  /** Lines given up because the reader was too slow or gone. */
  droppedLines = 0;
  readonly #descriptor: number;
  readonly #clock: Clock;
  readonly #writeBytes: WriteBytes;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing = false;
  #broken = false;

  constructor(descriptor: number, clock: Clock, writeBytes: WriteBytes = write) {
    this.#descriptor = descriptor;
    this.#clock = clock;
    this.#writeBytes = writeBytes;
  }

  /** Writes `line`, which ends in a line break, as soon as those before it are written. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#broken || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.droppedLines += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#writing) {
      this.#writeWaiting();
    }
  }

  #writeWaiting(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#writing = bytes.length > 0;
    if (this.#writing) {
      this.#writeAll(bytes);
    }
  }

  #writeAll(bytes: Buffer): void {
    this.#writeBytes(this.#descriptor, bytes, (error, writtenBytes) => {
      if (error?.code === 'EAGAIN') {
        this.#clock.at(this.#clock.nowMs() + FULL_PIPE_WAIT_MS, () => this.#writeAll(bytes));
        return;
      }
      if (error !== null) {
        this.#break();
        return;
      }
      this.#waitingBytes -= writtenBytes;
      if (writtenBytes < bytes.length) {
        this.#writeAll(bytes.subarray(writtenBytes));
      } else {
        this.#writeWaiting();
      }
    });
  }

  #break(): void {
    this.#broken = true;
    this.droppedLines += this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
