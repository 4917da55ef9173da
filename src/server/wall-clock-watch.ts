/**
 * Whether the wall clock may be believed where what is old is removed. One that runs away, or begins years ahead, since a
 * time server or the host of this machine is wrong, would have all removed that is kept; so it is compared with the time
 * that has passed, and at a start with when it was believed last, which stands in a file beside what is kept. A machine
 * that was off for days has such a clock, too, and it is right: what stays so for a day is believed.
 */

import type { Clock } from '../base/clock.ts';
import { isAbort, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

const DAY_MS = 86_400_000;
/** By how much more than the time that has passed it may go on between two looks, in ms: a machine sleeps at night. */
const MOST_AHEAD_MS = DAY_MS;
/** How long one that is further ahead is doubted, in ms, while this server runs. */
const DOUBTED_MS = DAY_MS;
const FILE_NAME = 'wall-clock.json';
const MOST_FILE_BYTES = 1_024;

/** A small file that is written whole; both reject where the disk does not do it. */
export interface WallClockFiles {
  /** Empty where there is none. */
  readonly read: (path: string, from: number, mostBytes: number) => Promise<Buffer>;
  readonly ask: (order: {
    readonly type: 'text';
    readonly path: string;
    readonly text: string;
    readonly sealed: boolean;
  }) => Promise<unknown>;
}

interface Seen {
  /** What it says by now if it goes on as it did when it was believed last, in ms since 1970. */
  readonly believedMs: number;
  /** What it said when it was first doubted, and for how long it has been since, in ms while a server ran. */
  readonly doubted?: { readonly fromMs: number; readonly forMs: number } | undefined;
}

export class WallClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #files: WallClockFiles;
  readonly #path: string;
  /** What is believed where there is no file yet. */
  readonly #atFirst: Seen;
  #seen: Seen | undefined;
  /** When it was looked at, on the monotonic clock. */
  #lookedAtMs: number;
  /** One look after the other. */
  #looking: Promise<unknown> = Promise.resolve();

  /** @param directory of what is kept. */
  constructor(directory: string, files: WallClockFiles, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#files = files;
    this.#path = `${directory}/${FILE_NAME}`;
    this.#atFirst = { believedMs: clock.wallTime().getTime() };
    this.#lookedAtMs = clock.nowMs();
  }

  /** Whether it is to be believed. Ask each time before something is removed; where it is not, the log says so. */
  believed(): Promise<boolean> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look;
    return look;
  }

  async #look(): Promise<boolean> {
    try {
      this.#seen ??= (await this.#read()) ?? this.#atFirst;
    } catch (error) {
      this.#tell(error, 'what the wall clock said last cannot be read: nothing old is removed until it can');
      return false;
    }
    const wallMs = this.#clock.wallTime().getTime();
    const passedMs = this.#clock.nowMs() - this.#lookedAtMs;
    this.#lookedAtMs += passedMs;
    const expectedMs = this.#seen.believedMs + passedMs;
    const doubted = doubtOf(this.#seen, wallMs, passedMs);
    const believed = doubted === undefined || doubted.forMs >= DOUBTED_MS;
    if (!believed) {
      this.#log.warn(
        {
          wallTime: new Date(wallMs).toISOString(),
          aheadDays: Math.floor((wallMs - expectedMs) / DAY_MS),
        },
        'the wall clock is ahead of the time that has passed: nothing old is removed until it is right again, or has ' +
          'stayed so for a day; see timedatectl',
      );
    }
    this.#seen = believed ? { believedMs: wallMs } : { believedMs: expectedMs, doubted };
    await this.#write(this.#seen);
    return believed;
  }

  async #read(): Promise<Seen | undefined> {
    const text = (await this.#files.read(this.#path, 0, MOST_FILE_BYTES)).toString();
    return text === '' ? undefined : seenIn(text);
  }

  async #write(seen: Seen): Promise<void> {
    try {
      await this.#files.ask({
        ...{ type: 'text', path: this.#path, sealed: false },
        text: `${JSON.stringify(seen)}\n`,
      });
    } catch (error) {
      this.#tell(
        error,
        'what the wall clock says cannot be written down: a wrong one would be believed at the next start',
      );
    }
  }

  #tell(error: unknown, what: string): void {
    if (!isAbort(error)) {
      this.#log.warn({ path: this.#path, reason: messageOf(error) }, what);
    }
  }
}

/** Why it is doubted, `passedMs` after the last look; undefined: it is not. */
function doubtOf({ believedMs, doubted }: Seen, wallMs: number, passedMs: number): Seen['doubted'] {
  if (wallMs - believedMs - passedMs <= MOST_AHEAD_MS) {
    return undefined;
  }
  const forMs = (doubted?.forMs ?? 0) + passedMs;
  const stays = doubted !== undefined && Math.abs(wallMs - doubted.fromMs - forMs) <= MOST_AHEAD_MS;
  return stays ? { fromMs: doubted.fromMs, forMs } : { fromMs: wallMs, forMs: 0 };
}

/** Undefined for what is none of ours, which is written anew. */
function seenIn(text: string): Seen | undefined {
  try {
    const { believedMs, doubted } = JSON.parse(text) as Seen;
    return Number.isFinite(believedMs) ? { believedMs, doubted } : undefined;
  } catch {
    return undefined;
  }
}
