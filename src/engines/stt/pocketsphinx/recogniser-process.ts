/**
 * The Python process that holds one language's model and forks a child per connection. It is started once and
 * shared by every leg of that language; when it dies all its connections end, and its owner starts another.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../base/clock.ts';
import { AppError, codeOf } from '../../../base/errors.ts';
import { endOf } from '../../child-end.ts';
import { CHILD_ENVIRONMENT } from '../../child-environment.ts';
import { onLines } from '../../lines.ts';
import { abortable } from '../../wire/abortable.ts';
import { AnswerWatch } from '../../wire/answer-watch.ts';
import type { ModelFiles } from './model-files.ts';
import { decodeLine } from './wire.ts';

const SCRIPT = fileURLToPath(new URL('./recogniser.py', import.meta.url));

/** How long the process has to end by itself, in ms. */
const STOP_GRACE_MS = 1_000;

/**
 * How long it may greet nobody while somebody waits, in ms: a child takes some 10, and seconds where all else is busy.
 */
const GREETING_LIMIT_MS = 5_000;

/** Until a connection is tried again that found as many waiting as may, in ms. */
const FULL_PAUSE_MS = 50;

/** A connection to a child of its own. */
export interface RecogniserConnection {
  readonly socket: Socket;
  /** The child's process id. */
  readonly pid: number;
}

export interface RecogniserProcessOptions {
  readonly python: string;
  readonly files: ModelFiles;
  /** Added to our own niceness, 0 to 19. */
  readonly niceness: number;
  /** How long loading the model may take, in ms. */
  readonly startTimeoutMs: number;
  readonly clock: Clock;
}

export class RecogniserProcess {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #exited: Promise<void>;
  #dead = false;
  #lost = false;
  /** When a connection was greeted last. */
  #greetedMs = Number.NEGATIVE_INFINITY;

  private constructor(child: ChildProcess, ended: Promise<void>, directory: string, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.#directory = directory;
    this.#exited = ended.then(async () => {
      this.#dead = true;
      await rm(directory, { recursive: true, force: true }).catch(() => {});
    });
  }

  /**
   * Starts the process; resolves when its model is loaded.
   * @throws AppError `engine-start-failed` with the last thing it said; the signal's reason when it aborts first.
   */
  static async start(options: RecogniserProcessOptions, signal: AbortSignal): Promise<RecogniserProcess> {
    // mkdtemp makes the directory with mode 0700, so the socket in it is ours alone.
    const directory = await mkdtemp(join(tmpdir(), 'dragoman-stt-'));
    const { acousticModel, languageModel, dictionary } = options.files;
    const child = spawn(
      options.python,
      [
        '-IB',
        SCRIPT,
        join(directory, 'recogniser'),
        acousticModel,
        languageModel,
        dictionary,
        String(options.niceness),
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: CHILD_ENVIRONMENT },
    );
    const { started, ended } = endOf(child, 'pocketsphinx: the recogniser');
    const recogniser = new RecogniserProcess(child, ended, directory, options.clock);
    try {
      await started;
      await abortable(untilReady(child, options), signal);
    } catch (error) {
      child.kill('SIGKILL');
      await recogniser.close();
      throw error;
    }
    return recogniser;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The process id, for tests and diagnosis. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Nobody can connect to it any more, or it answers nobody: it ends, or is to be ended. */
  get lost(): boolean {
    return this.#dead || this.#lost;
  }

  /**
   * A connection of its own for one leg, whose child is there: the kernel connects to a process that is stopped, too. Where
   * many connect at once each waits as long as others have their turn.
   * @throws AppError `engine-died` when there is none; the signal's reason when it aborts first.
   */
  async connect(signal: AbortSignal): Promise<RecogniserConnection> {
    const sinceMs = this.#clock.nowMs();
    const dueMs = (): number => Math.max(sinceMs, this.#greetedMs) + GREETING_LIMIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const socket = connect(join(this.#directory, 'recogniser'));
      try {
        const pid = await greeting(socket, dueMs, this.#clock, signal);
        this.#greetedMs = this.#clock.nowMs();
        return { socket, pid };
      } catch (error) {
        socket.destroy();
        signal.throwIfAborted();
        const why = error instanceof AppError ? codeOf(error.cause) : undefined;
        const isLate = this.#clock.nowMs() >= dueMs();
        if (why !== 'EAGAIN' || isLate) {
          this.#lost ||= isLate || why === 'ECONNREFUSED' || why === 'ENOENT';
          throw error;
        }
      }
      // As many wait as may: the first of them has its turn in some 10 ms.
      await this.#clock.sleep(FULL_PAUSE_MS, signal);
    }
  }

  /** Ends the process, by force if its children do not end with their connections. Idempotent. */
  async close(): Promise<void> {
    if (this.#dead) {
      return this.#exited;
    }
    this.#child.stdin?.end();
    const timer = this.#clock.at(this.#clock.nowMs() + STOP_GRACE_MS, () => this.#child.kill('SIGKILL'));
    await this.#exited;
    timer.cancel();
  }
}

/** The first line of a connection, which says whose it is. @param dueMs when it is too late, which may move on. */
function greeting(socket: Socket, dueMs: () => number, clock: Clock, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = (cause?: unknown): void => {
      settled();
      reject(new AppError('engine-died', 'pocketsphinx: the recogniser does not answer', cause));
    };
    const onData = (line: string): void => {
      settled();
      try {
        const message = decodeLine(line.trimEnd());
        if (message.type === 'ready') {
          resolve(message.pid);
        } else {
          lost();
        }
      } catch (error) {
        lost(error);
      }
    };
    const onClose = (): void => lost();
    const onAbort = (): void => {
      settled();
      reject(signal.reason);
    };
    const watch = new AnswerWatch(clock, dueMs, onClose);
    const settled = (): void => {
      watch.close();
      socket.off('data', onData).off('close', onClose).off('error', lost);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // One write of some 30 bytes, which nothing follows unasked: nobody need listen until then.
    socket.setEncoding('utf8').on('data', onData).on('close', onClose).on('error', lost);
    watch.look();
  });
}

function untilReady(child: ChildProcess, options: RecogniserProcessOptions): Promise<void> {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) {
    throw new AppError('engine-start-failed', 'pocketsphinx: the recogniser has no pipes');
  }
  // Writing never happens; only the pipe's end means something.
  stdin.on('error', () => {});
  let lastLine = 'it said nothing';
  onLines(stderr, (line) => {
    // The library logs its whole configuration as INFO; what matters begins with ERROR or FATAL, or is Python's.
    if (line.trim() !== '' && !/^(INFO|WARNING|Current configuration|\[NAME\]|-)/.test(line)) {
      lastLine = line.trim();
    }
  });
  return new Promise((resolve, reject) => {
    const timer = options.clock.at(options.clock.nowMs() + options.startTimeoutMs, () =>
      fail(`it did not load its model within ${options.startTimeoutMs} ms`),
    );
    const fail = (why: string): void => {
      timer.cancel();
      reject(new AppError('engine-start-failed', `pocketsphinx: the recogniser did not start: ${why}`));
    };
    child.once('close', () => fail(lastLine));
    stdout.once('data', () => {
      timer.cancel();
      stdout.resume();
      resolve();
    });
  });
}
