/**
 * One file of sound on the disk, as WAV or sealed: stretches go to it one write at a time. While the disk is slow or
 * full the oldest of what waits is dropped, which leaves silence, and counted. The lengths that a reader goes by are
 * written anew each second, so that a file that nobody finished lacks a second at most.
 */

import { type FileHandle, open, rm } from 'node:fs/promises';
import { BoundedQueue } from '../../src/base/bounded-queue.ts';
import { FRAME_MS, frameBytes } from '../../src/base/units.ts';
import { FILE_MODE } from '../../src/protocol/recording/call-index.ts';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../../src/protocol/wav.ts';
import type { Stretch } from './sound-window.ts';

/** Sound that waits for the disk, at most, in ms. */
const WAITING_LIMIT_MS = 5_000;
/** The lengths are written anew after so many frames: a second. */
const LENGTHS_FRAMES = 50;
/** Silence of a sealed file is written in pieces of at most this many frames. */
const SILENT_FRAMES = 500;

/** What a file on a disk does, for tests that have a disk that stands still. */
export type Disk = Pick<FileHandle, 'write' | 'datasync' | 'stat' | 'close'>;
export type OpenDisk = (path: string) => Promise<Disk>;

export const newFile: OpenDisk = (path) => open(path, 'wx', FILE_MODE);

export interface PartFileOptions {
  /** Where it is to be, should that be there already the first of these that is not. */
  readonly pathOf: (attempt: number) => string;
  readonly rateHz: number;
  readonly channels: number;
  /** Which 20 ms of the call's clock it begins with. */
  readonly fromFrame: number;
  /** Undefined: it is written as it is. */
  readonly key: Uint8Array | undefined;
  readonly openDisk: OpenDisk;
  /** Hears how many bytes were written, and frames dropped, each time. */
  readonly told: (bytes: number, framesDropped: number) => void;
  /** Hears what the disk refused; the file goes on. */
  readonly failed: (error: unknown, path: string) => void;
}

export class PartFile {
  readonly options: PartFileOptions;
  readonly #bytesPerFrame: number;
  readonly #waiting = new BoundedQueue<Stretch>(WAITING_LIMIT_MS, ({ frames }) => frames * FRAME_MS);
  readonly #sealer: Sealer | undefined;
  #disk: Disk | undefined;
  /** Frames on the disk, silence included. */
  #written = 0;
  #lengthsAt = 0;
  #working: Promise<void> | undefined;
  #finished: Promise<void> | undefined;
  #headed = false;
  /** Bytes of a sealed file. */
  #sealedBytes = 0;
  #broken = false;
  #gone = false;
  #path: string;

  constructor(options: PartFileOptions) {
    this.options = options;
    this.#path = options.pathOf(0);
    this.#bytesPerFrame = frameBytes(options.rateHz) * options.channels;
    this.#sealer = options.key === undefined ? undefined : new Sealer(options.key);
  }

  /** Whether nothing can be added any more: a sealed file of which the disk has taken half a piece. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Whether somebody has removed it while it was written: what it is given then is nowhere. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Where it is, once it is. */
  get path(): string {
    return this.#path;
  }

  /** Whether nothing of it is on the disk. */
  get empty(): boolean {
    return !this.#headed;
  }

  /** How long it would be with all up to `frame`, in bytes. */
  bytesUntil(frame: number): number {
    return WAV_HEADER_BYTES + (frame - this.options.fromFrame) * this.#bytesPerFrame;
  }

  /** Writes when the disk is ready for it. */
  write(stretch: Stretch): void {
    const lost = this.#waiting.push(stretch);
    this.options.told(0, framesIn(lost));
    this.#working ??= this.#work();
  }

  /** Writes what waits and closes it; what a disk does not take any more is dropped. Idempotent. */
  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  async #finish(): Promise<void> {
    await (this.#working ?? this.#work());
    const disk = this.#disk;
    if (disk !== undefined) {
      this.#disk = undefined;
      try {
        if (this.#headed) {
          await this.#lookWhetherGone(disk);
          await this.#end(disk);
        } else {
          // The disk took nothing of it.
          await rm(this.#path, { force: true });
        }
      } catch (error) {
        this.options.failed(error, this.#path);
      }
      await disk.close().catch((error: unknown) => this.options.failed(error, this.#path));
    }
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#broken) {
        this.options.told(0, next.frames);
        continue;
      }
      try {
        this.#disk ??= await this.#open();
        await this.#put(this.#disk, next);
        await this.#renewLengths(this.#disk);
      } catch (error) {
        this.#broken = this.#sealer !== undefined;
        this.options.told(0, next.frames);
        this.options.failed(error, this.#path);
      }
    }
    this.#working = undefined;
  }

  /** A recorder before this one may have begun the same file. */
  async #open(): Promise<Disk> {
    const { openDisk, pathOf } = this.options;
    for (let attempt = 0; ; attempt += 1) {
      this.#path = pathOf(attempt);
      try {
        return await openDisk(this.#path);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
          throw error;
        }
      }
    }
  }

  async #put(disk: Disk, { frame, frames, pcm }: Stretch): Promise<void> {
    const at = frame - this.options.fromFrame;
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    if (!this.#headed) {
      await this.#writeAll(disk, this.#sealer?.start ?? this.#header(), 0);
      this.#sealedBytes = this.#sealer?.start.length ?? 0;
      await this.#seal(disk, this.#header(), false);
      this.#headed = true;
    }
    if (this.#sealer === undefined) {
      // What lies between is a hole in the file, which is read as silence.
      await this.#writeAll(disk, bytes, WAV_HEADER_BYTES + at * this.#bytesPerFrame);
    } else {
      for (let silent = at - this.#written; silent > 0; silent -= SILENT_FRAMES) {
        await this.#seal(disk, Buffer.alloc(Math.min(silent, SILENT_FRAMES) * this.#bytesPerFrame), false);
      }
      await this.#seal(disk, bytes, false);
    }
    this.#written = Math.max(this.#written, at + frames);
  }

  /** The sound is there, whether or not this can be done. */
  async #renewLengths(disk: Disk): Promise<void> {
    if (this.#written - this.#lengthsAt >= LENGTHS_FRAMES) {
      try {
        await this.#lookWhetherGone(disk);
        if (this.#sealer === undefined) {
          await this.#writeAll(disk, this.#header(), 0);
        }
        this.#lengthsAt = this.#written;
      } catch (error) {
        this.options.failed(error, this.#path);
      }
    }
  }

  /** A file without a name takes whatever it is given. */
  async #lookWhetherGone(disk: Disk): Promise<void> {
    if (!this.#gone && (await disk.stat()).nlink === 0) {
      this.#gone = true;
      this.options.failed(removedError(), this.#path);
    }
  }

  async #end(disk: Disk): Promise<void> {
    if (this.#sealer === undefined) {
      await this.#writeAll(disk, this.#header(), 0);
    } else if (!this.#broken) {
      await this.#seal(disk, Buffer.alloc(0), true);
    }
    await disk.datasync();
  }

  /** Of a sealed file, whose lengths cannot be written again, it is made right by who opens it. */
  #header(): Buffer {
    const { rateHz, channels } = this.options;
    return wavHeader(rateHz, this.#written * this.#bytesPerFrame, channels);
  }

  async #seal(disk: Disk, plain: Buffer, last: boolean): Promise<void> {
    const sealed = this.#sealer?.seal(plain, last);
    if (sealed !== undefined) {
      await this.#writeAll(disk, sealed, this.#sealedBytes);
      this.#sealedBytes += sealed.length;
    }
  }

  async #writeAll(disk: Disk, bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await disk.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
      this.options.told(bytesWritten, 0);
    }
  }
}

/** Somebody removed a file while it was written. */
export function removedError(): Error {
  return Object.assign(new Error('it was removed while it was written'), { code: 'ENOENT' });
}

function framesIn(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { frames }) => sum + frames, 0);
}
