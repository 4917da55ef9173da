/**
 * The files of one call: which sound goes into which, what is told of them when they are finished, and what is left of
 * them when a party does not want to be kept.
 */

import { mkdir, readFile, rm } from 'node:fs/promises';
import {
  type CallIndex,
  type Channel,
  FOLDER_MODE,
  INDEX_NAME,
  type IndexedFile,
  notesName,
  STEREO_NAMES,
  trackName,
} from '../../src/protocol/recording/call-index.ts';
import type { Layout, SoundPiece, Track } from '../../src/protocol/recording/recorder-orders.ts';
import { SEALED_ENDING } from '../../src/protocol/recording/sealed-file.ts';
import { NotesFile } from './notes-file.ts';
import type { OpenDisk } from './part-file.ts';
import { codeOfSystem } from './removal.ts';
import { namesIn, replaceFile } from './small-files.ts';
import { type FilesOptions, SoundFile } from './sound-file.ts';

/** Who is left and right in stereo, and what the file of their voices is called. */
const STEREO_PARTIES = [1, 2] as const;
const STEREO_VOICES = new RegExp(`^${STEREO_NAMES.voice}(?:\\.without-([\\d-]+))?(?:\\.|$)`);

interface Named {
  readonly name: string;
  readonly channel: number;
  readonly channels: readonly Channel[];
}

export type CallFilesOptions = Omit<FilesOptions, 'folder'> & {
  /** Hears of pieces of notes that are lost. */
  readonly notesDropped: (pieces: number) => void;
};

export class CallFiles {
  readonly folder: string;
  readonly #layout: Layout;
  readonly #options: CallFilesOptions;
  /** What a recorder before this one has left of the call. */
  #before: CallIndex = { version: 1, files: [] };
  #notes: NotesFile | undefined;
  /** What the index on the disk says, and what was last tried to be written there. */
  #indexed = '';
  #tried = '';
  readonly #files = new Map<string, { readonly file: SoundFile; readonly channels: readonly Channel[] }>();
  /** Numbers of parties from 1 on, as in names. */
  readonly #forgotten = new Set<number>();
  #made: Promise<unknown> | undefined;

  constructor(folder: string, layout: Layout, options: CallFilesOptions) {
    this.folder = folder;
    this.#layout = layout;
    this.#options = options;
  }

  /** Goes on with what a recorder before this one has begun, if one has. */
  async goOn(): Promise<void> {
    const text = await readIndex(this.folder);
    this.#before = parsedIndex(text) ?? this.#before;
    this.#indexed = text;
  }

  add({ party, track, rateHz, frame, pcm }: SoundPiece): void {
    if (this.#forgotten.has(party + 1) || (this.#forgotten.size > 0 && track !== 'voice')) {
      return;
    }
    for (const { name, channel, channels } of this.#namesFor(party, track)) {
      const known = this.#files.get(name) ?? { file: this.#open(name, channels.length), channels };
      this.#files.set(name, known);
      known.file.add(channel, frame, rateHz, pcm);
    }
  }

  /** Adds whole lines to the call's notes. There are none of a call of which somebody does not want to be kept. */
  note(text: string): void {
    if (this.#forgotten.size === 0) {
      this.#notes ??= this.#openNotes();
      this.#notes.add(text);
    }
  }

  /** Gives the disk what is old enough; call it twice a second. */
  look(): void {
    for (const { file } of this.#files.values()) {
      file.look();
    }
    this.#notes?.look();
  }

  /** Nothing comes for a while, perhaps for long. */
  interrupt(): void {
    for (const { file } of this.#files.values()) {
      file.interrupt();
    }
  }

  /** Whether files have begun, or were removed, since it was last tried to write the index. */
  get indexIsOld(): boolean {
    return this.#indexText() !== this.#tried;
  }

  /** Writes the index, if it is another than the one on the disk. */
  async writeIndex(): Promise<void> {
    const text = this.#indexText();
    this.#tried = text;
    if (text !== this.#indexed) {
      await replaceFile(`${this.folder}/${INDEX_NAME}`, Buffer.from(text));
      this.#indexed = text;
    }
  }

  /**
   * Nothing of a party is kept: what holds its sound is to be removed, and the others are kept as they speak alone, from
   * now on. @returns what removes it.
   */
  forget(party: number): () => Promise<void> {
    this.#forgotten.add(party + 1);
    const forgotten = new Set(this.#forgotten);
    const holding = [...this.#files].filter(([name]) => !keeps(name, forgotten));
    for (const [name] of holding) {
      this.#files.delete(name);
    }
    const notes = this.#notes;
    this.#notes = undefined;
    return async () => {
      await Promise.all([...holding.map(([, { file }]) => file.finish()), notes?.finish()]);
      // A recorder before this one may have left more of them.
      const names = (await namesIn(this.folder)).filter((name) => !keeps(name, forgotten));
      await Promise.all(names.map((name) => rm(`${this.folder}/${name}`, { force: true })));
      await this.#indexAnew();
    };
  }

  /**
   * Finishes all; resolves with the names of the files of sound when they are on the disk. What a disk does not take is
   * told of, the rest is finished all the same.
   */
  async finish(): Promise<readonly string[]> {
    await Promise.all([...this.#files.values()].map(({ file }) => file.finish()));
    await this.#notes?.finish();
    await this.writeIndex().catch((error: unknown) => this.#options.failed(error, this.folder));
    return this.#index().files.flatMap(({ parts }) => parts.map(({ name }) => name));
  }

  /** What holds now, and nothing of what was removed. */
  async #indexAnew(): Promise<void> {
    if (this.#indexed !== '') {
      this.#indexed = '';
      await rm(`${this.folder}/${INDEX_NAME}`, { force: true });
      await this.writeIndex();
    }
  }

  /** Empty while there is nothing. */
  #indexText(): string {
    const index = this.#index();
    return index.files.length === 0 && index.notes === undefined
      ? ''
      : `${JSON.stringify(index, undefined, 2)}\n`;
  }

  #index(): CallIndex {
    const files = new Map<string, IndexedFile>();
    const own = [...this.#files.values()].map(({ file, channels }) => ({ channels, parts: file.parts }));
    for (const { channels, parts } of [...this.#keptBefore(), ...own]) {
      if (parts.length > 0) {
        const key = JSON.stringify(channels);
        files.set(key, { channels, parts: [...(files.get(key)?.parts ?? []), ...parts] });
      }
    }
    const name = this.#notes?.name;
    const before = this.#forgotten.size === 0 ? (this.#before.notes ?? []) : [];
    const notes = [...before, ...(name === undefined ? [] : [name])];
    return { version: 1, files: [...files.values()], ...(notes.length === 0 ? {} : { notes }) };
  }

  /** What a recorder before this one has left, but for what is removed: that may be ordered before it is known. */
  #keptBefore(): readonly IndexedFile[] {
    const { files } = this.#before;
    return this.#forgotten.size === 0
      ? files
      : files.map(({ channels, parts }) => ({
          channels,
          parts: parts.filter(({ name }) => keeps(name, this.#forgotten)),
        }));
  }

  #openNotes(): NotesFile {
    const { key, told, failed, notesDropped } = this.#options;
    const ending = key === undefined ? '' : SEALED_ENDING;
    return new NotesFile({
      ...{ key, failed, openDisk: this.#openDisk },
      pathOf: (attempt) => `${this.folder}/${notesName(attempt + 1)}${ending}`,
      told: (bytes, pieces) => {
        told(bytes, 0);
        notesDropped(pieces);
      },
    });
  }

  /** The folder of a call is made with the first of its files, and again where somebody has removed it. */
  readonly #openDisk: OpenDisk = async (path) => {
    await this.#makeFolder();
    try {
      return await this.#options.openDisk(path);
    } catch (error) {
      if (codeOfSystem(error) !== 'ENOENT') {
        throw error;
      }
      this.#made = undefined;
      await this.#makeFolder();
      return this.#options.openDisk(path);
    }
  };

  async #makeFolder(): Promise<void> {
    this.#made ??= mkdir(this.folder, { recursive: true, mode: FOLDER_MODE });
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  #open(name: string, channels: number): SoundFile {
    const { notesDropped: _, ...options } = this.#options;
    return new SoundFile({ ...options, folder: this.folder, openDisk: this.#openDisk }, name, channels);
  }

  #namesFor(party: number, track: Track): readonly Named[] {
    const stereo = {
      name: STEREO_NAMES[track] + withoutName(this.#forgotten),
      channel: party,
      channels: STEREO_PARTIES.map((each) => ({ party: each, track })),
    };
    const alone = {
      // A voice alone goes on in its own file, whoever is forgotten.
      name: trackName({ party: party + 1, track }),
      channel: 0,
      channels: [{ party: party + 1, track }],
    };
    // Stereo has two sides.
    const inStereo = this.#layout !== 'tracks' && party < 2;
    return [...(inStereo ? [stereo] : []), ...(this.#layout !== 'stereo' || party >= 2 ? [alone] : [])];
  }
}

/** The names of the files of sound that a recorder has begun in a folder, as its index has them. */
export async function soundIn(folder: string): Promise<readonly string[]> {
  const index = parsedIndex(await readIndex(folder));
  return index?.files.flatMap(({ parts }) => parts.map(({ name }) => name)) ?? [];
}

/** What names of two parties' voices have at their end that hold nothing of one of them, whoever writes them. */
function withoutName(forgotten: ReadonlySet<number>): string {
  const missing = STEREO_PARTIES.filter((party) => forgotten.has(party));
  return missing.length === 0 ? '' : `.without-${missing.join('-')}`;
}

/**
 * Whether a file of the folder stays when parties are forgotten: what holds voices of others and nothing else. What the
 * operator's command has made of a file goes, or stays, with it.
 */
function keeps(name: string, forgotten: ReadonlySet<number>): boolean {
  return name === INDEX_NAME || voicesIn(name)?.every((party) => !forgotten.has(party)) === true;
}

/** The parties whose voices are in a file, by its name; undefined where that is not known, or it holds more. */
function voicesIn(name: string): readonly number[] | undefined {
  const alone = /^party-(\d+)\.voice(?:\.|$)/.exec(name)?.[1];
  if (alone !== undefined) {
    return [Number(alone)];
  }
  const [both, without = ''] = STEREO_VOICES.exec(name) ?? [];
  const missing = without.split('-').map(Number);
  return both === undefined ? undefined : STEREO_PARTIES.filter((party) => !missing.includes(party));
}

/** Empty where there is none. */
async function readIndex(folder: string): Promise<string> {
  try {
    return await readFile(`${folder}/${INDEX_NAME}`, 'utf8');
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

/** Undefined for none, or one that a crash has cut. */
function parsedIndex(text: string): CallIndex | undefined {
  try {
    return JSON.parse(text) as CallIndex;
  } catch {
    return undefined;
  }
}
