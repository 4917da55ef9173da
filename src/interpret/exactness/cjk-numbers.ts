/** Numbers in Chinese characters, as Chinese and Japanese write them. */

import type { Reading } from './reading.ts';

const DIGITS = '〇一二三四五六七八九';
const SIGNS: ReadonlyMap<string, number> = new Map([
  ['十', 10],
  ['百', 100],
  ['千', 1_000],
  ['万', 1e4],
  ['萬', 1e4],
  ['億', 1e8],
  ['亿', 1e8],
  ['兆', 1e12],
]);

/** The value of digits or of Chinese numerals; undefined when `text` is neither. */
export function cjkValue(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    return Number(text);
  }
  let sum = 0;
  let section = 0;
  let digit: number | undefined;
  for (const character of text.replace(/零/g, '〇').replace(/[两兩]/g, '二')) {
    const value = DIGITS.indexOf(character);
    const sign = SIGNS.get(character);
    if (value >= 0) {
      digit = digit === undefined ? value : digit * 10 + value;
    } else if (sign === undefined) {
      return undefined;
    } else if (sign < 1e4) {
      section += (digit ?? 1) * sign;
      digit = undefined;
    } else {
      sum += (section + (digit ?? 0) || 1) * sign;
      section = 0;
      digit = undefined;
    }
  }
  return sum + section + (digit ?? 0);
}

/** What `value` says with the sign behind it: tenths (割, 成), or what is left of a price (8折, 八五折). */
export function shareOf(value: number, sign: string): readonly Reading[] {
  const percent = value < 10 ? value * 10 : value;
  const values = sign === '折' ? [percent, 100 - percent] : [percent];
  return values.map((each) => ({ type: 'number', value: each, measure: undefined }));
}
