/**
 * Brings records from their files into PostgreSQL. How far it has come stands in a file of its own: what the database
 * could not take, because it was away for a second or a day or because this process was killed, it is given again from
 * there, and what it has twice it keeps once. The files stay what counts.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { asError, messageOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { Scope } from '../../../base/scope.ts';
import { SparseLog } from '../../../base/sparse-log.ts';
import { Tally } from '../../../base/tally.ts';
import type { RecordArchive, RecordFiles } from '../record-archive.ts';
import { detailIn } from '../record-archive.ts';
import { DatabaseError, type DatabaseLink } from './database-link.ts';
import { DELETE_BEFORE, DELETE_CALL, INSERT, MIGRATE } from './record-table.ts';

export interface ForwarderDeps {
  readonly archive: RecordArchive;
  readonly files: RecordFiles;
  readonly database: Pick<DatabaseLink, 'run' | 'runAll' | 'close'>;
  readonly clock: Clock;
  readonly log: Log;
}

const PLACE_FILE = 'database-place.json';
/** Records of one statement. */
const MOST_AT_ONCE = 200;
/** How long the database is left alone after a failure, in ms, the first time and at most. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Files are looked at so often, in ms, though nobody tells of a record. */
const LOOK_EVERY_MS = 60_000;
/** Days whose files may still get a record, since a disk refused it before: the latest that have any. */
const MOST_DAYS = 7;
/** How long what runs at the end may take, in ms, before it is broken off: the next start does it again. */
const END_LIMIT_MS = 3_000;

export class DatabaseForwarder implements Counted {
  readonly counts = {
    /** What became of records on their way into the database, and of tries. */
    recordsForwarded: new Tally<'stored' | 'unstorable' | 'failed'>(),
  };
  readonly #deps: ForwarderDeps;
  readonly #troubles: SparseLog<string>;
  readonly #scope: Scope;
  /** Up to which byte the files of the latest days have been brought over, the oldest first; those before them are through. */
  #places: ReadonlyMap<string, number> = new Map();
  #ready = false;
  /** When the files of all these days were last looked at. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the last try failed. */
  #away = false;
  #pauseMs = FIRST_PAUSE_MS;
  #wake: () => void = () => {};
  #told = true;
  /** What is under way: one thing after the other. */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(deps: ForwarderDeps) {
    this.#deps = deps;
    this.#troubles = new SparseLog(deps.log, deps.clock);
    this.#scope = new Scope((error) =>
      deps.log.error({ error }, 'records are not brought into the database any more: a fault to report'),
    );
  }

  /** Begins at once. */
  static open(deps: ForwarderDeps): DatabaseForwarder {
    const forwarder = new DatabaseForwarder(deps);
    forwarder.#scope.run((signal) => forwarder.#work(signal));
    return forwarder;
  }

  /** Whether the database did not take what it was given last. */
  get away(): boolean {
    return this.#away;
  }

  /** There is another record. */
  wake(): void {
    this.#told = true;
    this.#wake();
  }

  /**
   * Takes a call out of the database and then, before anything is brought over again, does what takes it out of the
   * files. @throws DatabaseError, and what `then` throws.
   */
  remove(call: string, then: () => Promise<void>): Promise<number> {
    return this.#serially(async () => {
      await this.#prepare();
      const rows = await this.#deps.database.run(DELETE_CALL, [call]);
      await then();
      return rows;
    });
  }

  /**
   * Does what takes the files of days before `day` off the disk and then, whether or not the database is there, has it
   * brought over from its beginning should one of them be made anew; takes out what ended before `day`.
   * @throws DatabaseError, and what `first` throws.
   */
  removeBefore(day: string, first: () => Promise<void>): Promise<number> {
    return this.#serially(async () => {
      await first();
      await this.#dropPlacesBefore(day);
      await this.#prepare();
      return this.#deps.database.run(DELETE_BEFORE, [day]);
    });
  }

  /** What the database has not stored by then is brought over at the next start. Idempotent. */
  async close(): Promise<void> {
    const { clock, database } = this.#deps;
    const limit = clock.at(clock.nowMs() + END_LIMIT_MS, () => void database.close());
    await this.#scope.close();
    await this.#busy.catch(() => {});
    limit.cancel();
    await database.close();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        this.#told = false;
        const stored = await this.#serially(() => this.#forward(signal));
        this.#recovered();
        if (stored === 0) {
          await this.#untilTold(signal);
        }
      } catch (error) {
        signal.throwIfAborted();
        this.#failed(error);
        await this.#deps.clock.sleep(this.#pauseMs, signal);
        this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      }
    }
  }

  #recovered(): void {
    if (this.#away) {
      this.#deps.log.info({}, 'records are brought into the database again');
    }
    this.#away = false;
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  #failed(error: unknown): void {
    this.#away = true;
    this.counts.recordsForwarded.add('failed');
    const reason = error instanceof DatabaseError ? error.reason : messageOf(error);
    this.#troubles.warn(
      'away',
      { reason, pauseMs: this.#pauseMs },
      'records wait in their files for the database: see --records-db-url-file',
    );
  }

  /** @returns how many lines were dealt with. @throws DatabaseError, AppError */
  async #forward(signal: AbortSignal): Promise<number> {
    await this.#prepare();
    const { archive, clock } = this.#deps;
    const known = [...this.#places.keys()];
    const nowMs = clock.nowMs();
    // A record comes to the file of the day on which its call ended, which may be over when the disk takes it.
    const all = nowMs - this.#lookedAtMs >= LOOK_EVERY_MS;
    const days = await archive.days({ from: all ? known[0] : known.at(-1) });
    let dealtWith = 0;
    for (const day of days) {
      let at = this.#places.get(day) ?? 0;
      if (at > 0 && (await archive.bytesOf(day)) < at) {
        // It is not the file that was read before.
        at = 0;
      }
      let batch: string[] = [];
      const flush = async (): Promise<void> => {
        await this.#store(batch, signal);
        dealtWith += batch.length;
        batch = [];
        await this.#keepPlace(day, at);
        signal.throwIfAborted();
      };
      for await (const { text, nextAt } of archive.lines(day, at)) {
        signal.throwIfAborted();
        at = nextAt;
        if (detailIn(text) !== undefined) {
          batch.push(text);
        }
        if (batch.length === MOST_AT_ONCE) {
          await flush();
        }
      }
      if (at !== this.#places.get(day)) {
        await flush();
      }
    }
    if (all) {
      this.#lookedAtMs = nowMs;
    }
    return dealtWith;
  }

  async #prepare(): Promise<void> {
    if (!this.#ready) {
      await this.#deps.database.runAll(MIGRATE);
      this.#places = await this.#readPlaces();
      this.#ready = true;
    }
  }

  /** What the database can never take is left out, so that the rest is not held up by it. */
  async #store(lines: readonly string[], signal: AbortSignal): Promise<void> {
    if (lines.length === 0) {
      return;
    }
    signal.throwIfAborted();
    const { recordsForwarded } = this.counts;
    try {
      await this.#deps.database.run(INSERT, [`[${lines.join(',')}]`]);
      recordsForwarded.add('stored', lines.length);
    } catch (error) {
      if (!(error instanceof DatabaseError && error.ofData)) {
        throw error;
      }
      if (lines.length === 1) {
        recordsForwarded.add('unstorable');
        this.#troubles.warn(
          'unstorable',
          { reason: error.reason },
          'the database cannot take a record: it stays in its file only',
        );
        return;
      }
      for (const line of lines) {
        await this.#store([line], signal);
      }
    }
  }

  async #keepPlace(day: string, at: number): Promise<void> {
    const places = [...new Map([...this.#places, [day, at]])].sort(([one], [other]) =>
      one < other ? -1 : 1,
    );
    await this.#writePlaces(places.slice(-MOST_DAYS));
  }

  async #dropPlacesBefore(day: string): Promise<void> {
    const places = this.#ready ? this.#places : await this.#readPlaces();
    const left = [...places].filter(([each]) => each >= day);
    if (left.length < places.size) {
      await this.#writePlaces(left);
    }
  }

  /** @param places the latest last. */
  async #writePlaces(places: readonly (readonly [day: string, at: number])[]): Promise<void> {
    // The latest first: versions before this one read that alone.
    const written = places.toReversed().map(([each, byte]) => ({ day: each, at: byte }));
    await this.#deps.files.ask({
      ...{ type: 'text', path: this.#placePath, sealed: false },
      text: `${JSON.stringify(written)}\n`,
    });
    this.#places = new Map(places);
  }

  async #readPlaces(): Promise<ReadonlyMap<string, number>> {
    const written = (await this.#deps.files.read(this.#placePath, 0, 1_024)).toString();
    const places = [...written.matchAll(/"day":"(\d{4}-\d{2}-\d{2})","at":(\d+)/g)];
    return new Map(places.map(([, day = '', at]): [string, number] => [day, Number(at)]).reverse());
  }

  get #placePath(): string {
    return `${this.#deps.archive.directory}/${PLACE_FILE}`;
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#busy.then(work, work);
    this.#busy = next.catch((error: unknown) => asError(error));
    return next;
  }

  /** Resolves when there is another record, or after a while. */
  async #untilTold(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#told) {
      return;
    }
    const { clock } = this.#deps;
    await new Promise<void>((resolve, reject) => {
      const over = (end: () => void): void => {
        timer.cancel();
        signal.removeEventListener('abort', aborted);
        end();
      };
      const aborted = (): void => over(() => reject(signal.reason));
      const timer = clock.at(clock.nowMs() + LOOK_EVERY_MS, () => over(resolve));
      signal.addEventListener('abort', aborted, { once: true });
      this.#wake = () => over(resolve);
    });
  }
}
