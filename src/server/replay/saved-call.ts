/**
 * What comes of a call that is played again, kept as the recorder keeps a call: its tracks, two parties also left and
 * right, its notes, the index. It can be played again itself, and listened to. All of it is in memory until it is
 * written, about 115 MB for an hour of each track at 16 kHz.
 */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, codeOf } from '../../base/errors.ts';
import { FRAME_MS, frameSamples } from '../../base/units.ts';
import {
  type Channel,
  FILE_MODE,
  FOLDER_MODE,
  INDEX_NAME,
  type IndexedFile,
  notesName,
  STEREO_NAMES,
  trackName,
} from '../../protocol/recording/call-index.ts';
import { type SoundPiece, TRACKS, type Track } from '../../protocol/recording/recorder-orders.ts';
import { SEALED_ENDING, Sealer } from '../../protocol/recording/sealed-file.ts';
import { wavHeader } from '../../protocol/wav.ts';

/** One file of one channel. */
interface Part {
  readonly rateHz: number;
  readonly fromFrame: number;
  /** With room to grow. */
  pcm: Int16Array;
  samples: number;
}

interface SavedTrack {
  readonly channel: Channel;
  readonly parts: Part[];
}

export class SavedCall {
  readonly #folder: string;
  readonly #key: Uint8Array | undefined;
  readonly #tracks = new Map<string, SavedTrack>();
  #notes = '';

  private constructor(folder: string, key: Uint8Array | undefined) {
    this.#folder = folder;
    this.#key = key;
  }

  /**
   * Makes the folder, before any work is done that could not be kept.
   * @param key with which it is sealed; undefined: it is not. @throws AppError `file-unwritable`.
   */
  static async prepare(folder: string, key: Uint8Array | undefined): Promise<SavedCall> {
    let names: readonly string[];
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      names = await readdir(folder);
    } catch (error) {
      throw new AppError(
        'file-unwritable',
        `nothing can be kept in ${folder} (${codeOf(error)}): name a folder that you may write to`,
        error,
      );
    }
    if (names.length > 0) {
      throw new AppError(
        'file-unwritable',
        `${folder} holds files already: name a folder that is not there yet, so that no two calls are mixed`,
      );
    }
    return new SavedCall(folder, key);
  }

  /** Copies the samples. */
  add(pieces: readonly SoundPiece[]): void {
    for (const { party, track, rateHz, frame, pcm } of pieces) {
      const key = `${party} ${track}`;
      const saved = this.#tracks.get(key) ?? { channel: { party: party + 1, track }, parts: [] };
      this.#tracks.set(key, saved);
      putInto(partFor(saved.parts, rateHz, frame), frame, pcm);
    }
  }

  /** Adds whole lines. */
  note(text: string): void {
    this.#notes += text;
  }

  /** @throws AppError `file-unwritable`. */
  async write(): Promise<void> {
    const files: IndexedFile[] = [];
    try {
      for (const track of TRACKS) {
        const stereo = await this.#writeStereo(track);
        files.push(...(stereo === undefined ? [] : [stereo]));
      }
      for (const { channel, parts } of this.#tracks.values()) {
        files.push({ channels: [channel], parts: await this.#writeParts(channel, parts) });
      }
      const notes = this.#notes === '' ? [] : [await this.#put(notesName(1), Buffer.from(this.#notes))];
      const index = { version: 1, files, ...(notes.length === 0 ? {} : { notes }) };
      const text = `${JSON.stringify(index, undefined, 2)}\n`;
      await writeFile(join(this.#folder, INDEX_NAME), text, { mode: FILE_MODE });
    } catch (error) {
      throw new AppError('file-unwritable', `${this.#folder} cannot be written (${codeOf(error)})`, error);
    }
  }

  /** The first two parties left and right, where both are of one rate from beginning to end. */
  async #writeStereo(track: Track): Promise<IndexedFile | undefined> {
    const [left, right] = [0, 1].map((party) => this.#tracks.get(`${party} ${track}`)?.parts ?? []);
    const parts = [...(left ?? []), ...(right ?? [])];
    const [{ rateHz } = { rateHz: 0 }] = parts;
    const fits = (left?.length ?? 0) < 2 && (right?.length ?? 0) < 2;
    if (rateHz === 0 || !fits || parts.some((part) => part.rateHz !== rateHz)) {
      return undefined;
    }
    const pcm = new Int16Array(Math.max(...parts.map(({ samples }) => samples)) * 2);
    for (const [side, [part]] of [left ?? [], right ?? []].entries()) {
      for (let i = 0; part !== undefined && i < part.samples; i += 1) {
        pcm[i * 2 + side] = part.pcm[i] ?? 0;
      }
    }
    const name = await this.#putWav(STEREO_NAMES[track], rateHz, pcm, 2);
    const channels = [1, 2].map((party) => ({ party, track }));
    return { channels, parts: [{ name, fromMs: 0, rateHz }] };
  }

  async #writeParts(channel: Channel, parts: readonly Part[]): Promise<IndexedFile['parts']> {
    const written: IndexedFile['parts'][number][] = [];
    for (const [index, { rateHz, fromFrame, pcm, samples }] of parts.entries()) {
      const base = `${trackName(channel)}${index === 0 ? '' : `.${index + 1}`}`;
      const name = await this.#putWav(base, rateHz, pcm.subarray(0, samples), 1);
      written.push({ name, fromMs: fromFrame * FRAME_MS, rateHz });
    }
    return written;
  }

  #putWav(base: string, rateHz: number, pcm: Int16Array, channels: number): Promise<string> {
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    return this.#put(`${base}.wav`, Buffer.concat([wavHeader(rateHz, bytes.length, channels), bytes]));
  }

  /** @returns its name. */
  async #put(name: string, plain: Buffer): Promise<string> {
    const sealer = this.#key === undefined ? undefined : new Sealer(this.#key);
    const named = sealer === undefined ? name : name + SEALED_ENDING;
    const bytes = sealer === undefined ? plain : Buffer.concat([sealer.start, sealer.seal(plain, true)]);
    await writeFile(join(this.#folder, named), bytes, { mode: FILE_MODE });
    return named;
  }
}

/** Sound of another rate begins another part. The first begins with the call, so that all files of a call line up. */
function partFor(parts: Part[], rateHz: number, frame: number): Part {
  const last = parts.at(-1);
  if (last?.rateHz === rateHz) {
    return last;
  }
  const fromFrame = last === undefined ? 0 : frame;
  const part = { rateHz, fromFrame, pcm: new Int16Array(0), samples: 0 };
  parts.push(part);
  return part;
}

function putInto(part: Part, frame: number, pcm: Int16Array): void {
  const at = (frame - part.fromFrame) * frameSamples(part.rateHz);
  const end = at + pcm.length;
  // What belongs before a part of another rate began comes too late for it.
  if (at < 0) {
    return;
  }
  if (end > part.pcm.length) {
    const longer = new Int16Array(Math.max(end, part.pcm.length * 2));
    longer.set(part.pcm.subarray(0, part.samples));
    part.pcm = longer;
  }
  part.pcm.set(pcm, at);
  part.samples = Math.max(part.samples, end);
}
