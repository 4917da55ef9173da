/** What a number in a text can be read as; several readings where the text alone does not tell. */

import type { Measure } from './measures.ts';

export type Reading =
  | { readonly type: 'number'; readonly value: number; readonly measure: Measure | undefined }
  | {
      readonly type: 'date';
      readonly day: number | undefined;
      readonly month: number | undefined;
      readonly year: number | undefined;
    }
  /** `half` of the day when it was said. */
  | { readonly type: 'time'; readonly minutes: number; readonly half: 'am' | 'pm' | undefined }
  | { readonly type: 'code'; readonly digits: string };

export interface Said {
  readonly start: number;
  readonly end: number;
  /** Written in digits, or in words that are nothing but numbers. */
  readonly firm: boolean;
  /** Whether it is written in digits. */
  readonly inDigits: boolean;
  readonly readings: readonly Reading[];
  /** It may be said in more ways than its readings tell: "two thirty". */
  readonly loose?: true;
}

/** What is written in digits, from `start` to `end`. */
export function saidInDigits(start: number, end: number, readings: readonly Reading[]): Said {
  return { start, end, firm: true, inDigits: true, readings };
}

/** `written` digit by digit. */
export function code(written: string): Reading {
  return { type: 'code', digits: written.replace(/\D/gu, '') };
}
