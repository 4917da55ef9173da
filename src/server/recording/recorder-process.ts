/**
 * The server's side of the recorder: starts it, gives it orders and sound, hears what became of them, and starts it
 * again when it dies. Nothing here waits for a disk. What was ordered and not reported is ordered again of the next
 * recorder, so a line may be in a file twice, and is never lost.
 */

import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { AppError, asError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Secret } from '../../base/secret.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { CHILD_ENVIRONMENT } from '../../engines/child-environment.ts';
import {
  encodeNotes,
  encodeOrder,
  encodeSound,
  type FreeSpace,
  pieceFrames,
  pieceMs,
  type RecorderOrder,
  type SoundPiece,
} from '../../protocol/recording/recorder-orders.ts';
import { type RecorderReport, RecorderReports } from '../../protocol/recording/recorder-reports.ts';
import { SEALED_ENDING, unseal } from '../../protocol/recording/sealed-file.ts';
import { RecorderQueue } from './recorder-queue.ts';
import { SpareBuffers } from './spare-buffers.ts';

export interface RecorderProcessOptions {
  /** The compiled entry point of the recorder. */
  readonly workerUrl: URL;
  /** Where sound is kept, and how much room is to be left there; undefined: all may be taken. */
  readonly space?: { readonly directory: string; readonly least: FreeSpace } | undefined;
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
  readonly failed?: string;
}

/** An order to be answered, before it has its number. */
type Asked = Extract<RecorderOrder, { readonly request: number }>;
type Order = {
  readonly [Type in Asked['type']]: Omit<Extract<Asked, { type: Type }>, 'request'>;
}[Asked['type']];

interface Waiting {
  readonly order: Asked;
  readonly bytes: number;
  readonly askedMs: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** Takes it out of what waits to be sent. */
  withdraw: () => void;
  /** Gives it up. */
  limit?: Timer;
}

/** Added to our own niceness, up to the most there is: sound of calls goes before files. */
const NICENESS = 5;
const MOST_NICE = 19;
/** How often is looked whether it runs, in ms, and for how many looks it may say nothing: it says so each half second. */
const WATCH_MS = 1_000;
const MOST_SILENT = 15;
/** The same while it starts, which takes a busy machine a while. */
const MOST_SILENT_AT_FIRST = 60;
/** Files that may stand still at once without holding up others, in the recorder. */
const FILE_THREADS = '16';
/** How long a recorder that died is not started again, in ms, the first time and at most. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** How long a start may take before an answer is owed, in ms. */
const START_ALLOWANCE_MS = 5_000;
/** How long what waits at the end may take to be written, in ms, and how long a recorder may take to be killed then. */
const END_LIMIT_MS = 5_000;
const KILL_LIMIT_MS = 2_000;
/** How long an answer to what only reads is waited for, in ms: whoever asked has somebody who waits, too. */
const READ_LIMIT_MS = 10_000;
const READS: ReadonlySet<Asked['type']> = new Set(['list', 'find', 'read']);
/** What is read of a file at once: a report must not hold up this thread. */
export const READ_BYTES = 131_072;
/** Orders that wait for an answer, at most, and their bytes: transcripts are long; the oldest is given up. */
const MOST_WAITING = 20_000;
const MOST_WAITING_BYTES = 64 * 1_048_576;

export class RecorderProcess implements Counted {
  readonly counts = {
    recorderRestarts: 0,
    /** Times that there was too little room on the disk, and that there was room again. */
    recordingsFull: 0,
    recordingsRoom: 0,
    /** Frames that are silence in recordings, since the recorder or its disk was slow or full. */
    recordingFramesDropped: 0,
    /** Pieces of notes that are missing for the same reasons. */
    recordingNotesDropped: 0,
    recordingBytes: 0,
    /** Orders that could not be carried out. */
    recorderFailures: 0,
  };
  readonly #options: RecorderProcessOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #troubles: SparseLog<string>;
  readonly #queue = new RecorderQueue();
  readonly #buffers = new SpareBuffers();
  readonly #room = (bytes: number): Buffer => this.#buffers.take(bytes);
  readonly #waiting = new Map<number, Waiting>();
  /** Orders about calls that run, for the next recorder. */
  readonly #open = new Map<number, readonly RecorderOrder[]>();
  readonly #restarted = new Set<() => void>();
  readonly #closed = new Set<(call: number, files: readonly string[]) => void>();
  #requests = 0;
  #waitingBytes = 0;
  /** Until when it need not have answered, in ms of the clock: it has done so then, or was just being started. */
  #excusedMs = Number.NEGATIVE_INFINITY;
  /** Whether it has answered anything since it was started. */
  #hasAnswered = true;
  #child: ChildProcess | undefined;
  #blocked = false;
  /** Is called when nothing waits. */
  #empty = (): void => {};
  #pauseMs = FIRST_PAUSE_MS;
  #restart: Timer | undefined;
  #watch: Timer | undefined;
  /** Looks since it was last heard of; whether it has been since it was started. */
  #silent = 0;
  #ready = false;
  readonly #spaceListeners = new Set<(full: boolean) => void>();
  #troubleAtMs: number | undefined;
  #ending: Promise<void> | undefined;
  #droppedBefore = { frames: 0, notes: 0 };

  private constructor(options: RecorderProcessOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#troubles = new SparseLog(log, clock);
  }

  /** Starts it. */
  static open(options: RecorderProcessOptions, clock: Clock, log: Log): RecorderProcess {
    const recorder = new RecorderProcess(options, clock, log);
    recorder.#start();
    recorder.#lookSoon();
    return recorder;
  }

  /** Whether nothing more is kept of calls, since there is too little room. */
  get full(): boolean {
    return this.counts.recordingsFull > this.counts.recordingsRoom;
  }

  /** Tells each time that {@link full} changes. */
  onSpace(listener: (full: boolean) => void): void {
    this.#spaceListeners.add(listener);
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

  /**
   * Since when it has answered nothing of what it was asked, in ms of the clock, or will have when it should be there;
   * undefined: it owes nothing.
   */
  get owedSinceMs(): number | undefined {
    const [oldest] = this.#waiting.values();
    return oldest && Math.max(oldest.askedMs, this.#excusedMs);
  }

  /** Its process, for tests that stop or kill it. */
  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Orders what needs no answer. What was ordered about a call stands until the call is closed on the disk: a recorder
   * that died before is followed by one that removes what is to be forgotten, and finishes the rest.
   */
  order(order: Extract<RecorderOrder, { type: 'open' | 'close' | 'forget' }>): void {
    this.#open.set(order.call, [...(this.#open.get(order.call) ?? []), order]);
    this.#push(encodeOrder(order));
  }

  /** Gives it some sound of a call, which it copies; of what lasts for `ms` all tracks are in it. */
  sound(call: number, pieces: readonly SoundPiece[]): void {
    const ms = Math.max(...pieces.map(pieceMs));
    const frames = pieces.reduce((sum, piece) => sum + pieceFrames(piece), 0);
    this.#push(encodeSound(call, pieces, this.#room), { call, ms, frames });
    this.#countDropped();
  }

  /** Gives it notes of a call: whole lines. They wait, and are dropped, with its sound. */
  notes(call: number, text: string): void {
    this.#push(encodeNotes(call, text), { call, ms: 0, frames: 0 });
    this.#countDropped();
  }

  /**
   * Writes a small file of a call, in place of what was there; encrypted, and named so, where there is a key.
   * @returns its name. @throws AppError `file-unwritable`.
   */
  async writeText(folder: string, name: string, text: string): Promise<string> {
    const named = this.#options.key === undefined ? name : name + SEALED_ENDING;
    await this.ask({
      type: 'text',
      path: `${folder}/${named}`,
      text,
      sealed: this.#options.key !== undefined,
    });
    return named;
  }

  /** Adds a line to a file; resolves when it is on the disk. @throws AppError `file-unwritable`. */
  async appendLine(path: string, line: string): Promise<void> {
    await this.ask({ type: 'append', path, line });
  }

  /** Removes a call's folder, of a call that is over. @throws AppError `file-unwritable`. */
  remove(folder: string): Promise<Outcome> {
    return this.ask({ type: 'remove', folder });
  }

  /**
   * A part of a file, from the byte `from` on; empty behind its end, or where there is none.
   * @throws AppError `file-unwritable`, `file-slow`.
   */
  async read(path: string, from: number, mostBytes: number): Promise<Buffer> {
    const { content = '' } = await this.ask({ type: 'read', path, from, mostBytes });
    return Buffer.from(content, 'base64');
  }

  /**
   * A whole small file of a call, opened where it is sealed; undefined where there is none.
   * @throws AppError `file-unreadable` where it is sealed and cannot be opened; `file-unwritable`, `file-slow`.
   */
  async readText(folder: string, name: string): Promise<string | undefined> {
    for (const [named, sealed] of [
      [name, false],
      [name + SEALED_ENDING, true],
    ] as const) {
      const bytes = await this.#readAll(`${folder}/${named}`);
      if (bytes.length > 0) {
        return sealed ? this.#opened(bytes, named) : bytes.toString();
      }
    }
    return undefined;
  }

  #opened(bytes: Buffer, name: string): string {
    const { key } = this.#options;
    if (key === undefined) {
      throw new AppError(
        'file-unreadable',
        `${name} is encrypted: start the server with the key that it was written with, --record-key-file`,
      );
    }
    const { plain, end } = unseal(bytes, Buffer.from(key.reveal(), 'hex'));
    if (end !== 'whole') {
      throw new AppError(
        'file-unreadable',
        end === 'cut'
          ? `${name} is damaged: bring it back from a copy`
          : `${name} does not open with this key: start the server with the one that it was written with, --record-key-file`,
      );
    }
    return plain.toString();
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

  /**
   * Orders something and resolves when it is done; what only reads is given up after a while.
   * @throws AppError `file-unwritable`, `file-slow`, `closed`.
   */
  ask(order: Order): Promise<Outcome> {
    if (this.#ending !== undefined) {
      return Promise.reject(new AppError('closed', 'the recorder has been closed'));
    }
    this.#requests += 1;
    const asked: Asked = { ...order, request: this.#requests };
    return new Promise((resolve, reject) => {
      const message = encodeOrder(asked);
      const waiting: Waiting = {
        ...{ order: asked, bytes: message.length, askedMs: this.#clock.nowMs(), resolve, reject },
        withdraw: () => {},
      };
      this.#waiting.set(asked.request, waiting);
      this.#waitingBytes += message.length;
      this.#giveUpOldest();
      waiting.withdraw = this.#push(message);
      if (READS.has(asked.type)) {
        waiting.limit = this.#clock.at(this.#clock.nowMs() + READ_LIMIT_MS, () =>
          this.#fail(
            asked.request,
            new AppError('file-slow', 'the recorder does not answer: it, or its disk, stands still'),
          ),
        );
      }
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
    this.#silent = 0;
    this.#ready = false;
    this.#excuse();
    child.once('error', (error) => this.#died(child, error));
    child.once('exit', (code, signal) => this.#died(child, new Error(`it ended with ${signal ?? code}`)));
    if (child.pid !== undefined) {
      this.#listenTo(child);
    }
    this.#queue.clear();
    const { key, space } = this.#options;
    // First of all, whatever else may fail: it has no key until then.
    const again: readonly RecorderOrder[] = [
      ...(key === undefined ? [] : [{ type: 'seal', keyHex: key.reveal() } as const]),
      ...(space === undefined ? [] : [{ type: 'space', ...space } as const]),
      ...[...this.#open.values()].flat(),
    ];
    for (const order of again) {
      this.#push(encodeOrder(order));
    }
    for (const waiting of this.#waiting.values()) {
      waiting.withdraw = this.#push(encodeOrder(waiting.order));
    }
    this.#countDropped();
    this.#hasRoom(true);
    this.#yieldCpu(child);
  }

  #yieldCpu({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) {
        setPriority(pid, Math.min(MOST_NICE, getPriority() + NICENESS));
      }
    } catch (error) {
      this.#log.warn(
        { error },
        'the recorder goes on with the priority of calls: it cannot be given a lower one',
      );
    }
  }

  /** A process that could not be made, on a machine that has no more of them or of files, has no pipes. */
  #listenTo(child: ChildProcessByStdio<Writable, Readable, null>): void {
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
      this.#blocked = !pipe.write(message, () => this.#buffers.giveBack(message));
    }
  }

  #hear(report: RecorderReport): void {
    this.#silent = 0;
    switch (report.type) {
      case 'ready':
        this.#pauseMs = FIRST_PAUSE_MS;
        this.#ready = true;
        break;
      case 'alive':
        break;
      case 'space': {
        const { full, freeBytes } = report;
        if (full) {
          this.#log.error(
            { freeBytes, directory: this.#options.space?.directory },
            'recordings stop: the disk has less room than --record-free-space leaves; calls go on',
          );
        } else {
          this.#log.info({ freeBytes }, 'recordings go on: the disk has room again');
        }
        this.#hasRoom(!full);
        break;
      }
      case 'done': {
        const { request, type: _, ...outcome } = report;
        this.#answers();
        this.#answered(request)?.resolve(outcome);
        break;
      }
      case 'failed':
        this.#answers();
        this.#trouble(report.code);
        this.#fail(report.request, new AppError('file-unwritable', report.message));
        break;
      case 'written':
        this.counts.recordingBytes += report.bytes;
        this.counts.recordingFramesDropped += report.framesDropped;
        this.counts.recordingNotesDropped += report.notesDropped;
        break;
      case 'trouble':
        this.#trouble(report.code);
        this.#troubles.warn(report.what, { code: report.code, path: report.path }, report.what);
        break;
      case 'to-run':
        if (report.ending) {
          this.#log.warn(
            { files: report.files },
            '--recording-command was not run for all files in time: the next start runs it for the rest',
          );
        } else {
          this.#log.info(
            { files: report.files },
            '--recording-command is run for what was left when dragoman ended',
          );
        }
        break;
      case 'closed':
        this.#open.delete(report.call);
        for (const listener of this.#closed) {
          listener(report.call, report.files);
        }
        break;
    }
  }

  #hasRoom(room: boolean): void {
    if (room === this.full) {
      this.counts[room ? 'recordingsRoom' : 'recordingsFull'] += 1;
      for (const listener of this.#spaceListeners) {
        listener(!room);
      }
    }
  }

  /** One that stands still, be it stopped or in a loop, takes all that is given to it and says nothing. */
  #lookSoon(): void {
    this.#watch = this.#clock.at(this.#clock.nowMs() + WATCH_MS, () => {
      // Counted in looks, not in time: when this process stood still, so did its ears.
      this.#silent += 1;
      const most = this.#ready ? MOST_SILENT : MOST_SILENT_AT_FIRST;
      if (this.#silent > most && this.#child !== undefined) {
        this.#silent = 0;
        this.#log.error({ silentS: most }, 'the recorder stands still: it is killed, and started again');
        this.#child.kill('SIGKILL');
      }
      this.#lookSoon();
    });
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
    waiting?.limit?.cancel();
    return waiting;
  }

  #countDropped(): void {
    const { framesDropped, notesDropped } = this.#queue;
    const frames = framesDropped - this.#droppedBefore.frames;
    const notes = notesDropped - this.#droppedBefore.notes;
    this.#droppedBefore = { frames: framesDropped, notes: notesDropped };
    this.counts.recordingNotesDropped += notes;
    if (frames > 0) {
      this.counts.recordingFramesDropped += frames;
      this.#troubleAtMs = this.#clock.nowMs();
      this.#troubles.warn(
        'slow',
        { frames },
        'recordings lose sound: the recorder does not keep up, or its disk stands still; calls go on',
      );
    }
  }

  #answers(): void {
    this.#hasAnswered = true;
    this.#excusedMs = this.#clock.nowMs();
  }

  /** It is not there yet. One that dies again and again without an answer is excused once. */
  #excuse(): void {
    if (this.#hasAnswered) {
      this.#hasAnswered = false;
      this.#excusedMs = this.#clock.nowMs() + START_ALLOWANCE_MS;
    }
  }

  #died(child: ChildProcess, error: Error): void {
    if (this.#child !== child) {
      return;
    }
    this.#child = undefined;
    this.#excuse();
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
    this.#watch?.cancel();
    this.#restart?.cancel();
    const child = this.#child;
    if (child !== undefined) {
      await this.#endOf(child);
    }
    for (const request of [...this.#waiting.keys()]) {
      this.#fail(request, new AppError('closed', 'the recorder was closed before it had done it'));
    }
  }

  /** One that waits for its disk in the kernel does not end by a signal either, until that answers: it is left there. */
  async #endOf(child: ChildProcess): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const kill = this.#clock.at(nowMs + END_LIMIT_MS, () => {
      this.#log.warn(
        { processId: child.pid },
        'the recorder does not end in time and is killed: the next start makes whole what it leaves',
      );
      child.kill('SIGKILL');
    });
    let leave: Timer | undefined;
    const over = new Promise<void>((resolve) => {
      // Not before what it has said is read.
      child.once('close', () => resolve());
      leave = this.#clock.at(nowMs + END_LIMIT_MS + KILL_LIMIT_MS, () => {
        this.#log.error(
          { processId: child.pid },
          'the recorder does not end, its disk stands still: it is left to itself',
        );
        child.unref();
        child.stdin?.destroy();
        child.stdout?.destroy();
        resolve();
      });
    });
    await Promise.race([over, this.#drained()]);
    child.stdin?.end();
    await over;
    kill.cancel();
    leave?.cancel();
  }

  /** Resolves when all that waits is in the pipe. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve;
      this.#send();
    });
  }
}
