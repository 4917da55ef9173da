/**
 * How an engine says whether it can do a language, asked once at start-up so that nothing is discovered in
 * a call.
 */

import { AppError, messageOf } from '../base/errors.ts';

/** What an engine is for; `s2s` does the work of `stt` and `mt`, and perhaps of `tts`. */
export const COMPONENTS = ['stt', 'mt', 'tts', 's2s'] as const;

export type Component = (typeof COMPONENTS)[number];

/**
 * `reason` completes "cannot ... because"; it says what is missing and what to do, for the operator. It is `passing`
 * when it may be otherwise soon, as with a server that does not answer; else another question has the same answer.
 */
export type Support =
  | { readonly supported: true }
  | { readonly supported: false; readonly reason: string; readonly passing?: true };

export const SUPPORTED: Support = { supported: true };

export function unsupported(reason: string): Support {
  return { supported: false, reason };
}

/** What cannot be told because asking failed with `error`. */
export function unanswered(error: unknown): Support {
  const reason = messageOf(error);
  return error instanceof AppError && error.permanent
    ? unsupported(reason)
    : { supported: false, reason, passing: true };
}
