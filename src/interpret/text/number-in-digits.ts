/**
 * What a number in digits says: with the thousands and decimals of its language, or with those of others where its own
 * say nothing. What is spoken and what is compared is read by this alone.
 */

import type { Language } from '../../base/language.ts';
import { separatorsOf } from './digits.ts';

export interface NumberInDigits {
  readonly value: number;
  /** The digits behind the decimal mark, as they are written. */
  readonly decimals: string;
}

/** By the decimal mark: groups are of three digits, before the last one of two as well, as India writes them. */
const WRITTEN = {
  '.': /^(?<whole>\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.(?<decimals>\d+))?$/,
  ',': /^(?<whole>\d+|\d{1,3}(?:\.\d{3})+)(?:,(?<decimals>\d+))?$/,
} as const;
/** Four numbers of a byte each, which nobody would group so. */
const ADDRESS = /^(?:(?:1?\d?\d|2[0-4]\d|25[0-5])\.){3}(?:1?\d?\d|2[0-4]\d|25[0-5])$/;

/** @param written plain digits and marks; undefined when it can only be a code, a version or an address. */
export function numberInDigits(written: string, language: Language): NumberInDigits | undefined {
  const plain = written.replace(/(\d)[ '](?=\d{3}(?!\d))/gu, '$1');
  if (ADDRESS.test(plain)) {
    return undefined;
  }
  const [own, other] = separatorsOf(language).decimal === ',' ? ([',', '.'] as const) : (['.', ','] as const);
  const { whole, decimals = '' } = (WRITTEN[own].exec(plain) ?? WRITTEN[other].exec(plain))?.groups ?? {};
  return whole === undefined
    ? undefined
    : { value: Number(`${whole.replace(/[.,]/gu, '')}.${decimals}`), decimals };
}
