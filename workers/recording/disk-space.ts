/** Whether a disk has the room that is to be left on it. It is looked at now and then, and what it says is told when it changes. */

import { statfs } from 'node:fs/promises';
import type { FreeSpace } from '../../src/protocol/recording/recorder-orders.ts';

/** Room on a disk for those who are not root, and all of it, in bytes. */
export interface DiskRoom {
  readonly freeBytes: number;
  readonly allBytes: number;
}

export type LookAtDisk = (directory: string) => Promise<DiskRoom>;

/** Keeping begins again only when so much more than the least is free, as a share of the least: else it would flap. */
const MORE_SHARE = 0.1;

export const roomOf: LookAtDisk = async (directory) => {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, allBytes: blocks * bsize };
};

export class DiskSpace {
  readonly #directory: string;
  readonly #least: FreeSpace;
  readonly #look: LookAtDisk;
  readonly #changed: (full: boolean, freeBytes: number) => void;
  #full = false;
  #looking = false;

  /** @param changed hears of each change; at first there is room. */
  constructor(
    directory: string,
    least: FreeSpace,
    look: LookAtDisk,
    changed: (full: boolean, freeBytes: number) => void,
  ) {
    this.#directory = directory;
    this.#least = least;
    this.#look = look;
    this.#changed = changed;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Looks again, unless a look before has not come to its end. @throws what the system says of the directory. */
  async look(): Promise<void> {
    if (this.#looking) {
      return;
    }
    this.#looking = true;
    try {
      const { freeBytes, allBytes } = await this.#look(this.#directory);
      const least = this.#least;
      const leastBytes = least.type === 'bytes' ? least.bytes : (allBytes * least.percent) / 100;
      const full = freeBytes < leastBytes * (this.#full ? 1 + MORE_SHARE : 1);
      if (full !== this.#full) {
        this.#full = full;
        this.#changed(full, freeBytes);
      }
    } finally {
      this.#looking = false;
    }
  }
}
