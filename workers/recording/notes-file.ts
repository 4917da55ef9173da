/**
 * The notes of one call on the disk: lines, as they are or sealed. What a slow or full disk does not take in time is
 * dropped and counted, whole lines at a time; a file that has grown too long, or that somebody has removed, takes no more.
 */

import { rm } from 'node:fs/promises';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { type Disk, type OpenDisk, removedError } from './part-file.ts';

/** Text that waits for the disk, at most, in bytes. */
const MOST_WAITING_BYTES = 16 * 1_048_576;
/** A file takes no more than this, in bytes: eight hours of translated speech. */
const MOST_BYTES = 2 ** 30;

export interface NotesFileOptions {
  /** Where it is to be, should that be there already the first of these that is not. */
  readonly pathOf: (attempt: number) => string;
  /** Undefined: it is written as it is. */
  readonly key: Uint8Array | undefined;
  readonly openDisk: OpenDisk;
  /** Hears how many bytes were written, and pieces dropped, each time. */
  readonly told: (bytes: number, piecesDropped: number) => void;
  /** Hears what the disk refused. */
  readonly failed: (error: unknown, path: string) => void;
}

export class NotesFile {
  readonly #options: NotesFileOptions;
  readonly #sealer: Sealer | undefined;
  #disk: Disk | undefined;
  #path: string;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #written = 0;
  #broken = false;
  #gone = false;
  #working: Promise<void> | undefined;

  constructor(options: NotesFileOptions) {
    this.#options = options;
    this.#path = options.pathOf(0);
    this.#sealer = options.key === undefined ? undefined : new Sealer(options.key);
  }

  /** Its name within its folder; undefined: nothing of it is on the disk. */
  get name(): string | undefined {
    return this.#written === 0 || this.#gone ? undefined : this.#path.slice(this.#path.lastIndexOf('/') + 1);
  }

  /** Takes whole lines. */
  add(text: string): void {
    const bytes = Buffer.from(text);
    const full = this.#written + this.#waitingBytes + bytes.length > MOST_BYTES;
    if (this.#broken || full || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.#options.told(0, 1);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Gives the disk what has come. */
  look(): void {
    if (this.#waiting.length > 0) {
      this.#working ??= this.#work();
    }
  }

  /** Writes what waits and closes it. */
  async finish(): Promise<void> {
    this.look();
    await this.#working;
    const disk = this.#disk;
    this.#disk = undefined;
    if (disk !== undefined) {
      try {
        if (this.#sealer !== undefined && !this.#broken) {
          await this.#write(disk, this.#sealer.seal(Buffer.alloc(0), true));
        }
        await disk.datasync();
      } catch (error) {
        this.#options.failed(error, this.#path);
      }
      await disk.close().catch((error: unknown) => this.#options.failed(error, this.#path));
    }
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      if (this.#broken) {
        this.#options.told(0, pieces.length);
        continue;
      }
      try {
        this.#disk ??= await this.#open();
        const plain = Buffer.concat(pieces);
        await this.#write(this.#disk, this.#sealer?.seal(plain, false) ?? plain);
        if ((await this.#disk.stat()).nlink === 0) {
          this.#gone = true;
          throw removedError();
        }
      } catch (error) {
        // Half a line, or half a sealed piece, is the end of what can be read of it.
        this.#broken = this.#disk !== undefined;
        this.#options.told(0, pieces.length);
        this.#options.failed(error, this.#path);
      }
    }
    this.#working = undefined;
  }

  async #open(): Promise<Disk> {
    const { openDisk, pathOf } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      this.#path = pathOf(attempt);
      try {
        return await this.#begin(await openDisk(this.#path));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
          throw error;
        }
      }
    }
  }

  /** A disk that is full takes a name and nothing else: then there is no file. */
  async #begin(disk: Disk): Promise<Disk> {
    try {
      await this.#write(disk, this.#sealer?.start ?? Buffer.alloc(0));
      return disk;
    } catch (error) {
      this.#written = 0;
      await disk.close();
      await rm(this.#path, { force: true });
      throw error;
    }
  }

  async #write(disk: Disk, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await disk.write(bytes, done, bytes.length - done, this.#written);
      done += bytesWritten;
      this.#written += bytesWritten;
      this.#options.told(bytesWritten, 0);
    }
  }
}
