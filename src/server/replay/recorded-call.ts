/**
 * A call as its folder has it: its notes, and the voice of each party frame by frame, out of whichever files it is in,
 * sealed ones included.
 */

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AppError, codeOf } from '../../base/errors.ts';
import { FRAME_MS, frameSamples } from '../../base/units.ts';
import { CALL_NOTE, type CallNote } from '../../call/recording/call-notes.ts';
import { parseJson } from '../../engines/wire/json.ts';
import {
  type CallIndex,
  INDEX_NAME,
  isNotes,
  type WrittenPart,
} from '../../protocol/recording/call-index.ts';
import { TRACKS, type Track } from '../../protocol/recording/recorder-orders.ts';
import { SEALED_ENDING, unseal } from '../../protocol/recording/sealed-file.ts';
import { mendedWavHeader, parseWav } from '../../protocol/wav.ts';

/** A file of the folder itself: what leads out of it, no recorder has written. */
const NAME = z.string().refine((name) => name !== '' && basename(name) === name);

/** A folder is called by the moment at which its call began: `20261128T151000Z-5f0c`. */
const FOLDER_NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(.+)$/;

/** An index that was found somewhere, and is not believed before it is looked at. */
const INDEX = z.object({
  version: z.literal(1),
  files: z.array(
    z.object({
      channels: z.array(z.object({ party: z.int().min(1), track: z.enum(TRACKS) })),
      parts: z.array(z.object({ name: NAME, fromMs: z.number(), rateHz: z.number() })),
    }),
  ),
  notes: z.array(NAME).exactOptional(),
});

/** A file of which one channel was read. */
interface ReadPart {
  readonly rateHz: number;
  readonly fromMs: number;
  readonly pcm: Int16Array;
}

/** One track of one party. */
export class RecordedTrack {
  readonly #parts: readonly ReadPart[];

  constructor(parts: readonly ReadPart[]) {
    this.#parts = parts;
  }

  /** The highest rate of its files in Hz; 0 where there are none. */
  get rateHz(): number {
    return Math.max(0, ...this.#parts.map(({ rateHz }) => rateHz));
  }

  /** When its last file ends, in ms of the call's clock. */
  get endMs(): number {
    return Math.max(
      0,
      ...this.#parts.map(({ fromMs, rateHz, pcm }) => fromMs + (pcm.length * 1_000) / rateHz),
    );
  }

  /** The 20 ms `frame` of the call's clock, at the rate of its file; undefined where no file has it. Good for reading. */
  frame(frame: number): { readonly rateHz: number; readonly pcm: Int16Array } | undefined {
    let found: { readonly rateHz: number; readonly pcm: Int16Array } | undefined;
    for (const { rateHz, fromMs, pcm } of this.#parts) {
      const samples = frameSamples(rateHz);
      const at = (frame - Math.round(fromMs / FRAME_MS)) * samples;
      if (at >= 0 && at + samples <= pcm.length) {
        const part = pcm.subarray(at, at + samples);
        // What another recorder went on with begins with the silence of what is in the file before it.
        if (found === undefined || part.some((sample) => sample !== 0)) {
          found = { rateHz, pcm: part };
        }
      }
    }
    return found;
  }

  /** All of it, at its highest rate as far as its files have that; silence elsewhere. Good for reading. */
  whole(): { readonly rateHz: number; readonly pcm: Int16Array } {
    const { rateHz } = this;
    const [only, ...more] = this.#parts;
    if (only !== undefined && more.length === 0 && only.fromMs === 0) {
      return { rateHz, pcm: only.pcm };
    }
    const pcm = new Int16Array(Math.ceil((this.endMs * rateHz) / 1_000));
    for (const part of this.#parts) {
      const from = Math.round((part.fromMs * rateHz) / 1_000);
      for (let i = 0; i < part.pcm.length; i += 1) {
        const sample = part.pcm[i] ?? 0;
        // Between two samples of a lower rate there is the first of them, which a picture does not tell apart.
        for (
          let at = Math.floor((i * rateHz) / part.rateHz);
          sample !== 0 && at < ((i + 1) * rateHz) / part.rateHz;
          at += 1
        ) {
          pcm[from + at] = sample;
        }
      }
    }
    return { rateHz, pcm };
  }
}

export class RecordedCall {
  readonly folder: string;
  /** In the order of their numbers; empty where none were kept. */
  readonly notes: readonly CallNote[];
  /** How many notes are missing from among them. */
  readonly notesMissing: number;
  readonly #index: CallIndex;
  readonly #key: Uint8Array | undefined;

  private constructor(
    folder: string,
    index: CallIndex,
    notes: readonly CallNote[],
    key: Uint8Array | undefined,
  ) {
    this.folder = folder;
    this.#index = index;
    this.notes = notes;
    this.#key = key;
    this.notesMissing = (notes.at(-1)?.n ?? -1) + 1 - notes.length;
  }

  /**
   * Reads what is in the folder but the sound.
   * @param key of what is sealed; undefined: nothing is.
   * @throws AppError `file-unreadable` saying what is wrong with it.
   */
  static async open(folder: string, key: Uint8Array | undefined): Promise<RecordedCall> {
    const index = parsedIndex(await readBytes(join(folder, INDEX_NAME), key), folder);
    const names = index.notes ?? (await notesIn(folder));
    const notes: CallNote[] = [];
    for (const name of names) {
      const text = (await readBytes(join(folder, name), key)).toString();
      for (const line of text.split('\n')) {
        const note = parsedNote(line, join(folder, name));
        if (note !== undefined) {
          notes.push(note);
        }
      }
    }
    return new RecordedCall(
      folder,
      index,
      notes.sort((one, other) => one.n - other.n),
      key,
    );
  }

  /** The first of the notes. @throws AppError `file-unreadable` where there is none. */
  get beginning(): Extract<CallNote, { readonly type: 'call' }> {
    const [first] = this.notes;
    if (first?.type !== 'call') {
      throw new AppError(
        'file-unreadable',
        `${this.folder} has no engines.jsonl, or not its beginning: a call can be played again when it was recorded with ` +
          '--record-engines',
      );
    }
    return first;
  }

  /** The same sound with other notes. */
  withNotes(notes: readonly CallNote[]): RecordedCall {
    return new RecordedCall(this.folder, this.#index, notes, this.#key);
  }

  /** What its folder's name says, which may be another than it had. */
  get named(): { readonly id: string; readonly startedAt: string | undefined } {
    const name = basename(this.folder);
    const [, year, month, day, hour, minute, second, id = name] = FOLDER_NAME.exec(name) ?? [];
    const startedAt = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
    return { id, startedAt: year === undefined ? undefined : startedAt };
  }

  /** The numbers of the parties of which there is a track, from 0 on. */
  parties(track: Track): readonly number[] {
    const channels = this.#index.files.flatMap((file) => file.channels);
    const numbers = channels.filter((channel) => channel.track === track).map(({ party }) => party - 1);
    return [...new Set(numbers)].sort((one, other) => one - other);
  }

  /** @throws AppError `file-unreadable`, `wav-unreadable` for a file of it that is not as it should be. */
  async track(party: number, track: Track): Promise<RecordedTrack> {
    for (const { channels, parts } of this.#index.files) {
      const channel = channels.findIndex((each) => each.party === party + 1 && each.track === track);
      if (channel >= 0) {
        return new RecordedTrack(await Promise.all(parts.map((part) => this.#read(part, channel))));
      }
    }
    return new RecordedTrack([]);
  }

  /** A small text of the folder; undefined where there is none. */
  async text(name: string): Promise<string | undefined> {
    for (const named of [name, name + SEALED_ENDING]) {
      try {
        return (await readBytes(join(this.folder, named), this.#key)).toString();
      } catch (error) {
        if (!(error instanceof AppError && codeOf(error.cause) === 'ENOENT')) {
          throw error;
        }
      }
    }
    return undefined;
  }

  async #read({ name, fromMs }: WrittenPart, channel: number): Promise<ReadPart> {
    const bytes = await readBytes(join(this.folder, name), this.#key);
    // The lengths of a sealed file, and of one that nobody finished, are those of its beginning.
    mendedWavHeader(bytes, bytes.length)?.copy(bytes);
    return { fromMs, ...parseWav(bytes, channel) };
  }
}

async function notesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter(isNotes).sort();
}

/**
 * A file in the clear. @param key of what is sealed. @param hint what to do where it cannot be read.
 * @throws AppError `file-unreadable`.
 */
export async function readBytes(path: string, key: Uint8Array | undefined, hint = hintFor): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `${path} cannot be read (${codeOf(error)})${hint(path, error)}`,
      error,
    );
  }
  if (!path.endsWith(SEALED_ENDING)) {
    return bytes;
  }
  if (key === undefined) {
    throw new AppError(
      'file-unreadable',
      `${path} is encrypted: name the key with --record-key-file, as for serve`,
    );
  }
  const { plain, end } = unseal(bytes, key);
  if (end === 'wrong-key' || end === 'not-sealed') {
    throw new AppError(
      'file-unreadable',
      `${path} does not open with this key: name the one that serve had when it was recorded`,
    );
  }
  return plain;
}

function hintFor(path: string, error: unknown): string {
  if (codeOf(error) === 'EACCES') {
    return ': run it as the user that dragoman runs as, or as root';
  }
  if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') {
    return '';
  }
  return path.endsWith(INDEX_NAME)
    ? ': name the folder of one call, such as /var/lib/dragoman/recordings/2026/11/28/20261128T151000Z-5f0c'
    : ': where --recording-command has made another file of it, make it a WAV of that name again';
}

/** @throws AppError `file-unreadable`. */
function parsedIndex(bytes: Buffer, folder: string): CallIndex {
  const index = INDEX.safeParse(parseJson(bytes));
  if (!index.success) {
    throw new AppError(
      'file-unreadable',
      `${join(folder, INDEX_NAME)} is not what this version of dragoman writes: use the version that recorded the call, or ` +
        'take the folder from where it was copied anew',
    );
  }
  return index.data;
}

/** Undefined for a line that a crash has cut. @throws AppError `file-unreadable` for one of another version. */
function parsedNote(line: string, path: string): CallNote | undefined {
  const value = parseJson(line);
  if (value === undefined) {
    return undefined;
  }
  const note = CALL_NOTE.safeParse(value);
  if (!note.success) {
    throw new AppError(
      'file-unreadable',
      `${path} holds a note that this version does not know: replay it with the version that recorded it`,
    );
  }
  return note.data;
}
