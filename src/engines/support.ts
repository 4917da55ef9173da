/**
 * How an engine says whether it can do a language, asked once at start-up so that nothing is discovered in
 * a call.
 */

/** `reason` completes "cannot ... because"; it says what is missing and what to do, for the operator. */
export type Support = { readonly supported: true } | { readonly supported: false; readonly reason: string };

export const SUPPORTED: Support = { supported: true };

export function unsupported(reason: string): Support {
  return { supported: false, reason };
}
