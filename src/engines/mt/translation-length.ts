/**
 * A translation of a megabyte is none. What comes after looks at every word of it, on the thread that sends everybody's
 * frames; so an adapter lets nothing through that is out of all proportion to what was asked.
 */

import { AppError } from '../../base/errors.ts';

/**
 * The longest answer with a translation in it, in bytes: a segment is a sentence or two, and JSON may escape each
 * letter.
 */
export const TRANSLATION_LIMIT_BYTES = 65_536;

/** So many characters any text may become, and so many for each of its own: a Chinese sign may become a long word. */
const ANY_CHARACTERS = 500;
const MOST_TIMES = 20;

/** Returns `translation`. @throws AppError `engine-bad-answer` when it cannot be one of `text`, by its length alone. */
export function plausibleTranslation(engine: string, text: string, translation: string): string {
  if (translation.length > ANY_CHARACTERS + MOST_TIMES * text.length) {
    throw new AppError(
      'engine-bad-answer',
      `${engine}: ${translation.length} characters came for ${text.length}, which is no translation`,
    );
  }
  return translation;
}
