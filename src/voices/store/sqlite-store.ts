/**
 * Profiles in a file of SQLite, on this machine. The database is held by a process of its own: its package is native and
 * its calls block, and neither may reach what carries calls. A process that dies or hangs fails who asked it, and the
 * next who asks has another; what was written is kept by the file. The package is optional: where it cannot be loaded
 * that is said, and neutral voices speak.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import { CHILD_ENVIRONMENT } from '../../engines/child-environment.ts';
import type { FoundProfile, ProfileFile, StoredProfile } from '../profile.ts';
import { MOST_UNDER_WAY, type ProfileStore } from './profile-store.ts';
import type { Numbered, StoreAnswer, StoreGreeting, StoreRequest } from './sqlite-messages.ts';

const PROGRAM = fileURLToPath(new URL('./sqlite-process.js', import.meta.url));

/** How long the process may take to open the file, in ms: a busy machine loads Node in seconds. */
const START_LIMIT_MS = 15_000;
/** How long it may take to answer, in ms; then it hangs, and is killed. Writing waits for a disk, and others for it. */
const ANSWER_LIMIT_MS = 5_000;
/** From one start to the next, in ms. */
const RESTART_PAUSE_MS = 1_000;
/** How long it has to end by itself, in ms. */
const STOP_GRACE_MS = 2_000;

interface Pending {
  readonly resolve: (answer: StoreAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** A process that is there, or about to be. */
interface Running {
  readonly child: ChildProcess;
  readonly opened: Promise<void>;
  readonly gone: Promise<void>;
}

export interface SqliteStoreOptions {
  /** In a folder that is there and may be written. */
  readonly path: string;
  readonly clock: Clock;
  /** Default {@link ANSWER_LIMIT_MS}. */
  readonly answerLimitMs?: number;
}

export class SqliteStore implements ProfileStore {
  readonly name: string;
  readonly counts = {
    /** Times that its process was started. */
    voiceStoreStarts: 0,
  };
  readonly #path: string;
  readonly #clock: Clock;
  readonly #answerLimitMs: number;
  readonly #pending = new Map<number, Pending>();
  #running: Running | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  #lastNumber = 0;
  #closing: Promise<void> | undefined;

  constructor({ path, clock, answerLimitMs = ANSWER_LIMIT_MS }: SqliteStoreOptions) {
    this.name = `sqlite ${path}`;
    this.#path = path;
    this.#clock = clock;
    this.#answerLimitMs = answerLimitMs;
  }

  /** Opens the file, or makes it. @throws AppError `store-failed` when that cannot be done, with what to do about it. */
  async ready(): Promise<void> {
    await this.#process();
  }

  /** Of the process that runs now, for tests that end it. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  async find(speaker: string, signal: AbortSignal): Promise<FoundProfile | undefined> {
    return (await this.#profiles({ type: 'find', speaker }, signal))[0];
  }

  list(after: string, most: number, signal: AbortSignal): Promise<readonly FoundProfile[]> {
    return this.#profiles({ type: 'list', after, most }, signal);
  }

  async readFile(speaker: string, name: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const answer = await this.#ask({ type: 'read-file', speaker, name }, signal);
    return answer.type === 'file' ? answer.bytes : undefined;
  }

  write(
    profile: StoredProfile,
    before: number | undefined,
    files: readonly ProfileFile[],
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#change({ type: 'write', profile, before, files }, signal);
  }

  remove(speaker: string, before: number, signal: AbortSignal): Promise<boolean> {
    return this.#change({ type: 'remove', speaker, before }, signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #profiles(request: StoreRequest, signal: AbortSignal): Promise<readonly FoundProfile[]> {
    const answer = await this.#ask(request, signal);
    return answer.type === 'found' ? answer.profiles : [];
  }

  async #change(request: StoreRequest, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(request, signal);
    return answer.type === 'changed' && answer.changed;
  }

  async #ask(request: StoreRequest, signal: AbortSignal): Promise<StoreAnswer> {
    signal.throwIfAborted();
    const child = await this.#process();
    signal.throwIfAborted();
    if (this.#pending.size >= MOST_UNDER_WAY) {
      throw failed(`${this.name}: too much is asked of it at once`);
    }
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    let late: Timer | undefined;
    let abandon = (): void => {};
    try {
      const answer = await new Promise<StoreAnswer>((resolve, reject) => {
        this.#pending.set(number, { resolve, reject });
        late = this.#clock.at(this.#clock.nowMs() + this.#answerLimitMs, () => this.#hangs(child));
        abandon = () => reject(signal.reason);
        signal.addEventListener('abort', abandon, { once: true });
        const sent: Numbered<StoreRequest> = { number, message: request };
        child.send(sent, (error) => {
          if (error !== null) {
            reject(failed(`${this.name}: its process is gone`, error));
          }
        });
      });
      if (answer.type === 'failed') {
        throw failed(`${this.name}: ${answer.message}`);
      }
      return answer;
    } finally {
      late?.cancel();
      signal.removeEventListener('abort', abandon);
      this.#pending.delete(number);
    }
  }

  /** The process, started if there is none. */
  async #process(): Promise<ChildProcess> {
    if (this.#closing !== undefined) {
      throw failed(`${this.name} is closed`);
    }
    this.#running ??= this.#start();
    const running = this.#running;
    await running.opened;
    return running.child;
  }

  #start(): Running {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#startedMs < RESTART_PAUSE_MS) {
      throw failed(`${this.name}: its process has just ended; another is started in a second`);
    }
    this.#startedMs = nowMs;
    this.counts.voiceStoreStarts += 1;
    const child = fork(PROGRAM, [this.#path], {
      env: CHILD_ENVIRONMENT,
      execArgv: [],
      serialization: 'advanced',
      // What a native package prints before it ends is of use to nobody.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let late: Timer | undefined;
    const opened = new Promise<void>((resolve, reject) => {
      const limit = `${this.name} is not open after ${START_LIMIT_MS} ms`;
      late = this.#clock.at(this.#clock.nowMs() + START_LIMIT_MS, () => {
        reject(failed(limit));
        child.kill('SIGKILL');
      });
      child.once('message', (greeting: StoreGreeting) => {
        if (greeting.type === 'open') {
          child.on('message', (answer: Numbered<StoreAnswer>) => {
            this.#pending.get(answer.number)?.resolve(answer.message);
          });
          resolve();
        } else {
          reject(failed(`${this.name}: ${adviceOn(greeting)}`));
        }
      });
      child.once('error', (error) => reject(failed(`${this.name}: ${messageOf(error)}`, error)));
      child.once('exit', (status, signal) =>
        reject(failed(`${this.name}: its process ended with ${signal ?? `status ${status}`}`)),
      );
    });
    const gone = new Promise<void>((resolve) => {
      const end = (): void => {
        this.#gone(child);
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    const settled = (): void => late?.cancel();
    opened.then(settled, settled);
    return { child, opened, gone };
  }

  /** It does not answer, so it answers nobody. */
  #hangs(child: ChildProcess): void {
    child.kill('SIGKILL');
    this.#gone(child);
  }

  #gone(child: ChildProcess): void {
    if (this.#running?.child === child) {
      this.#running = undefined;
      for (const { reject } of this.#pending.values()) {
        reject(failed(`${this.name}: its process has ended, or does not answer`));
      }
    }
  }

  async #close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) {
      return;
    }
    const { child, gone } = running;
    if (child.connected) {
      child.disconnect();
    }
    const late = this.#clock.at(this.#clock.nowMs() + STOP_GRACE_MS, () => child.kill('SIGKILL'));
    await gone;
    late.cancel();
  }
}

function adviceOn({ missing, message }: Extract<StoreGreeting, { readonly type: 'shut' }>): string {
  return missing
    ? `the package libsql cannot be loaded here (${message.split('\n')[0]}): run scripts/setup again, or keep profiles in PostgreSQL`
    : `it cannot be opened (${message}): name a file in a folder that dragoman may write, on a disk with room`;
}

function failed(message: string, cause?: unknown): AppError {
  return new AppError('store-failed', message, cause);
}
