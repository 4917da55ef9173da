/**
 * What translation leaves in a text that no voice should try to say: runs of marks, lone quotes, words masked with
 * stars, marks of markup. Words, and marks that carry the melody, stay.
 */

export function cleaned(text: string): string {
  return (
    text
      .replace(/[\u200b\u200e\u200f\u00ad\ufeff]/gu, '')
      // Marks of markup go, and the words between them stay.
      .replace(/(?<![\p{L}\p{N}*_])(\*{1,3}|_{1,3})(?=\S)([^*_]+)(?<=\S)\1(?![\p{L}\p{N}*_])/gu, '$2')
      // "9시 ~ 오후 6시" is from the one to the other.
      .replace(/(\p{N}\S*)\s*[~～]\s*(?=(?:\S+\s)?\S*\p{N})/gu, '$1~')
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
