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
/** When a watcher that has ended is replaced, in ms. */
const AGAIN_MS = 5_000;
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
  readonly #clock: Clock;
  readonly #log: Log;
  #watcher: ChildProcess | undefined;
  #beat: Timer | undefined;
  #again: Timer | undefined;
  #closed = false;

  /** Begins to watch; undefined where nothing is to be watched. */
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
      clock,
      log,
    );
    watchdog.#watch();
    watchdog.#beatNow();
    log.info({ limitMs, systemd: beats > 0 }, 'this process is watched: it is killed when it stands still');
    return watchdog;
  }

  private constructor(words: readonly string[], environment: Record<string, string>, clock: Clock, log: Log) {
    this.#words = words;
    this.#environment = environment;
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
    const ended = (error?: Error): void => {
      if (this.#watcher === watcher && !this.#closed) {
        this.#watcher = undefined;
        this.#log.warn({ error }, 'what watches this process has ended (it needs bash): it is started again');
        this.#again = this.#clock.at(this.#clock.nowMs() + AGAIN_MS, () => this.#watch());
      }
    };
    watcher.on('error', ended);
    watcher.on('exit', () => ended());
    // It has ended, which is told.
    watcher.stdin.on('error', () => {});
  }

  #beatNow(): void {
    const stdin = this.#watcher?.stdin;
    if (stdin?.writable === true && stdin.writableLength < MOST_UNREAD_BYTES) {
      stdin.write('\n');
    }
    this.#beat = this.#clock.at(this.#clock.nowMs() + BEAT_MS, () => this.#beatNow());
  }
}
