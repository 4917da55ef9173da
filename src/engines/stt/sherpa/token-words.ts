/**
 * Words out of the tokens of a recogniser: pieces of words, the first of each told by a blank before it, and the time
 * at which each was heard. Languages without blanks between words have a token a word, which is near enough for times.
 */

import type { HeardTokens } from '../../sherpa/model-wire.ts';
import type { Word } from '../stt-engine.ts';
import type { Heard } from '../utterance-stream.ts';

/** The mark of SentencePiece for a blank. */
const BLANK = /^[\u2581 ]/;

/** How long a token sounds after the time that it is told for, in ms: about a syllable. */
const TOKEN_MS = 120;

/**
 * What was heard, on one line and in words.
 * @param isUpperCase whether the recogniser writes capitals only, which no translation takes for words.
 * @param lengthMs of the utterance so far: no word ends after it.
 */
export function heardWords(
  { text, tokens, timesS }: HeardTokens,
  isUpperCase: boolean,
  lengthMs: number,
): Heard {
  const written = (part: string): string => (isUpperCase ? part.toLowerCase() : part);
  const line = written(text).replace(/\s+/gu, ' ').trim();
  if (timesS.length < tokens.length) {
    return { text: line, words: [] };
  }
  const starts = tokens.map((_, index) => Math.max(0, (timesS[index] ?? 0) * 1_000));
  const hasBlanks = line.includes(' ') || tokens.some((token) => BLANK.test(token));
  const words: { text: string; readonly startMs: number; endMs: number }[] = [];
  let isNew = true;
  for (const [index, token] of tokens.entries()) {
    const startMs = starts[index] ?? 0;
    isNew ||= !hasBlanks || BLANK.test(token);
    const piece = written(token.replaceAll('\u2581', ' ').trim());
    if (piece === '') {
      continue;
    }
    const last = words.at(-1);
    if (isNew || last === undefined) {
      words.push({ text: piece, startMs, endMs: startMs + TOKEN_MS });
    } else {
      last.text += piece;
      last.endMs = Math.max(last.endMs, startMs + TOKEN_MS);
    }
    isNew = false;
  }
  return { text: line, words: words.map((word, index) => within(word, words[index + 1]?.startMs, lengthMs)) };
}

/** A word ends before the next begins, and within what was said. */
function within({ text, startMs, endMs }: Word, nextMs = Number.POSITIVE_INFINITY, lengthMs: number): Word {
  const start = Math.min(startMs, Math.max(0, lengthMs - 1));
  return { text, startMs: start, endMs: Math.max(start + 1, Math.min(endMs, nextMs, lengthMs)) };
}
