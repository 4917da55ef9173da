/** A store of profiles in memory that does what a test says: it answers, waits to be let, or fails. */

import { AppError } from '../../src/base/errors.ts';
import {
  type FoundProfile,
  type ProfileFile,
  type StoredProfile,
  storedOf,
  type VoiceProfile,
} from '../../src/voices/profile.ts';
import type { ProfileStore } from '../../src/voices/store/profile-store.ts';

export class ScriptedStore implements ProfileStore {
  readonly counts = {};
  readonly name = 'scripted';
  readonly files = new Map<string, Uint8Array>();
  /** How often a profile was looked for. */
  finds = 0;
  failing = false;
  /** Writes are done, and whoever asked for them hears that they failed. */
  losesAnswers = false;
  readonly #profiles = new Map<string, FoundProfile>();
  #gate: Promise<void> = Promise.resolve();

  constructor(...profiles: readonly VoiceProfile[]) {
    for (const profile of profiles) {
      this.put(profile);
    }
  }

  put(profile: VoiceProfile): void {
    this.#profiles.set(profile.speaker, storedOf(profile));
  }

  /** What is kept of somebody is no profile. */
  spoil(speaker: string): void {
    this.#profiles.set(speaker, { ...storedOf(someone(speaker)), facts: '{}' });
  }

  /** Answers nobody any more until what it returns is called. What is asked for was read before. */
  hold(): () => void {
    let open = (): void => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  /** Opening it ends with it. */
  hangs = false;
  #closed = (_error: Error): void => {};

  async ready(): Promise<void> {
    if (this.hangs) {
      await new Promise<void>((_resolve, reject) => {
        this.#closed = reject;
      });
    }
  }

  async find(speaker: string): Promise<FoundProfile | undefined> {
    this.finds += 1;
    const found = this.#profiles.get(speaker);
    await this.#ready();
    return found;
  }

  async list(after: string, most: number): Promise<readonly FoundProfile[]> {
    await this.#ready();
    const ids = [...this.#profiles.keys()].filter((id) => id > after).sort();
    return ids.slice(0, most).flatMap((id) => this.#profiles.get(id) ?? []);
  }

  async readFile(speaker: string, name: string): Promise<Uint8Array | undefined> {
    await this.#ready();
    return this.files.get(`${speaker} ${name}`);
  }

  async write(
    profile: StoredProfile,
    before: number | undefined,
    files: readonly ProfileFile[],
  ): Promise<boolean> {
    await this.#ready();
    if (this.#profiles.get(profile.speaker)?.version !== before) {
      return false;
    }
    const { files: names, ...found } = profile;
    this.#profiles.set(profile.speaker, found);
    for (const { name, bytes } of files) {
      this.files.set(`${profile.speaker} ${name}`, bytes);
    }
    this.#keepFiles(profile.speaker, names);
    if (this.losesAnswers) {
      throw new AppError('store-failed', 'the connection was lost');
    }
    return true;
  }

  async remove(speaker: string, before: number): Promise<boolean> {
    await this.#ready();
    if (this.#profiles.get(speaker)?.version !== before) {
      return false;
    }
    this.#keepFiles(speaker, []);
    return this.#profiles.delete(speaker);
  }

  async close(): Promise<void> {
    this.#closed(new AppError('store-failed', 'the store is closed'));
  }

  #keepFiles(speaker: string, names: readonly string[]): void {
    for (const key of [...this.files.keys()]) {
      const [owner, name = ''] = key.split(' ');
      if (owner === speaker && !names.includes(name)) {
        this.files.delete(key);
      }
    }
  }

  async #ready(): Promise<void> {
    await this.#gate;
    if (this.failing) {
      throw new AppError('store-failed', 'the store fails');
    }
  }
}

function someone(speaker: string): VoiceProfile {
  const at = '2026-11-01T10:00:00.000Z';
  return {
    ...{ speaker, version: 1, createdAt: at, updatedAt: at, style: {}, defaults: {} },
    renderings: [],
    leaving: false,
  };
}
