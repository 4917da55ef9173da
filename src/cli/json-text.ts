/** What commands print for programs. */

import { shownJson } from '../base/shown-text.ts';

/** `value` as JSON over several lines. A terminal obeys nothing in it, and it can be read whatever somebody is called. */
export function jsonText(value: unknown): string {
  return shownJson(JSON.stringify(value, undefined, 2));
}

/** The same on one line. */
export function jsonLine(value: unknown): string {
  return shownJson(JSON.stringify(value));
}
