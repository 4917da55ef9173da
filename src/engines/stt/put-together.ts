/**
 * Pieces of text that were heard one after the other, put together as they are written. What stands between two of them
 * is told by the letters that meet: one stream may hear two languages.
 */

/** Of Chinese and Japanese, with their marks: nobody writes a blank between two of these. */
export const CJK =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}ー\u3000-\u303f\uff00-\uffef]/u;

/** @param unspaced the letters of which no two have a blank between them; default {@link CJK}. */
export function putTogether(pieces: readonly string[], unspaced = CJK): string {
  return pieces.reduce((before, piece) => `${before}${blankBetween(before, piece, unspaced)}${piece}`, '');
}

/** A number and what it counts are one: `3` and `時`. */
function blankBetween(before: string, after: string, unspaced: RegExp): string {
  const met = [[...before.slice(-2)].at(-1) ?? '', [...after.slice(0, 2)][0] ?? ''];
  const joined = met.includes('') || met.some((sign) => /\s/u.test(sign));
  return joined ||
    (met.some((sign) => unspaced.test(sign)) &&
      met.every((sign) => unspaced.test(sign) || /\p{N}/u.test(sign)))
    ? ''
    : ' ';
}
