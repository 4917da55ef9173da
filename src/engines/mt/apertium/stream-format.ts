/**
 * Plain text in and out of Apertium's stream format, where some characters mark words and formatting and must
 * be escaped. Source: https://wiki.apertium.org/wiki/Apertium_stream_format.
 */

/** A final mark is translated apart: both taggers read the last word worse before one ("drink." as a noun). */
const FINAL_MARK = /\s*([.!?…]+)$/;

export interface StreamText {
  /** What goes to the pipeline; empty when there is nothing to translate. */
  readonly escaped: string;
  /** The sentence mark that was taken off the end, to be put back. */
  readonly finalMark: string;
}

/** Escapes `text` for the pipeline: one line, no NUL, its final mark apart. */
export function toStream(text: string): StreamText {
  const line = text.replaceAll('\0', ' ').replace(/\s+/g, ' ').trim();
  const finalMark = FINAL_MARK.exec(line)?.[1] ?? '';
  return { escaped: escapeStream(line.replace(FINAL_MARK, '')), finalMark };
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

export function escapeStream(text: string): string {
  return text.replace(/[\\^$<>[\]{}/@]/g, '\\$&');
}
