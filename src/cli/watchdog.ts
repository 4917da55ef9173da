/**
 * Has this process killed when it stands still. A node of several that hangs, or is stopped, keeps its connections: Asterisk
 * writes on into them and nobody notices. Killed, its calls go on at another node at once. Where it serves alone, nobody
 * could go on with them, and a process that stands still for some seconds is better waited for: then only systemd, where
 * it watches (`WatchdogSec=`), is told for as long as our loop turns.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Environment } from './config/environment.ts';
import { WATCH_SCRIPT } from './watch-script.ts';

/** How often it is said that the loop turns, and how long one look of the watcher takes, in ms. */
const BEAT_MS = 250;
/**
 * When a watcher that has ended is replaced, in ms: each time after twice as long, up to the last, since one that cannot be
 * started today cannot be in five seconds either.
 */
const AGAIN_MS = 5_000;
const LATEST_AGAIN_MS = 600_000;
/** More has not been read by a watcher that hangs: nothing more is written to it. */
const MOST_UNREAD_BYTES = 64;

export interface WatchdogOptions {
  /** For how long it may stand still, in ms, in steps of 250; undefined: as long as it likes. */
  readonly limitMs: number | undefined;
  /** Of this process: what systemd wants to be told and where, `WATCHDOG_USEC` and `NOTIFY_SOCKET`, and `PATH`. */
  readonly environment: Environment;
}

export class Watchdog {
  readonly #words: readonly string[];
  readonly #environment: Record<string, string>;
  /** As it is told in the log. */
  readonly #how: { readonly limitMs: number | undefined; readonly systemd: boolean };
  readonly #clock: Clock;
  readonly #log: Log;
  #watcher: ChildProcess | undefined;
  #beat: Timer | undefined;
  #again: Timer | undefined;
  #againMs = AGAIN_MS;
  #closed = false;

  /** Begins to watch, and says so when it does; undefined where nothing is to be watched. */
  static start({ limitMs, environment }: WatchdogOptions, clock: Clock, log: Log): Watchdog | undefined {
    const looks = limitMs === undefined ? 0 : Math.max(1, Math.round(limitMs / BEAT_MS));
    const everyMs = Number(environment.WATCHDOG_USEC ?? 0) / 2_000;
    const beats = everyMs > 0 ? Math.max(1, Math.floor(everyMs / BEAT_MS)) : 0;
    if (looks === 0 && beats === 0) {
      return undefined;
    }
    const words = [String(BEAT_MS / 1_000), String(looks), String(beats)];
    const { PATH = '/usr/bin:/bin', NOTIFY_SOCKET: socket } = environment;
    const watchdog = new Watchdog(
      words,
      { PATH, ...(socket === undefined ? {} : { NOTIFY_SOCKET: socket }) },
      { limitMs, systemd: beats > 0 },
      clock,
      log,
    );
    watchdog.#watch();
    watchdog.#beatNow();
    return watchdog;
  }

  private constructor(
    words: readonly string[],
    environment: Record<string, string>,
    how: { readonly limitMs: number | undefined; readonly systemd: boolean },
    clock: Clock,
    log: Log,
  ) {
    this.#words = words;
    this.#environment = environment;
    this.#how = how;
    this.#clock = clock;
    this.#log = log;
  }

  /** Watches no more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#beat?.cancel();
    this.#again?.cancel();
    this.#watcher?.stdin?.end();
  }

  #watch(): void {
    const watcher = spawn('bash', ['--norc', '-c', WATCH_SCRIPT, 'dragoman-watchdog', ...this.#words], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: this.#environment,
    });
    this.#watcher = watcher;
    const sinceMs = this.#clock.nowMs();
    const ended = (error?: Error): void => {
      if (this.#watcher !== watcher || this.#closed) {
        return;
      }
      this.#watcher = undefined;
      const nowMs = this.#clock.nowMs();
      const againMs = nowMs - sinceMs > LATEST_AGAIN_MS ? AGAIN_MS : this.#againMs;
      this.#againMs = Math.min(2 * againMs, LATEST_AGAIN_MS);
      this.#log.warn(
        { error, againMs },
        error === undefined
          ? 'what watches this process has ended: it is started again'
          : 'nothing watches this process (it needs bash: apt-get install bash): it is tried again',
      );
      this.#again = this.#clock.at(nowMs + againMs, () => this.#watch());
    };
    watcher.on('spawn', () =>
      this.#log.info(this.#how, 'this process is watched: it is killed when it stands still'),
    );
    watcher.on('error', ended);
    watcher.on('exit', () => ended());
    // One that could not be made has none; that it has ended is told.
    watcher.stdin?.on('error', () => {});
  }

  #beatNow(): void {
    const stdin = this.#watcher?.stdin;
    if (stdin?.writable === true && stdin.writableLength < MOST_UNREAD_BYTES) {
      stdin.write('\n');
    }
    this.#beat = this.#clock.at(this.#clock.nowMs() + BEAT_MS, () => this.#beatNow());
  }
}
