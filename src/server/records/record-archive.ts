/**
 * The records of calls in files: a line of JSON for each call, a file for each day, in the recorder's hands. What is taken
 * out becomes blanks in its place, so that nobody who reads on from where he was reads anything twice or not at all.
 */

import { CALL_DETAIL, type CallDetail, DETAIL_VERSION } from '../../call/detail/call-detail.ts';
import { READ_BYTES, type RecorderProcess } from '../recording/recorder-process.ts';

/** What the archive asks of the recorder. */
export type RecordFiles = Pick<RecorderProcess, 'appendLine' | 'ask' | 'read'>;

/** Which records are meant; what is left out does not matter. */
export interface RecordFilter {
  /** Days in UTC, `2026-11-29`, both included. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** A record, and where it stands: {@link RecordArchive.latest} goes on from there. */
export interface PlacedRecord {
  readonly detail: CallDetail;
  /** Its day, and the byte of its file that it begins at: `2026-11-29.1234`. */
  readonly place: string;
}

/** What {@link PlacedRecord.place} looks like. */
export const RECORD_PLACE = /^(\d{4}-\d{2}-\d{2})\.(\d{1,15})$/;

/** A line of a file, and where the next one begins, in bytes. */
export interface ArchivedLine {
  readonly text: string;
  readonly nextAt: number;
}

const FILE_NAME = /^calls-(\d{4}-\d{2}-\d{2})\.jsonl$/;
const NEWLINE = 0x0a;

export class RecordArchive {
  readonly directory: string;
  readonly #files: RecordFiles;

  /** @param directory an absolute path. */
  constructor(files: RecordFiles, directory: string) {
    this.#files = files;
    this.directory = directory;
  }

  /** Resolves when it is on the disk. @throws AppError `file-unwritable`. */
  add(detail: CallDetail): Promise<void> {
    return this.#files.appendLine(this.pathOf(dayOf(detail)), JSON.stringify(detail));
  }

  /** The days that there are records of, the oldest first. */
  async days({ from = '', until = '9' }: RecordFilter = {}): Promise<readonly string[]> {
    const { names = [] } = await this.#files.ask({ type: 'list', directory: this.directory });
    return names
      .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
      .filter((day) => day >= from && day <= until)
      .sort();
  }

  /**
   * Records, the latest first: by day, and within it by their ends.
   * @param after a place: what stands before it, and nothing that comes later, whatever is removed meanwhile. Default all.
   */
  async *latest(filter: RecordFilter = {}, after = ''): AsyncGenerator<PlacedRecord> {
    const [, lastDay, before] = RECORD_PLACE.exec(after) ?? [];
    for (const day of (await this.days(filter)).toReversed()) {
      if (lastDay === undefined || day <= lastDay) {
        const end = day === lastDay ? Number(before) : Number.POSITIVE_INFINITY;
        for await (const { text, at } of this.#linesBackwards(day, end)) {
          const detail = detailIn(text);
          if (detail !== undefined) {
            yield { detail, place: `${day}.${at}` };
          }
        }
      }
    }
  }

  /** @param call what it is called where it is shown. */
  async find(call: string): Promise<CallDetail | undefined> {
    for (const day of (await this.days()).toReversed()) {
      const { content } = await this.#files.ask({ type: 'find', path: this.pathOf(day), text: nameIn(call) });
      if (content !== undefined) {
        return detailIn(Buffer.from(content, 'base64').toString());
      }
    }
    return undefined;
  }

  /**
   * Takes a call's record out, or those of its parts: one that went on at another node ended more than once, perhaps on
   * other days. @param detail the latest of them, as {@link find} has it. @returns how many lines that were.
   */
  async remove({
    call,
    startedAt,
    endedAt,
  }: Pick<CallDetail, 'call' | 'startedAt' | 'endedAt'>): Promise<number> {
    let removed = 0;
    for (const day of await this.days({ from: startedAt.slice(0, 10), until: endedAt.slice(0, 10) })) {
      const { count } = await this.#files.ask({ type: 'blank', path: this.pathOf(day), text: nameIn(call) });
      removed += count;
    }
    return removed;
  }

  /** Removes the files of days before `day`. @returns how many days and bytes those were. */
  async removeBefore(day: string): Promise<{ readonly days: number; readonly bytes: number }> {
    let bytes = 0;
    const days = (await this.days()).filter((each) => each < day);
    for (const each of days) {
      bytes += (await this.#files.ask({ type: 'erase', path: this.pathOf(each) })).bytes;
    }
    return { days: days.length, bytes };
  }

  /** How long the file of a day is; 0: there is none. */
  async bytesOf(day: string): Promise<number> {
    const { bytes } = await this.#files.ask({ type: 'read', path: this.pathOf(day), from: 0, mostBytes: 1 });
    return bytes;
  }

  /** Whole lines of a day from the byte `from` on; one that is still being written comes the next time. */
  async *lines(day: string, from: number): AsyncGenerator<ArchivedLine> {
    const path = this.pathOf(day);
    let rest = Buffer.alloc(0);
    let at = from;
    for (let place = from; ; ) {
      const part = await this.#files.read(path, place, READ_BYTES);
      if (part.length === 0) {
        return;
      }
      place += part.length;
      rest = Buffer.concat([rest, part]);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        at += end + 1;
        yield { text: rest.toString('utf8', 0, end).trim(), nextAt: at };
        rest = rest.subarray(end + 1);
      }
    }
  }

  /** The last line before the byte `before` first, a piece of the file at a time: a day may have a million. */
  async *#linesBackwards(
    day: string,
    before: number,
  ): AsyncGenerator<{ readonly text: string; readonly at: number }> {
    const path = this.pathOf(day);
    let rest = Buffer.alloc(0);
    for (let end = Math.min(before, await this.bytesOf(day)); end > 0; ) {
      const from = Math.max(0, end - READ_BYTES);
      const { content = '' } = await this.#files.ask({ type: 'read', path, from, mostBytes: end - from });
      rest = Buffer.concat([Buffer.from(content, 'base64'), rest]);
      end = from;
      for (let cut = rest.lastIndexOf(NEWLINE); cut >= 0; cut = rest.lastIndexOf(NEWLINE)) {
        yield { text: rest.toString('utf8', cut + 1).trim(), at: from + cut + 1 };
        rest = rest.subarray(0, cut);
      }
    }
    yield { text: rest.toString('utf8').trim(), at: 0 };
  }

  pathOf(day: string): string {
    return `${this.directory}/calls-${day}.jsonl`;
  }
}

/** How the line of a call begins: nothing that is within another line, such as its metadata, reads so. */
function nameIn(call: string): string {
  return `{"version":${DETAIL_VERSION},"call":${JSON.stringify(call)},`;
}

/** The record in a line; undefined where it is none, or of a version that is not known here. */
export function detailIn(line: string): CallDetail | undefined {
  try {
    return CALL_DETAIL.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** The day in UTC on which a call ended. */
function dayOf({ endedAt }: Pick<CallDetail, 'endedAt'>): string {
  return endedAt.slice(0, 10);
}
