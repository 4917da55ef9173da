/**
 * What translation leaves in a text that no voice should try to say: runs of marks, lone quotes, words masked with
 * stars, marks of markup. Words, and marks that carry the melody, stay.
 */

export function cleaned(text: string): string {
  return (
    text
      .replace(/[\u200b\u200e\u200f\u00ad\ufeff]/gu, '')
      .replace(/[♪♫_~^|]+(?=\s|$)|(?<=^|\s)[♪♫~^|]+/gu, ' ')
      // "f***" and "****" are read as asterisks.
      .replace(/\p{L}?\*{2,}\p{L}*/gu, ' ')
      .replace(/\.{4,}/gu, '…')
      .replace(/([!?])[!?]{2,}/gu, '$1')
      .replace(/([,;:])(?:\s*[,;:])+/gu, '$1')
      .replace(/(?<=^|\s)["“”„«»'‘]+(?=\s|$)/gu, ' ')
      .replace(/\s+([.,!?;:])(?=\s|$)(?<!\s[!?;:»])/gu, '$1')
      .replace(/\s+/gu, ' ')
      .trim()
  );
}
