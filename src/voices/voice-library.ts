/**
 * The profiles of a service: those that were asked for lately are in memory, the others in a store. Calls ask it as a
 * book of voices. It gives them what it has and waits for nothing; a profile that is missing, slow, broken or not to be
 * used means the neutral voice of the language, a line in the log and a count, and the call goes on.
 */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { withDeadline } from '../base/deadline.ts';
import { AppError, codeOf, messageOf } from '../base/errors.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { SparseLog } from '../base/sparse-log.ts';
import { Tally } from '../base/tally.ts';
import { namedVoice, type SpokenVoice } from '../engines/tts/spoken-voice.ts';
import { type FoundProfile, type ProfileFile, profileOf, storedOf, type VoiceProfile } from './profile.ts';
import { type SpeakerVoices, speakerIn } from './speaker-voices.ts';
import { spokenProfile, whyNotUsed } from './spoken-profile.ts';
import type { ProfileStore } from './store/profile-store.ts';

/** Profiles in memory: some 2 KB each. */
const MOST_KEPT = 500;
/** How old one may be before it is asked for again, in ms: another node may have changed it. */
const FRESH_MS = 30_000;
/** How long a leg waits for its profile, in ms: two and a half frames. */
export const LEG_LIMIT_MS = 50;
/** How long a profile is asked for in the background, in ms. */
const READ_LIMIT_MS = 5_000;

/** `kept`: from memory; `read`: from the store, in time; the rest are spoken for with the neutral voice. */
export type LookUp = 'kept' | 'read' | 'late' | 'failed' | 'missing' | 'unusable';

const SENTENCES: Readonly<Record<Exclude<LookUp, 'kept' | 'read'>, string>> = {
  late: 'the store of voice profiles is slow: the neutral voice speaks',
  failed: 'a voice profile cannot be read: the neutral voice speaks',
  missing: 'there is no such voice profile: the neutral voice speaks',
  unusable: 'a voice profile may not be used: the neutral voice speaks',
};

export interface LibraryDeps {
  readonly store: ProfileStore;
  readonly clock: Clock;
  readonly log: Log;
}

export class VoiceLibrary implements SpeakerVoices, Counted {
  readonly #tally = new Tally<LookUp>();
  readonly #deps: LibraryDeps;
  readonly #log: SparseLog<LookUp>;
  readonly #kept: LRUCache<string, VoiceProfile>;
  readonly #closing = new AbortController();
  /** Those that are being read. */
  readonly #reading = new Map<string, Promise<VoiceProfile | undefined>>();
  /** How often something was written. */
  #changes = 0;
  #opening: Promise<void> | undefined;

  constructor(deps: LibraryDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#log = new SparseLog(log, clock);
    this.#kept = new LRUCache({
      max: MOST_KEPT,
      ttl: FRESH_MS,
      perf: { now: () => clock.nowMs() },
      // Each look is asked of our clock.
      ttlResolution: 0,
      allowStale: true,
      noDeleteOnStaleGet: true,
    });
  }

  get counts() {
    return { voiceProfilesKept: this.#kept.size, voiceLookUps: this.#tally };
  }

  get parts(): readonly Counted[] {
    return [this.#deps.store];
  }

  /** Opens the store. Where that fails it is said once, and each look-up tries again: calls have neutral voices. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async prepare(voice: string | undefined): Promise<void> {
    const speaker = speakerIn(voice);
    if (speaker === undefined) {
      return;
    }
    if (this.#kept.getRemainingTTL(speaker) > 0) {
      this.#note('kept', speaker);
      return;
    }
    const { clock } = this.#deps;
    try {
      const late = 'the profile was not there in time';
      const found = await withDeadline(clock, LEG_LIMIT_MS, late, this.#closing.signal, () =>
        this.#read(speaker),
      );
      this.#note(found === undefined ? 'missing' : 'read', speaker);
    } catch (error) {
      this.#note(codeOf(error) === 'engine-timeout' ? 'late' : 'failed', speaker, error);
    }
  }

  begins(voice: string | undefined): void {
    const speaker = speakerIn(voice);
    if (speaker !== undefined) {
      this.#refresh(speaker);
    }
  }

  spoken(voice: string | undefined, to: Language, neutral: string | undefined): SpokenVoice | undefined {
    const speaker = speakerIn(voice);
    if (speaker === undefined) {
      return namedVoice(voice ?? neutral);
    }
    this.#refresh(speaker);
    const kept = this.#kept.get(speaker);
    if (kept === undefined) {
      // Why it is not there was told when it was to be prepared.
      return namedVoice(neutral);
    }
    const reason = whyNotUsed(kept, this.#deps.clock.wallTime());
    if (reason !== undefined) {
      this.#note('unusable', speaker, reason);
      return namedVoice(neutral);
    }
    return spokenProfile(kept, to, neutral, (file) => this.readFile(speaker, file));
  }

  /** A profile as the store has it now. @throws AppError `store-failed`, `profile-unreadable`; the signal's reason. */
  async find(speaker: string, signal: AbortSignal): Promise<VoiceProfile | undefined> {
    const changes = this.#changes;
    const found = await this.#deps.store.find(speaker, signal);
    if (changes !== this.#changes) {
      // What was read may be what it was before the change, which is in memory.
      return found === undefined ? undefined : profileOf(found);
    }
    this.#kept.delete(speaker);
    if (found === undefined) {
      return undefined;
    }
    const profile = profileOf(found);
    this.#kept.set(speaker, profile);
    return profile;
  }

  /** Those whose ids come after `after`. */
  async list(after: string, most: number, signal: AbortSignal): Promise<readonly ListedProfile[]> {
    const found = await this.#deps.store.list(after, most, signal);
    return found.map((each) => ({ speaker: each.speaker, profile: this.#readable(each) }));
  }

  /** @throws AppError `store-failed`, also when there is no such file. */
  async readFile(speaker: string, name: string): Promise<Uint8Array> {
    const { clock, store } = this.#deps;
    const late = 'a file of a voice profile was not read in time';
    const bytes = await withDeadline(clock, READ_LIMIT_MS, late, this.#closing.signal, (signal) =>
      store.readFile(speaker, name, signal),
    );
    if (bytes === undefined) {
      throw new AppError('store-failed', 'a file of a voice profile is gone: enrol its speaker again');
    }
    return bytes;
  }

  /** See {@link ProfileStore.write}. From now on calls are given this version. */
  async write(
    profile: VoiceProfile,
    before: number | undefined,
    files: readonly ProfileFile[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const written = await this.#deps.store.write(storedOf(profile), before, files, signal);
    this.#changes += 1;
    if (written) {
      this.#kept.set(profile.speaker, profile);
    } else {
      this.#kept.delete(profile.speaker);
    }
    return written;
  }

  /** See {@link ProfileStore.remove}. */
  async remove(speaker: string, before: number, signal: AbortSignal): Promise<boolean> {
    const removed = await this.#deps.store.remove(speaker, before, signal);
    this.#changes += 1;
    this.#kept.delete(speaker);
    return removed;
  }

  /** Ends the store, and with that the opening of one that hangs. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new AppError('closed', 'the profiles are closed'));
    await this.#deps.store.close();
    await this.#opening;
  }

  async #open(): Promise<void> {
    const { store, log } = this.#deps;
    try {
      await store.ready();
      log.info({ store: store.name }, 'voice profiles are at hand');
    } catch (error) {
      if (!this.#closing.signal.aborted) {
        log.error({ store: store.name, error }, 'voice profiles cannot be opened: neutral voices speak');
      }
    }
  }

  /** Reads a profile in the background that is not there, or old. */
  #refresh(speaker: string): void {
    if (this.#kept.getRemainingTTL(speaker) <= 0) {
      this.#read(speaker).catch((error: unknown) => this.#note('failed', speaker, error));
    }
  }

  /** Reads a profile into memory; several who want the same one at once read it once. */
  #read(speaker: string): Promise<VoiceProfile | undefined> {
    const before = this.#reading.get(speaker);
    if (before !== undefined) {
      return before;
    }
    const { clock } = this.#deps;
    const late = 'the store of voice profiles does not answer';
    const reading = withDeadline(clock, READ_LIMIT_MS, late, this.#closing.signal, (signal) =>
      this.find(speaker, signal),
    ).finally(() => this.#reading.delete(speaker));
    // Who waits no longer does not hear of it, and is nobody's worry then.
    reading.catch(() => {});
    this.#reading.set(speaker, reading);
    return reading;
  }

  #readable(found: FoundProfile): VoiceProfile | undefined {
    try {
      return profileOf(found);
    } catch (error) {
      this.#log.warn('failed', { speakerPii: found.speaker, error }, 'a voice profile cannot be read');
      return undefined;
    }
  }

  #note(what: LookUp, speakerPii: string, why?: unknown): void {
    this.#tally.add(what);
    if (what !== 'kept' && what !== 'read' && !this.#closing.signal.aborted) {
      this.#log.warn(
        what,
        { speakerPii, ...(why === undefined ? {} : { why: messageOf(why) }) },
        SENTENCES[what],
      );
    }
  }
}

/** `profile` is undefined where it cannot be read. */
export interface ListedProfile {
  readonly speaker: string;
  readonly profile: VoiceProfile | undefined;
}
