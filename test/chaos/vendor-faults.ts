/** What can be wrong with the vendors of a run, as plain data that crosses between processes. */

import type { LinkFault } from './faulty-relay.ts';

/** `stt`, `mt` and `tts` are the first of each; `fused` does all of it; the others are what there is besides. */
export const VENDORS = ['stt', 'mt', 'tts', 'fused', 'stt-backup', 'mt-backup', 'tts-backup'] as const;

export type VendorName = (typeof VENDORS)[number];

export type AnswerFault =
  /** Refused with this status; a recogniser's streams are cut off for it. */
  | { readonly type: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** Answers that are no answers, with status 200; `bytes` long. */
  | { readonly type: 'garbage'; readonly bytes: number }
  /** An answer as it should be, with this much text or sound in it. */
  | { readonly type: 'huge'; readonly bytes: number }
  /** Status 200 and nothing in it; a recogniser says nothing any more. */
  | { readonly type: 'empty' }
  /** A recogniser's streams are closed with this code, all that are opened, too. */
  | { readonly type: 'closed'; readonly code: number };

export type VendorFault = LinkFault | AnswerFault;

export interface VendorChange {
  readonly vendor: VendorName;
  /** Undefined makes it well. */
  readonly fault: VendorFault | undefined;
}
