/**
 * How long a text can sound at most. A synthesis that runs away speaks for minutes of eight words; whatever is said
 * meanwhile waits behind it. So the limit goes by the text: more than twice what the slowest voice takes, and a little
 * for breath, so that no speech that is meant is cut.
 */

import { AppError } from '../../base/errors.ts';

/** The longest any segment may sound, in ms. */
export const SPEECH_LIMIT_MS = 120_000;

/** For breath, and for a voice that hums before it begins, in ms. */
const BREATH_MS = 3_000;

/** A letter takes 60 to 80 ms; a slow voice takes 120. */
const LETTER_MS = 200;

/** A sign that is a syllable or a word takes 200 to 300 ms. */
const DENSE_SIGN_MS = 700;

/** A digit may be a word of its own, a mark a pause or a word ("@"): half a second, and a second at most. */
const OTHER_MS = 1_000;

const DENSE_SIGNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Yi}\p{Script=Ethiopic}]/gu;
const LETTERS = /[\p{L}\p{M}]/gu;
const BLANKS = /\s/gu;

/** The longest that `text` can sound in any voice, in ms, up to {@link SPEECH_LIMIT_MS}. */
export function longestSpeechMs(text: string): number {
  const count = (signs: RegExp): number => text.match(signs)?.length ?? 0;
  const dense = count(DENSE_SIGNS);
  const letters = count(LETTERS) - dense;
  // A sign beyond the basic plane counts twice, which is on the safe side.
  const others = Math.max(0, text.length - count(BLANKS) - dense - letters);
  const longestMs = BREATH_MS + letters * LETTER_MS + dense * DENSE_SIGN_MS + others * OTHER_MS;
  return Math.min(SPEECH_LIMIT_MS, longestMs);
}

/** @throws AppError `engine-bad-answer` when `soundMs` are more than a text that sounds `longestMs` at most can be. */
export function checkSpeechLength(engine: string, soundMs: number, longestMs: number): void {
  if (soundMs > longestMs) {
    throw new AppError(
      'engine-bad-answer',
      `${engine}: the speech ran away: it is longer than ${longestMs} ms, which its text cannot be`,
    );
  }
}
