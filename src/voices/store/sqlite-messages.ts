/** What goes between us and the process that holds the database: a request, and one answer to it by its number. */

import type { FoundProfile, ProfileFile, StoredProfile } from '../profile.ts';

export type StoreRequest =
  | { readonly type: 'find'; readonly speaker: string }
  | { readonly type: 'list'; readonly after: string; readonly most: number }
  | { readonly type: 'read-file'; readonly speaker: string; readonly name: string }
  | {
      readonly type: 'write';
      readonly profile: StoredProfile;
      readonly before: number | undefined;
      readonly files: readonly ProfileFile[];
    }
  | { readonly type: 'remove'; readonly speaker: string; readonly before: number };

export type StoreAnswer =
  | { readonly type: 'found'; readonly profiles: readonly FoundProfile[] }
  | { readonly type: 'file'; readonly bytes: Uint8Array | undefined }
  | { readonly type: 'changed'; readonly changed: boolean }
  | { readonly type: 'failed'; readonly message: string };

export interface Numbered<Message> {
  readonly number: number;
  readonly message: Message;
}

/** The first thing that the process says. */
export type StoreGreeting =
  | { readonly type: 'open' }
  /** It cannot open the database, and ends. `missing`: the package that reads it cannot be loaded. */
  | { readonly type: 'shut'; readonly missing: boolean; readonly message: string };
