/**
 * Where profiles are kept. Whoever changes one says which version it changes, so that of two who do so at once the second
 * is told instead of undoing the first.
 */

import type { Counted } from '../../base/counts.ts';
import type { FoundProfile, ProfileFile, StoredProfile } from '../profile.ts';

/** The most that is asked of a store at once; more is refused, for it would only come later still. */
export const MOST_UNDER_WAY = 128;

/** Every method throws AppError `store-failed` when the store does not do it, and the reason of the signal. */
export interface ProfileStore extends Counted {
  /** For logs and messages: `sqlite /var/lib/dragoman/voices.db`; holds no password. */
  readonly name: string;
  /** Opens it, so that no call waits for that. Whatever is asked of it opens it, too, if this has failed. */
  ready(): Promise<void>;
  find(speaker: string, signal: AbortSignal): Promise<FoundProfile | undefined>;
  /**
   * Those whose ids come after `after`, in the order of their characters' numbers.
   * @param after empty: from the first one on.
   */
  list(after: string, most: number, signal: AbortSignal): Promise<readonly FoundProfile[]>;
  /** What lies beside a profile under this name; undefined where there is nothing. */
  readFile(speaker: string, name: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * Keeps a profile and its files, all or nothing, for good once this resolves. Files that it does not name go.
   * @param before the version it takes the place of; undefined: there must be none yet.
   * @param files those that are new.
   * @returns false where the store holds another version than that, and nothing is changed.
   */
  write(
    profile: StoredProfile,
    before: number | undefined,
    files: readonly ProfileFile[],
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Removes a profile and its files. @returns false where the store holds no such version, and nothing is changed. */
  remove(speaker: string, before: number, signal: AbortSignal): Promise<boolean>;
  /** Idempotent. What is under way is waited for, or fails. */
  close(): Promise<void>;
}
