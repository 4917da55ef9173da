/**
 * A lasting process, or pipeline of them, that answers each NUL-ended request with a NUL-ended answer, in order.
 * The order is all that ties an answer to its request: one that comes too late or not at all spoils those
 * behind it, so then the whole process is given up and its owner starts another. One process serves all calls, so who has
 * waited too long in a line that goes on is told so alone, and its answer is thrown away when it comes.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Timer } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { afterPatience } from '../../../base/patience.ts';
import { CHILD_ENVIRONMENT } from '../../child-environment.ts';

export interface NullFlushOptions {
  /** For `/bin/sh -c`. */
  readonly command: string;
  /** Added to our own niceness, 0 to 19. */
  readonly niceness: number;
  /** How long one request may take in all, and the process may be silent while it waits, in ms. */
  readonly timeoutMs: number;
  /** How long it may take to load, in ms. */
  readonly loadLimitMs: number;
  /** The most requests that wait. */
  readonly waitingLimit: number;
  readonly clock: Clock;
}

interface Request {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: unknown) => void;
  readonly askedMs: number;
  readonly timeoutMs: number;
  /** Whether somebody still waits for the answer. */
  wanted: boolean;
}

/** The longest answer in bytes; a segment is a sentence or two, and an analysis of it has some 50 bytes a letter. */
const ANSWER_LIMIT_BYTES = 262_144;

/** What is asked to see that it has loaded. */
const ANY_WORD = 'a';

/** How long the stages have to end by themselves, in ms. */
const STOP_GRACE_MS = 500;

export class NullFlushProcess {
  readonly #child: ChildProcess;
  readonly #options: NullFlushOptions;
  readonly #ended: Promise<void>;
  readonly #waiting: Request[] = [];
  /** When it answered last. */
  #answeredMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #dead = false;

  /** Starts the process; {@link load} tells when it is ready. */
  constructor(options: NullFlushOptions) {
    this.#options = options;
    // Its own process group, so that no stage outlives the shell. A shell with a trap outlives the signal that ends
    // the stages, and so reaps them; many a container has no init that would. Errors could hold what was said.
    const script = `trap : TERM; ${options.command}`;
    this.#child = spawn('/usr/bin/nice', ['-n', String(options.niceness), '/bin/sh', '-c', script], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: CHILD_ENVIRONMENT,
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', () => {
        this.#giveUp(new AppError('engine-start-failed', 'apertium: the pipeline cannot be started'));
        resolve();
      });
      this.#child.once('close', () => resolve());
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#child.stdout?.once('close', () => this.#giveUp(died()));
    this.#child.once('exit', () => this.#giveUp(died()));
  }

  /** Resolves when every stage has ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The id of the process group, for tests and diagnosis. */
  get groupId(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Resolves when it has answered for the first time: it reads its dictionaries before that.
   * @throws as {@link ask}, `engine-timeout` past the limit for loading.
   */
  async load(): Promise<void> {
    await this.#ask(ANY_WORD, this.#options.loadLimitMs, new AbortController().signal);
  }

  /** Resolves when it has answered, if nothing was asked of it; one that does not in the time for loading is dead then. */
  async look(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#dead) {
      // Whoever looks sees by `dead` what came of it.
      await this.load().catch(() => {});
    }
  }

  /**
   * Sends `text`, which holds no NUL, and resolves with the answer.
   * @throws AppError `engine-overloaded`, `engine-timeout`, `engine-died`; the signal's reason when it aborts first.
   */
  ask(text: string, signal: AbortSignal): Promise<string> {
    return this.#ask(text, this.#options.timeoutMs, signal);
  }

  /** Kills every stage and rejects what waits. Idempotent. */
  close(): Promise<void> {
    this.#giveUp(new AppError('closed', 'apertium: the engine has been closed'));
    return this.#ended;
  }

  #ask(text: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#dead) {
        throw died();
      }
      if (this.#waiting.length >= this.#options.waitingLimit) {
        throw new AppError('engine-overloaded', 'apertium: as many sentences wait as may');
      }
      const { clock } = this.#options;
      // An aborted request stays in line, so that its answer is taken off and thrown away in its turn.
      const onAbort = (): void => request.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const request: Request = {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
        ...{ askedMs: clock.nowMs(), timeoutMs, wanted: true },
      };
      const settled = (): void => {
        request.wanted = false;
        signal.removeEventListener('abort', onAbort);
      };
      this.#waiting.push(request);
      this.#watch();
      // `lt-proc -b` flushes only when a blank stands before the NUL.
      this.#child.stdin?.write(`${text}\n\0`);
    });
  }

  #receive(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      this.#parts.push(bytes.subarray(start, end));
      const answer = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#partBytes = 0;
      if (answer === '') {
        // A real answer ends with our newline; only stages whose input has ended send a bare NUL.
        this.#giveUp(died());
        return;
      }
      this.#answeredMs = this.#options.clock.nowMs();
      this.#waiting.shift()?.resolve(answer);
      start = end + 1;
    }
    this.#watch();
    if (start < bytes.length) {
      this.#parts.push(bytes.subarray(start));
      this.#partBytes += bytes.length - start;
      if (this.#partBytes > ANSWER_LIMIT_BYTES) {
        this.#giveUp(new AppError('engine-bad-answer', 'apertium: an answer has no end'));
      }
    }
  }

  /** Waits for whatever is over first: the time that somebody waits in line, or that it may be silent. */
  #watch(): void {
    this.#timer?.cancel();
    const { clock } = this.#options;
    const dueMs = Math.min(
      ...this.#waiting.map((request) => (request.wanted ? endMs(request) : this.#silentMs(request))),
    );
    this.#timer = Number.isFinite(dueMs) ? afterPatience(clock, dueMs, () => this.#late()) : undefined;
  }

  #late(): void {
    const nowMs = this.#options.clock.nowMs();
    const silent = this.#waiting.find((request) => this.#silentMs(request) <= nowMs);
    if (silent !== undefined) {
      this.#giveUp(died(), tooLate(silent));
      return;
    }
    for (const request of this.#waiting) {
      if (request.wanted && endMs(request) <= nowMs) {
        request.reject(tooLate(request));
      }
    }
    this.#watch();
  }

  /** When it has been silent for too long while this request waited; who waits for others that are answered does not count. */
  #silentMs({ askedMs, timeoutMs }: Request): number {
    return Math.max(askedMs, this.#answeredMs) + timeoutMs;
  }

  /** @param first what the oldest request is told, when it is to blame. */
  #giveUp(error: AppError, first: AppError = error): void {
    if (this.#dead) {
      return;
    }
    this.#dead = true;
    this.#timer?.cancel();
    this.#stop();
    const waiting = this.#waiting.splice(0);
    waiting.forEach((request, index) => {
      request.reject(index === 0 ? first : error);
    });
  }

  #stop(): void {
    const { pid } = this.#child;
    if (pid !== undefined) {
      signalGroup(pid, 'SIGTERM');
      const { clock } = this.#options;
      const timer = clock.at(clock.nowMs() + STOP_GRACE_MS, () => signalGroup(pid, 'SIGKILL'));
      void this.#ended.then(() => timer.cancel());
    }
  }
}

/** When nobody waits for its answer any more. */
function endMs({ askedMs, timeoutMs }: Request): number {
  return askedMs + timeoutMs;
}

function tooLate({ timeoutMs }: Request): AppError {
  return new AppError('engine-timeout', `apertium: no answer within ${timeoutMs} ms`);
}

function died(): AppError {
  return new AppError('engine-died', 'apertium: the pipeline ended');
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // The group is gone already.
  }
}
