/**
 * The recordings of this server: gives the recorder's process the sound of calls that are kept, in turns, so that no two
 * calls do so at the same moment, and has it remove what has been kept for long enough.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { messageOf } from '../../base/errors.ts';
import { type GridMember, GridTicker } from '../../base/grid-ticker.ts';
import type { Log } from '../../base/log.ts';
import type { OpenRecording, RecordedCall, Recorder } from '../../call/recording/recorder.ts';
import type { Layout, SoundPiece } from '../../protocol/recording/recorder-orders.ts';
import { WallClockWatch } from '../wall-clock-watch.ts';
import { callFolder } from './call-folder.ts';
import type { RecorderProcess } from './recorder-process.ts';

export interface RecordingsOptions {
  /** Below which the folders of calls are; absolute. */
  readonly directory: string;
  readonly layout: Layout;
  /** How often all hear a tone while they are recorded, in ms; undefined: never. */
  readonly beepMs: number | undefined;
  readonly announces: boolean;
  /** Whether what engines answer is kept beside the sound; default no. */
  readonly engines?: boolean;
  /** For how long recordings are kept, in ms; undefined: until somebody removes them. */
  readonly keepMs: number | undefined;
  /** Is run for each file that is finished; empty: nothing is. */
  readonly command: readonly string[];
}

/** How often each call is asked for what has come, in ms: a sixth of what its rings hold. */
const TAKE_MS = 100;
/** Turns are 2 ms apart, as those of legs are: of 100 calls two at a time, and a leg whose frame is due waits for no more. */
const SLOTS = 50;
/** How often is looked for what is to be removed, in ms, and how long after the start for the first time. */
const PURGE_MS = 3_600_000;
const FIRST_PURGE_MS = 60_000;
/** When is looked once more for what another server has left, in ms after the start, and how many folders the log names. */
const LATER_MEND_MS = 60_000;
const MOST_TOLD = 20;
/** For how long after something was not written as it should be recording is said to have trouble, in ms. */
const TROUBLE_MS = 60_000;

/** How recording does, for `/health/report`. */
export interface RecordingHealth {
  readonly state: 'HEALTHY' | 'DEGRADED';
  /** Calls that are kept now. */
  readonly active: number;
  readonly framesDropped: number;
}

export class Recordings implements Recorder, Counted {
  readonly counts = {
    recordings: 0,
    recordingsEnded: 0,
    /** Frames that were overwritten before anybody took them. */
    recordingFramesDropped: 0,
    /** Notes that were dropped before anybody took them. */
    recordingNotesDropped: 0,
  };
  readonly #options: RecordingsOptions;
  readonly #process: RecorderProcess;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ticker: GridTicker;
  readonly #wallClock: WallClockWatch;
  /** By call, what is told that there is no room, or again. */
  readonly #active = new Map<number, (full: boolean) => void>();
  #opened = 0;
  #purge: Timer | undefined;
  readonly #mendLater: Timer;
  #closed = false;

  constructor(options: RecordingsOptions, process: RecorderProcess, clock: Clock, log: Log) {
    this.#options = options;
    this.#process = process;
    this.#clock = clock;
    this.#log = log;
    this.#ticker = new GridTicker(clock, TAKE_MS, SLOTS);
    this.#wallClock = new WallClockWatch(options.directory, process, clock, log);
    // What a recorder has left that was killed, before this server was started or since.
    process.onRestarted(() => this.#mend(false));
    process.onSpace((full) => {
      for (const told of this.#active.values()) {
        told(full);
      }
    });
    this.#mend(true);
    // The recorder of a server that was killed may still have been writing.
    this.#mendLater = clock.at(clock.nowMs() + LATER_MEND_MS, () => this.#mend(true));
    if (options.keepMs !== undefined) {
      this.#purgeIn(FIRST_PURGE_MS, options.keepMs);
    }
  }

  get beepMs(): number | undefined {
    return this.#options.beepMs;
  }

  get announces(): boolean {
    return this.#options.announces;
  }

  get keepsNotes(): boolean {
    return this.#options.engines ?? false;
  }

  /** Calls that are kept now. */
  get active(): number {
    return this.#active.size;
  }

  get health(): RecordingHealth {
    const { troubleAtMs, counts } = this.#process;
    const lately = troubleAtMs !== undefined && this.#clock.nowMs() - troubleAtMs < TROUBLE_MS;
    const troubled = lately || this.#process.full;
    return {
      state: troubled ? 'DEGRADED' : 'HEALTHY',
      active: this.active,
      framesDropped: this.counts.recordingFramesDropped + counts.recordingFramesDropped,
    };
  }

  open(
    { startedAt, shownId }: RecordedCall,
    take: () => readonly SoundPiece[],
    notes: () => string,
    full: (is: boolean) => void,
  ): OpenRecording {
    const { directory, command } = this.#options;
    const folder = callFolder(directory, startedAt, shownId);
    const call = this.#order(folder);
    this.counts.recordings += 1;
    this.#active.set(call, full);
    if (this.#process.full) {
      full(true);
    }
    const pass = (): void => {
      const pieces = take();
      if (pieces.length > 0) {
        this.#process.sound(call, pieces);
      }
      const noted = notes();
      if (noted !== '') {
        this.#process.notes(call, noted);
      }
    };
    const member: GridMember = {
      tick: pass,
      failed: (error) => this.#log.error({ error }, 'a call is not recorded any more: a fault to report'),
    };
    const slot = this.#ticker.quietestSlot();
    this.#ticker.add(member, slot);
    return {
      forget: (party) => {
        if (this.#active.has(call)) {
          this.#process.order({ type: 'forget', call, party });
        } else {
          this.#forgetLate(folder, party);
        }
      },
      lost: (frames) => {
        this.counts.recordingFramesDropped += frames;
      },
      notesLost: (lost) => {
        this.counts.recordingNotesDropped += lost;
      },
      close: () => {
        if (this.#active.delete(call)) {
          this.counts.recordingsEnded += 1;
          this.#ticker.remove(member, slot);
          pass();
          this.#process.order({ type: 'close', call, command });
        }
      },
    };
  }

  /** Takes no more; the process is its owner's. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#purge?.cancel();
    this.#mendLater.cancel();
    this.#ticker.close();
  }

  /** Opens the folder of a call. @returns the number of the call by which it is named from now on. */
  #order(folder: string): number {
    const { directory, layout } = this.#options;
    this.#opened += 1;
    this.#process.order({ type: 'open', call: this.#opened, directory, folder, layout });
    return this.#opened;
  }

  /** A party refuses whose call goes on, and is kept no more: what was kept of it goes all the same. */
  #forgetLate(folder: string, party: number): void {
    const call = this.#order(folder);
    this.#process.order({ type: 'forget', call, party });
    this.#process.order({ type: 'close', call, command: [] });
  }

  /** @param killed whether what was left is of calls that ended with a server before this one. */
  #mend(killed: boolean): void {
    const { directory, command } = this.#options;
    this.#process
      .ask({ type: 'mend', directory, command })
      .then(({ count, names = [], failed }) => {
        if (failed !== undefined) {
          this.#log.error({ reason: failed }, 'some recordings that were not finished cannot be made whole');
        }
        if (count > 0) {
          this.#log.warn({ files: count }, 'recordings that were not finished are made whole');
        }
        if (killed && names.length > 0) {
          this.#log.warn(
            { calls: names.length, folders: names.slice(0, MOST_TOLD) },
            'a server was killed while calls were recorded: what it has of them is kept, and no record of its own tells of it; ' +
              'remove the folders by hand, or let --keep-recordings do so',
          );
        }
      })
      .catch((error: unknown) =>
        this.#failed(error, 'recordings that were not finished cannot be made whole'),
      );
  }

  #purgeIn(waitMs: number, keepMs: number): void {
    this.#purge = this.#clock.at(this.#clock.nowMs() + waitMs, () => {
      this.#purgeIn(PURGE_MS, keepMs);
      void this.#purgeOlder(keepMs);
    });
  }

  async #purgeOlder(keepMs: number): Promise<void> {
    if (this.#closed || !(await this.#wallClock.believed())) {
      return;
    }
    const oldest = new Date(this.#clock.wallTime().getTime() - keepMs);
    const day = oldest.toISOString().slice(0, 10);
    try {
      const { count, bytes } = await this.#process.ask({
        type: 'purge',
        directory: this.#options.directory,
        day,
      });
      if (count > 0) {
        this.#log.info({ calls: count, bytes, before: day }, 'recordings that are too old are removed');
      }
    } catch (error) {
      this.#failed(error, 'recordings that are too old cannot be removed');
    }
  }

  #failed(error: unknown, what: string): void {
    if (!this.#closed) {
      this.#log.error({ reason: messageOf(error) }, what);
    }
  }
}
