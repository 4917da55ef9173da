/**
 * The server's side of the recorder: starts it, gives it orders and sound, hears what became of them, and starts it
 * again when it dies. Nothing here waits for a disk. What was ordered and not reported is ordered again of the next
 * recorder, so a line may be in a file twice, and is never lost.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { AppError, asError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Secret } from '../../base/secret.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { CHILD_ENVIRONMENT } from '../../engines/child-environment.ts';
import {
  encodeOrder,
  encodeSound,
  pieceFrames,
  pieceMs,
  type RecorderOrder,
  type SoundPiece,
} from '../../protocol/recording/recorder-orders.ts';
import { type RecorderReport, RecorderReports } from '../../protocol/recording/recorder-reports.ts';
import { SEALED_ENDING, unseal } from '../../protocol/recording/sealed-file.ts';
import { RecorderQueue } from './recorder-queue.ts';

export interface RecorderProcessOptions {
  /** The compiled entry point of the recorder. */
  readonly workerUrl: URL;
  /** With what files of calls are encrypted: 64 hexadecimal digits; undefined: they are not. */
  readonly key: Secret | undefined;
}

/** What became of an order: how many files or calls it was about, and their bytes. */
export interface Outcome {
  readonly count: number;
  readonly bytes: number;
  /** What was read, in base 64. */
  readonly content?: string;
  readonly names?: readonly string[];
}

/** An order to be answered, before it has its number. */
type Asked = Extract<RecorderOrder, { readonly request: number }>;
type Order = {
  readonly [Type in Asked['type']]: Omit<Extract<Asked, { type: Type }>, 'request'>;
}[Asked['type']];

interface Waiting {
  readonly order: Asked;
  readonly bytes: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** Takes it out of what waits to be sent. */
  withdraw: () => void;
}

/** Added to our own niceness: sound of calls goes before files. */
const NICENESS = 5;
/** Files that may stand still at once without holding up others, in the recorder. */
const FILE_THREADS = '16';
/** How long a recorder that died is not started again, in ms, the first time and at most. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** How long what waits at the end may take to be written, in ms. */
const END_LIMIT_MS = 5_000;
/** What is read of a file at once: a report must not hold up this thread. */
export const READ_BYTES = 131_072;
/** Orders that wait for an answer, at most, and their bytes: transcripts are long; the oldest is given up. */
const MOST_WAITING = 20_000;
const MOST_WAITING_BYTES = 64 * 1_048_576;

export class RecorderProcess implements Counted {
  readonly counts = {
    recorderRestarts: 0,
    /** Frames that are silence in recordings, since the recorder or its disk was slow or full. */
    recordingFramesDropped: 0,
    recordingBytes: 0,
    /** Orders that could not be carried out. */
    recorderFailures: 0,
  };
  readonly #options: RecorderProcessOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #troubles: SparseLog<string>;
  readonly #queue = new RecorderQueue();
  readonly #waiting = new Map<number, Waiting>();
  /** Orders about calls that run, for the next recorder. */
  readonly #open = new Map<number, readonly RecorderOrder[]>();
  readonly #restarted = new Set<() => void>();
  readonly #closed = new Set<(call: number, files: readonly string[]) => void>();
  #requests = 0;
  #waitingBytes = 0;
  #child: ChildProcess | undefined;
  #blocked = false;
  /** Is called when nothing waits. */
  #empty = (): void => {};
  #pauseMs = FIRST_PAUSE_MS;
  #restart: Timer | undefined;
  #troubleAtMs: number | undefined;
  #ending: Promise<void> | undefined;
  #droppedBefore = 0;

  /** Starts it. */
  constructor(options: RecorderProcessOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#troubles = new SparseLog(log, clock);
    this.#start();
  }

  /** When something was not written as it should be, the last time; undefined: never. */
  get troubleAtMs(): number | undefined {
    return this.#troubleAtMs;
  }

  /** Tells each time that another recorder was started, for one that died. */
  onRestarted(listener: () => void): void {
    this.#restarted.add(listener);
  }

  /** Tells the names of the files of each call, within its folder, when they are finished. */
  onClosed(listener: (call: number, files: readonly string[]) => void): void {
    this.#closed.add(listener);
  }

  /** Its process, for tests that stop or kill it. */
  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Orders what needs no answer. An order that opens a call stands until one closes it. */
  order(order: Extract<RecorderOrder, { type: 'open' | 'close' | 'forget' }>): void {
    if (order.type === 'close') {
      this.#open.delete(order.call);
    } else {
      this.#open.set(order.call, [...(this.#open.get(order.call) ?? []), order]);
    }
    this.#push(encodeOrder(order));
  }

  /** Gives it some sound of a call, which it copies; of what lasts for `ms` all tracks are in it. */
  sound(call: number, pieces: readonly SoundPiece[]): void {
    const ms = Math.max(...pieces.map(pieceMs));
    const frames = pieces.reduce((sum, piece) => sum + pieceFrames(piece), 0);
    this.#push(encodeSound(call, pieces), { call, ms, frames });
    this.#countDropped();
  }

  /**
   * Writes a small file of a call, in place of what was there; encrypted, and named so, where there is a key.
   * @returns its name. @throws AppError `file-unwritable`.
   */
  async writeText(folder: string, name: string, text: string): Promise<string> {
    const named = this.#options.key === undefined ? name : name + SEALED_ENDING;
    await this.ask({ type: 'text', path: `${folder}/${named}`, text, sealed: true });
    return named;
  }

  /** Adds a line to a file; resolves when it is on the disk. @throws AppError `file-unwritable`. */
  async appendLine(path: string, line: string): Promise<void> {
    await this.ask({ type: 'append', path, line });
  }

  /** Removes a call's folder, or those files of it whose names end so. @throws AppError `file-unwritable`. */
  remove(folder: string, endings?: readonly string[]): Promise<Outcome> {
    return this.ask({ type: 'remove', folder, ...(endings === undefined ? {} : { endings }) });
  }

  /**
   * A part of a file, from the byte `from` on; empty behind its end, or where there is none.
   * @throws AppError `file-unwritable`.
   */
  async read(path: string, from: number, mostBytes: number): Promise<Buffer> {
    const { content = '' } = await this.ask({ type: 'read', path, from, mostBytes });
    return Buffer.from(content, 'base64');
  }

  /** A whole small file of a call, opened where it is sealed; undefined where there is none. */
  async readText(folder: string, name: string): Promise<string | undefined> {
    const { key } = this.#options;
    for (const [named, sealed] of [
      [name, false],
      [name + SEALED_ENDING, true],
    ] as const) {
      const bytes = await this.#readAll(`${folder}/${named}`);
      if (bytes.length > 0 && sealed) {
        return key === undefined
          ? undefined
          : unseal(bytes, Buffer.from(key.reveal(), 'hex')).plain.toString();
      }
      if (bytes.length > 0) {
        return bytes.toString();
      }
    }
    return undefined;
  }

  async #readAll(path: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    let from = 0;
    for (;;) {
      const part = await this.read(path, from, READ_BYTES);
      parts.push(part);
      from += part.length;
      if (part.length < READ_BYTES) {
        return Buffer.concat(parts);
      }
    }
  }

  /** Orders something and resolves when it is done. @throws AppError `file-unwritable`, `closed`. */
  ask(order: Order): Promise<Outcome> {
    if (this.#ending !== undefined) {
      return Promise.reject(new AppError('closed', 'the recorder has been closed'));
    }
    this.#requests += 1;
    const asked: Asked = { ...order, request: this.#requests };
    return new Promise((resolve, reject) => {
      const message = encodeOrder(asked);
      const waiting: Waiting = {
        ...{ order: asked, bytes: message.length, resolve, reject },
        withdraw: () => {},
      };
      this.#waiting.set(asked.request, waiting);
      this.#waitingBytes += message.length;
      this.#giveUpOldest();
      waiting.withdraw = this.#push(message);
    });
  }

  /** Has it write what waits, for a short while, and ends it. Idempotent. */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  #start(): void {
    const child = spawn(process.execPath, [fileURLToPath(this.#options.workerUrl)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...CHILD_ENVIRONMENT, UV_THREADPOOL_SIZE: FILE_THREADS },
    });
    this.#child = child;
    this.#blocked = false;
    const reports = new RecorderReports();
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      for (const report of reports.push(chunk)) {
        this.#hear(report);
      }
    });
    child.stdin.on('error', () => {});
    child.stdin.on('drain', () => {
      this.#blocked = false;
      this.#send();
    });
    child.once('error', (error) => this.#died(child, error));
    child.once('exit', (code, signal) => this.#died(child, new Error(`it ended with ${signal ?? code}`)));
    if (child.pid !== undefined) {
      setPriority(child.pid, NICENESS);
    }
    this.#queue.clear();
    this.#countDropped();
    const { key } = this.#options;
    const again: readonly RecorderOrder[] = [
      ...(key === undefined ? [] : [{ type: 'seal', keyHex: key.reveal() } as const]),
      ...[...this.#open.values()].flat(),
    ];
    for (const order of again) {
      this.#push(encodeOrder(order));
    }
    for (const waiting of this.#waiting.values()) {
      waiting.withdraw = this.#push(encodeOrder(waiting.order));
    }
  }

  #push(message: Buffer, sound?: Parameters<RecorderQueue['push']>[1]): () => void {
    const withdraw = this.#queue.push(message, sound);
    this.#send();
    return withdraw;
  }

  /** The newest is never given up. */
  #giveUpOldest(): void {
    for (const oldest of this.#waiting.keys()) {
      const { size } = this.#waiting;
      if (size === 1 || (size <= MOST_WAITING && this.#waitingBytes <= MOST_WAITING_BYTES)) {
        return;
      }
      this.#fail(oldest, new AppError('file-unwritable', 'the recorder does not keep up: it is given up'));
    }
  }

  /** Writes until the pipe is full; what does not fit waits in the queue, which has limits. */
  #send(): void {
    const pipe = this.#child?.stdin;
    while (!this.#blocked && pipe?.writable === true) {
      const message = this.#queue.shift();
      if (message === undefined) {
        this.#empty();
        return;
      }
      this.#blocked = !pipe.write(message);
    }
  }

  #hear(report: RecorderReport): void {
    switch (report.type) {
      case 'ready':
        this.#pauseMs = FIRST_PAUSE_MS;
        break;
      case 'done': {
        const { request, type: _, ...outcome } = report;
        this.#answered(request)?.resolve(outcome);
        break;
      }
      case 'failed':
        this.#trouble(report.code);
        this.#fail(report.request, new AppError('file-unwritable', report.message));
        break;
      case 'written':
        this.counts.recordingBytes += report.bytes;
        this.counts.recordingFramesDropped += report.framesDropped;
        break;
      case 'trouble':
        this.#trouble(report.code);
        this.#troubles.warn(report.what, { code: report.code, path: report.path }, report.what);
        break;
      case 'closed':
        for (const listener of this.#closed) {
          listener(report.call, report.files);
        }
        break;
    }
  }

  #trouble(code: string): void {
    this.counts.recorderFailures += 1;
    this.#troubleAtMs = this.#clock.nowMs();
    this.#log.debug({ code }, 'the recorder could not do something');
  }

  #fail(request: number, error: AppError): void {
    const waiting = this.#answered(request);
    waiting?.withdraw();
    waiting?.reject(error);
  }

  #answered(request: number): Waiting | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    this.#waitingBytes -= waiting?.bytes ?? 0;
    return waiting;
  }

  #countDropped(): void {
    const { framesDropped } = this.#queue;
    const dropped = framesDropped - this.#droppedBefore;
    this.#droppedBefore = framesDropped;
    if (dropped > 0) {
      this.counts.recordingFramesDropped += dropped;
      this.#troubleAtMs = this.#clock.nowMs();
      this.#troubles.warn(
        'slow',
        { frames: dropped },
        'recordings lose sound: the recorder does not keep up, or its disk stands still; calls go on',
      );
    }
  }

  #died(child: ChildProcess, error: Error): void {
    if (this.#child !== child) {
      return;
    }
    this.#child = undefined;
    if (this.#ending !== undefined) {
      return;
    }
    this.counts.recorderRestarts += 1;
    this.#troubleAtMs = this.#clock.nowMs();
    this.#log.error(
      { error: asError(error), pauseMs: this.#pauseMs },
      'the recorder has died: recordings have a gap, calls go on; it is started again',
    );
    this.#restart = this.#clock.at(this.#clock.nowMs() + this.#pauseMs, () => {
      this.#start();
      for (const listener of this.#restarted) {
        listener();
      }
    });
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  async #end(): Promise<void> {
    this.#restart?.cancel();
    const child = this.#child;
    if (child !== undefined) {
      const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const limit = this.#clock.at(this.#clock.nowMs() + END_LIMIT_MS, () => child.kill('SIGKILL'));
      await Promise.race([over, this.#drained()]);
      child.stdin?.end();
      await over;
      limit.cancel();
    }
    for (const request of [...this.#waiting.keys()]) {
      this.#fail(request, new AppError('closed', 'the recorder was closed before it had done it'));
    }
  }

  /** Resolves when all that waits is in the pipe. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve;
      this.#send();
    });
  }
}
