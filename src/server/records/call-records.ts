/**
 * All that is kept of calls, and whoever wants to read or remove some of it: records and transcripts in files, the
 * database that records are brought into, summaries, and how long each is kept.
 */

import { dirname } from 'node:path';
import type { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { AppError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Secret } from '../../base/secret.ts';
import type { CallDetail } from '../../call/detail/call-detail.ts';
import { TRANSCRIPT, type Transcript } from '../../call/transcript/transcript.ts';
import type { SummaryEngine } from '../../engines/summary/summary-engine.ts';
import { AnswerWatch } from '../../engines/wire/answer-watch.ts';
import { parseJson } from '../../engines/wire/json.ts';
import { callFolder, isFolderOf } from '../recording/call-folder.ts';
import type { RecorderProcess } from '../recording/recorder-process.ts';
import { WallClockWatch } from '../wall-clock-watch.ts';
import { DatabaseForwarder } from './database/database-forwarder.ts';
import { DatabaseLink } from './database/database-link.ts';
import { type PlacedRecord, RecordArchive, type RecordFilter } from './record-archive.ts';
import { type KeepingOptions, RecordKeeper, TRANSCRIPT_JSON } from './record-keeper.ts';
import { Retention } from './retention.ts';
import { CALL_SUMMARY, type CallSummaryText, Summaries } from './summary/summaries.ts';

export interface RecordSettings {
  /** Where the files of records are and, below it by day, a folder for the transcript of each call. */
  readonly directory: string;
  /** Where recordings are, in folders of the same names; undefined: there are none. */
  readonly recordingsDirectory: string | undefined;
  readonly numbers: boolean;
  readonly transcripts: boolean;
  readonly redaction: KeepingOptions['redaction'];
  readonly prices: KeepingOptions['prices'];
  /** Undefined: for ever. */
  readonly keepRecordsDays: number | undefined;
  readonly keepTranscriptsDays: number | undefined;
  /** Of a PostgreSQL; undefined: there is none. */
  readonly databaseUrl: Secret | undefined;
  /** Undefined: nobody sums calls up. */
  readonly summaryEngine: SummaryEngine | undefined;
}

export interface CallRecordsDeps {
  readonly recorder: RecorderProcess;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of what was to be removed. */
export interface Removal {
  readonly records: number;
  readonly files: number;
  /** Undefined where there is no database. */
  readonly rows?: number;
}

/** How the keeping of records does, for `/health/report`. */
export interface RecordsHealth {
  readonly state: 'HEALTHY' | 'DEGRADED';
  /** Records and transcripts that could not be written, since the start. */
  readonly lost: number;
  /** Those that a disk refuses at the moment: they are held, and tried again. */
  readonly held: number;
  /** Whether the database has not taken what it was given last: records wait in their files. */
  readonly databaseAway?: boolean;
}

const SUMMARY_JSON = 'summary.json';
const DAY_MS = 86_400_000;
/** How long the disk may answer nothing at the end, in ms. */
const END_LIMIT_MS = 4_000;

export class CallRecords implements Counted {
  readonly counts = {};
  readonly #settings: RecordSettings;
  readonly #deps: CallRecordsDeps;
  readonly #archive: RecordArchive;
  readonly #forwarder: DatabaseForwarder | undefined;
  readonly #summaries: Summaries | undefined;
  readonly #retention: Retention;
  readonly #listeners = new Set<(detail: CallDetail) => void>();
  #keeper: RecordKeeper | undefined;

  constructor(settings: RecordSettings, deps: CallRecordsDeps) {
    const { recorder, clock, log } = deps;
    const { directory, databaseUrl, summaryEngine, keepRecordsDays, keepTranscriptsDays } = settings;
    this.#settings = settings;
    this.#deps = deps;
    this.#archive = new RecordArchive(recorder, directory);
    this.#forwarder =
      databaseUrl === undefined
        ? undefined
        : DatabaseForwarder.open({
            ...{ archive: this.#archive, files: recorder, clock, log },
            database: new DatabaseLink(databaseUrl),
          });
    this.#summaries = summaryEngine === undefined ? undefined : new Summaries(summaryEngine, clock, log);
    this.#retention = new Retention(
      [
        { what: 'records', days: keepRecordsDays, removeBefore: (day) => this.#removeRecordsBefore(day) },
        {
          what: 'transcripts',
          days: keepTranscriptsDays,
          removeBefore: (day) => this.#removeTranscriptsBefore(day),
        },
      ],
      new WallClockWatch(directory, recorder, clock, log),
      clock,
      log,
    );
  }

  get parts(): readonly Counted[] {
    return [this.#keeper, this.#forwarder, this.#summaries].filter((part) => part !== undefined);
  }

  get health(): RecordsHealth {
    const kept = this.#keeper?.counts.recordsKept;
    const lost = (kept?.get('record-lost') ?? 0) + (kept?.get('transcript-lost') ?? 0);
    const held = this.#keeper?.held ?? 0;
    const databaseAway = this.#forwarder?.away;
    return {
      state: lost > 0 || held > 0 || databaseAway === true ? 'DEGRADED' : 'HEALTHY',
      ...{ lost, held },
      ...(databaseAway === undefined ? {} : { databaseAway }),
    };
  }

  /** Keeps the calls of a server that end from now on. */
  follow(server: ConstructorParameters<typeof RecordKeeper>[1]['server']): void {
    const { recorder, clock, log } = this.#deps;
    const { directory, transcripts, numbers, redaction, prices } = this.#settings;
    this.#keeper = new RecordKeeper(
      { numbers, redaction, prices, transcriptDirectory: transcripts ? directory : undefined },
      { server, archive: this.#archive, files: recorder, clock, log },
    );
    this.#keeper.onKept((detail, transcript) => {
      this.#forwarder?.wake();
      for (const listener of this.#listeners) {
        listener(detail);
      }
      if (transcript !== undefined) {
        this.#summaries?.add(transcript, async (summary) => {
          // A call that was removed meanwhile leaves nothing.
          if ((await this.#archive.find(detail.call)) !== undefined) {
            await recorder.writeText(this.#folderOf(detail), SUMMARY_JSON, `${JSON.stringify(summary)}\n`);
          }
        });
      }
    });
  }

  /** Tells of each record that is on the disk. */
  onKept(listener: (detail: CallDetail) => void): void {
    this.#listeners.add(listener);
  }

  /** The latest first. @param after the place of one, to go on from there. */
  latest(filter?: RecordFilter, after?: string): AsyncGenerator<PlacedRecord> {
    return this.#archive.latest(filter, after);
  }

  /** @param call what it is called where it is shown. */
  find(call: string): Promise<CallDetail | undefined> {
    return this.#archive.find(call);
  }

  /** The same of one to be removed: its record may be on its way to the disk, or held since that refuses it. */
  async findToRemove(call: string): Promise<CallDetail | undefined> {
    return this.#keeper?.writing(call) ?? (await this.#archive.find(call));
  }

  /**
   * What was said in a call that is over; undefined where that was not kept, or is not any more.
   * @throws AppError where it cannot be read.
   */
  transcript(detail: CallDetail): Promise<Transcript | undefined> {
    return this.#textOf(detail, TRANSCRIPT_JSON, TRANSCRIPT);
  }

  /** What was said so far in a call that runs; undefined where it is not kept. */
  running(callId: string): Transcript | undefined {
    return this.#keeper?.transcriptOf(callId);
  }

  /** Undefined where there is none (yet). @throws AppError where it cannot be read. */
  summary(detail: CallDetail): Promise<CallSummaryText | undefined> {
    return this.#textOf(detail, SUMMARY_JSON, CALL_SUMMARY);
  }

  /** Whether anybody sums calls up. */
  get sumsUp(): boolean {
    return this.#summaries !== undefined;
  }

  /** A summary of what was said so far. @throws AppError of category `engine`. */
  async sumUp(transcript: Transcript, signal: AbortSignal): Promise<CallSummaryText | undefined> {
    return this.#summaries?.now(transcript, signal);
  }

  /**
   * Takes all that is kept of a call off the disk and out of the database. @throws AppError, DatabaseError when something
   * of it may be left: then it is to be tried again.
   */
  async remove(detail: CallDetail): Promise<Removal> {
    const { recorder } = this.#deps;
    await this.#keeper?.drop(({ call }) => call === detail.call);
    await this.#summaries?.drop(({ call }) => call === detail.call);
    const { count } = await recorder.remove(this.#folderOf(detail));
    let recordings = 0;
    for (const folder of await this.#recordingsOf(detail)) {
      recordings += (await recorder.remove(folder)).count;
    }
    let records = 0;
    // Last, so that it can be found again when something before it fails.
    const forget = async (): Promise<void> => {
      records = await this.#archive.remove(detail);
    };
    const rows = await this.#forwarder?.remove(detail.call, forget);
    if (rows === undefined) {
      await forget();
    }
    const files = Math.max(count, Math.min(1, recordings));
    return { records, files, ...(rows === undefined ? {} : { rows }) };
  }

  /** The same of all calls that ended before `day`, `2026-11-29`. */
  async removeBefore(day: string): Promise<Removal> {
    const { recordingsDirectory: directory } = this.#settings;
    await this.#keeper?.drop(({ endedAt }) => endedAt < day);
    await this.#summaries?.drop(({ startedAt }) => startedAt < day);
    const { calls } = await this.#removeTranscriptsBefore(day);
    const recordings =
      directory === undefined
        ? { count: 0 }
        : await this.#deps.recorder.ask({ type: 'purge', directory, day });
    const { days, rows } = await this.#removeRecordsBefore(day);
    return {
      records: days,
      files: Math.max(calls, recordings.count),
      ...(rows === undefined ? {} : { rows }),
    };
  }

  /**
   * Resolves when what ended by now is written, or when the disk has answered nothing for 4 s: then the end of the recorder
   * breaks off what waits for that.
   */
  async close(): Promise<void> {
    const { recorder, clock, log } = this.#deps;
    const closedMs = clock.nowMs();
    let part = 'retention';
    const closing = async (): Promise<void> => {
      await this.#retention.close();
      part = 'records';
      await this.#keeper?.close();
      part = 'summaries';
      await this.#summaries?.close();
      part = 'database';
      await this.#forwarder?.close();
    };
    let stands = (): void => {};
    const still = new Promise<void>((resolve) => {
      stands = resolve;
    });
    const dueMs = (): number => Math.max(closedMs, recorder.owedSinceMs ?? clock.nowMs()) + END_LIMIT_MS;
    const watch = new AnswerWatch(clock, dueMs, () => {
      watch.close();
      log.warn(
        { part },
        'the disk of records stands still: the end waits no longer for what is to be written',
      );
      stands();
    });
    watch.look();
    await Promise.race([closing(), still]);
    watch.close();
  }

  /** Files first: a database that is away for long keeps none of them for longer. */
  async #removeRecordsBefore(day: string) {
    let removed = { days: 0, bytes: 0 };
    const erase = async (): Promise<void> => {
      removed = await this.#archive.removeBefore(day);
    };
    const rows = await this.#forwarder?.removeBefore(day, erase);
    if (rows === undefined) {
      await erase();
    }
    return { ...removed, ...(rows === undefined ? {} : { rows }) };
  }

  async #removeTranscriptsBefore(day: string) {
    const { count, bytes } = await this.#deps.recorder.ask({
      type: 'purge',
      directory: this.#settings.directory,
      day,
    });
    return { calls: count, bytes };
  }

  async #textOf<T>(detail: CallDetail, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.#deps.recorder.readText(this.#folderOf(detail), name);
    if (text === undefined) {
      return undefined;
    }
    const read = schema.safeParse(parseJson(text));
    if (!read.success) {
      // What is wrong with it would be told in its own words.
      throw new AppError('file-unreadable', `${name} is not what dragoman writes: bring it back from a copy`);
    }
    return read.data;
  }

  /** The folders of a call's recording: a part that went on at another node is in one of its own, by when it did. */
  async #recordingsOf({ startedAt, endedAt, call }: CallDetail): Promise<readonly string[]> {
    const { recordingsDirectory } = this.#settings;
    if (recordingsDirectory === undefined) {
      return [];
    }
    const own = callFolder(recordingsDirectory, new Date(startedAt), call);
    const found = [own];
    for (let dayMs = Date.parse(startedAt.slice(0, 10)); dayMs <= Date.parse(endedAt); dayMs += DAY_MS) {
      const directory = dirname(callFolder(recordingsDirectory, new Date(dayMs), call));
      const { names = [] } = await this.#deps.recorder.ask({ type: 'list', directory });
      found.push(...names.filter((name) => isFolderOf(name, call)).map((name) => `${directory}/${name}`));
    }
    return [...new Set(found)];
  }

  #folderOf({ startedAt, call }: Pick<CallDetail, 'startedAt' | 'call'>): string {
    return callFolder(this.#settings.directory, new Date(startedAt), call);
  }
}
