/**
 * Plain text in and out of Apertium's stream format, where some characters mark words and formatting and must
 * be escaped. Source: https://wiki.apertium.org/wiki/Apertium_stream_format.
 */

/** A final mark is translated apart: both taggers read the last word worse before one ("drink." as a noun). */
const FINAL_MARK = /\s*([.!?…]+)$/;

/**
 * Before what goes on in a sentence: after a comma the taggers expect no beginning (", that" is "que", "that" is
 * "aquello"), and pairs that begin every text with a capital do not.
 */
export const LEAD = ', ';

export interface StreamText {
  /** What goes to the pipeline; empty when there is no word in the text. */
  readonly escaped: string;
  /** What was taken off the end, to be put back: the sentence mark, or the whole of a text without a word. */
  readonly finalMark: string;
}

/** Escapes `text` for the pipeline: one line, no NUL, its final mark apart. */
export function toStream(text: string): StreamText {
  const line = plainLine(text);
  if (!/[\p{L}\p{N}]/u.test(line)) {
    return { escaped: '', finalMark: line };
  }
  const finalMark = FINAL_MARK.exec(line)?.[1] ?? '';
  return { escaped: escapeStream(line.replace(FINAL_MARK, '')), finalMark };
}

/**
 * `text` on one line, without control characters, and without `^`, which nobody says: even escaped, at the end of a
 * text it makes lt-proc swallow the end of the request and never answer.
 */
export function plainLine(text: string): string {
  return text.replace(/[\^\s\p{Cc}]+/gu, ' ').trim();
}

/** The text of an answer, with blanks that deleted words leave behind taken out. */
export function fromStream(answer: string, finalMark: string): string {
  const text = answer
    .replace(/\\(.)/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.;:!?])/g, '$1')
    .trim();
  return text + finalMark;
}

/** What follows the comma of {@link LEAD} in a translation; undefined when a pair has put it elsewhere. */
export function afterLead(text: string): string | undefined {
  return /^,\s*(?=[^\s,])(.*)$/s.exec(text)?.[1];
}

export function escapeStream(text: string): string {
  return text.replace(/[\\^$<>[\]{}/@]/g, '\\$&');
}
