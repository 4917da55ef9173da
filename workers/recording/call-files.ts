/**
 * The files of one call: which sound goes into which, what is told of them when they are finished, and what is left of
 * them when a party does not want to be kept.
 */

import { mkdir, rm } from 'node:fs/promises';
import type { Layout, SoundPiece, Track } from '../../src/protocol/recording/recorder-orders.ts';
import { FOLDER_MODE, namesIn, replaceFile } from './small-files.ts';
import { type FilesOptions, SoundFile, type WrittenPart } from './sound-file.ts';

/** What tells where the sound of a call is; it names nobody. */
export const INDEX_NAME = 'recording.json';

/** The file of a track in which two parties are left and right. */
const STEREO_NAMES: Readonly<Record<Track, string>> = { voice: 'stereo', told: 'told', heard: 'heard' };

/** What is in the channels of a file: the party's number from 1 on, and the track. */
interface Channel {
  readonly party: number;
  readonly track: Track;
}

interface IndexedFile {
  readonly channels: readonly Channel[];
  readonly parts: readonly WrittenPart[];
}

export interface CallIndex {
  readonly version: 1;
  readonly files: readonly IndexedFile[];
}

interface Named {
  readonly name: string;
  readonly channel: number;
  readonly channels: readonly Channel[];
}

export class CallFiles {
  readonly folder: string;
  readonly #layout: Layout;
  readonly #options: Omit<FilesOptions, 'folder'>;
  readonly #files = new Map<string, { readonly file: SoundFile; readonly channels: readonly Channel[] }>();
  readonly #forgotten = new Set<number>();
  /** Names that files had which are removed: they are not used again. */
  #removed = 0;
  #made: Promise<unknown> | undefined;

  constructor(folder: string, layout: Layout, options: Omit<FilesOptions, 'folder'>) {
    this.folder = folder;
    this.#layout = layout;
    this.#options = options;
  }

  add({ party, track, rateHz, frame, pcm }: SoundPiece): void {
    if (this.#forgotten.has(party) || (this.#forgotten.size > 0 && track !== 'voice')) {
      return;
    }
    for (const { name, channel, channels } of this.#namesFor(party, track)) {
      const known = this.#files.get(name) ?? { file: this.#open(name, channels.length), channels };
      this.#files.set(name, known);
      known.file.add(channel, frame, rateHz, pcm);
    }
  }

  /** Gives the disk what is old enough; call it twice a second. */
  look(): void {
    for (const { file } of this.#files.values()) {
      file.look();
    }
  }

  /**
   * Nothing of a party is kept: what holds its sound is to be removed, and the others are kept as they speak alone, from
   * now on. @returns what removes it.
   */
  forget(party: number): () => Promise<void> {
    this.#forgotten.add(party);
    const holding = [...this.#files].filter(([, { channels }]) =>
      channels.some((channel) => channel.party === party + 1 || channel.track !== 'voice'),
    );
    this.#removed += 1;
    for (const [name] of holding) {
      this.#files.delete(name);
    }
    const again = this.#again;
    return async () => {
      await Promise.all(holding.map(([, { file }]) => file.finish()));
      // A recorder before this one may have left more of them.
      const names = await namesIn(this.folder);
      const kept = (name: string): boolean =>
        name.includes(`${again}.`) || this.#isVoiceOfOther(name) || !name.includes('.wav');
      await Promise.all(
        names.filter((name) => !kept(name)).map((name) => rm(`${this.folder}/${name}`, { force: true })),
      );
    };
  }

  /** Finishes all; resolves with the names of the files when they are on the disk. */
  async finish(): Promise<readonly string[]> {
    await Promise.all([...this.#files.values()].map(({ file }) => file.finish()));
    const files = [...this.#files.values()]
      .map(({ file, channels }) => ({ channels, parts: file.parts }))
      .filter(({ parts }) => parts.length > 0);
    if (files.length === 0) {
      return [];
    }
    const index: CallIndex = { version: 1, files };
    await replaceFile(
      `${this.folder}/${INDEX_NAME}`,
      Buffer.from(`${JSON.stringify(index, undefined, 2)}\n`),
    );
    return files.flatMap(({ parts }) => parts.map(({ name }) => name));
  }

  #open(name: string, channels: number): SoundFile {
    const { openDisk } = this.#options;
    const folder = this.folder;
    return new SoundFile(
      {
        ...this.#options,
        folder,
        openDisk: async (path) => {
          this.#made ??= mkdir(folder, { recursive: true, mode: FOLDER_MODE });
          try {
            await this.#made;
          } catch (error) {
            this.#made = undefined;
            throw error;
          }
          return openDisk(path);
        },
      },
      name,
      channels,
    );
  }

  /** What names have at their end that are used after something was removed. */
  get #again(): string {
    return this.#removed === 0 ? '' : `.without-${this.#removed}`;
  }

  /** Whether a file holds nothing but the voice of a party that is kept. */
  #isVoiceOfOther(name: string): boolean {
    const party = /^party-(\d+)\.voice\./.exec(name)?.[1];
    return party !== undefined && !this.#forgotten.has(Number(party) - 1);
  }

  #namesFor(party: number, track: Track): readonly Named[] {
    const stereo = {
      name: STEREO_NAMES[track] + this.#again,
      channel: party,
      channels: [
        { party: 1, track },
        { party: 2, track },
      ],
    };
    const alone = {
      // A voice alone goes on in its own file, whoever is forgotten.
      name: `party-${party + 1}.${track}`,
      channel: 0,
      channels: [{ party: party + 1, track }],
    };
    // Stereo has two sides.
    const inStereo = this.#layout !== 'tracks' && party < 2;
    return [...(inStereo ? [stereo] : []), ...(this.#layout !== 'stereo' || party >= 2 ? [alone] : [])];
  }
}
