/**
 * Writes lines to a file descriptor without ever blocking the process: not while it runs, when a slow reader of
 * stdout would stop every call, and not when it exits. So nothing is flushed on `process.exit`; a process that ends
 * in order waits for {@link LineWriter.end}. A full disk, or a reader that is slow, loses lines: they are counted,
 * told by metrics, `status` and the last line of the log, and by a line of their own as soon as there is room again.
 */

import { write } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';

/** Bytes that wait for a slow reader before further lines are dropped: some 5,000 lines. */
const MOST_WAITING_BYTES = 1_048_576;
/** How long to wait when there is no room, in ms: in a pipe, on a disk. */
const ROOM_WAIT_MS: ReadonlyMap<string | undefined, number> = new Map([
  ['EAGAIN', 20],
  ['ENOSPC', 1_000],
  ['EDQUOT', 1_000],
]);
const LINE_BREAK = 0x0a;

/** `fs.write` of a whole buffer; tests give their own. */
export type WriteBytes = (
  descriptor: number,
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, writtenBytes: number) => void,
) => void;

export interface LineWriterOptions {
  readonly clock: Clock;
  /** A line that says that so many were lost, ended. */
  readonly lostLine: (lines: number) => string;
  readonly writeBytes?: WriteBytes;
}

export class LineWriter implements Counted {
  readonly counts = {
    /** Lines given up because the reader was too slow or gone. */
    logLinesDropped: 0,
  };
  /** Those of them that the reader was not told of. */
  #untold = 0;
  readonly #descriptor: number;
  readonly #clock: Clock;
  readonly #lostLine: (lines: number) => string;
  readonly #writeBytes: WriteBytes;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #waitingLines = 0;
  /** `idle`: nothing waits. `writing`: the system has not answered. `waiting`: it has no room for now. */
  #state: 'idle' | 'writing' | 'waiting' | 'broken' = 'idle';
  #onIdle = (): void => {};

  constructor(descriptor: number, { clock, lostLine, writeBytes = write }: LineWriterOptions) {
    this.#descriptor = descriptor;
    this.#clock = clock;
    this.#lostLine = lostLine;
    this.#writeBytes = writeBytes;
  }

  /** Whether a thread of the process waits for the reader; `process.exit` would wait for it as well. */
  get stuck(): boolean {
    return this.#state === 'writing';
  }

  /** Writes `line`, which ends in a line break, as soon as those before it are written. */
  write(line: string): void {
    const told = this.#untold === 0 ? '' : this.#lostLine(this.#untold);
    const bytes = Buffer.from(told + line);
    if (this.#state === 'broken' || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.counts.logLinesDropped += 1;
      this.#untold += 1;
      return;
    }
    this.#untold = 0;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#waitingLines += told === '' ? 1 : 2;
    if (this.#state === 'idle') {
      this.#writeWaiting();
    }
  }

  /**
   * Resolves when all is written, or after `limitMs`; then nothing more is tried.
   * @returns how many lines were lost without the reader being told.
   */
  async end(limitMs: number): Promise<number> {
    if (this.#state === 'writing' || this.#state === 'waiting') {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.at(this.#clock.nowMs() + limitMs, resolve);
        this.#onIdle = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    const lost = this.#untold + this.#waitingLines;
    if (this.#state === 'waiting') {
      this.#break();
    }
    return lost;
  }

  #writeWaiting(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (bytes.length > 0) {
      this.#writeAll(bytes);
    } else {
      this.#state = 'idle';
      this.#onIdle();
    }
  }

  #writeAll(bytes: Buffer): void {
    if (this.#state === 'broken') {
      return;
    }
    this.#state = 'writing';
    this.#writeBytes(this.#descriptor, bytes, (error, writtenBytes) => {
      const waitMs = ROOM_WAIT_MS.get(error?.code);
      if (waitMs !== undefined) {
        this.#state = 'waiting';
        this.#clock.at(this.#clock.nowMs() + waitMs, () => this.#writeAll(bytes));
        return;
      }
      if (error !== null) {
        this.#break();
        return;
      }
      this.#waitingBytes -= writtenBytes;
      this.#waitingLines -= linesIn(bytes.subarray(0, writtenBytes));
      if (writtenBytes < bytes.length) {
        this.#writeAll(bytes.subarray(writtenBytes));
      } else {
        this.#writeWaiting();
      }
    });
  }

  #break(): void {
    this.#state = 'broken';
    this.counts.logLinesDropped += this.#waitingLines;
    this.#untold += this.#waitingLines;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#waitingLines = 0;
    this.#onIdle();
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_BREAK); at >= 0; at = bytes.indexOf(LINE_BREAK, at + 1)) {
    lines += 1;
  }
  return lines;
}
