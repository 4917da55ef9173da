/**
 * When the words of an utterance were said, as one text: a line for each, from and to in ms since the call began, and the
 * word. One text, so that it is taken out with whatever else was said by who may not pass it on.
 */

import type { TranscriptWord } from './transcript.ts';

export function writeWordTimes(words: readonly TranscriptWord[]): string {
  return words
    .map(
      ({ text, startMs, endMs }) =>
        `${Math.round(startMs)} ${Math.round(endMs)} ${text.replaceAll('\n', ' ')}`,
    )
    .join('\n');
}

/** What {@link writeWordTimes} has written; lines that are none are left out. */
export function readWordTimes(written: string): TranscriptWord[] {
  return written.split('\n').flatMap((line) => {
    const [, startMs, endMs, text] = /^(-?\d+) (-?\d+) (.+)$/.exec(line) ?? [];
    return text === undefined ? [] : [{ text, startMs: Number(startMs), endMs: Number(endMs) }];
  });
}
