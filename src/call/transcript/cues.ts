/**
 * The captions of a transcript in one language: what was said in it when it was said, and what was translated into it
 * when it was heard, in pieces short enough to be read.
 */

import type { Language } from '../../base/language.ts';
import type { Transcript, TranscriptLine, TranscriptMark, TranscriptTranslation } from './transcript.ts';

export interface Cue {
  readonly party: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly marks: readonly TranscriptMark[];
  /** Whether it was said in another language. */
  readonly translated: boolean;
}

/** Two lines of a screen. */
const MOST_CHARACTERS = 84;
/** What was heard to an end that is not known is read in so many ms a character. */
const READING_MS = 60;
const SHORTEST_MS = 800;

/** In the order in which they begin. */
export function cuesIn({ lines }: Transcript, language: Language): readonly Cue[] {
  return lines
    .flatMap((line) => [
      ...(line.language === language
        ? pieces({ ...line, party: line.party, translated: false }, line.endMs)
        : []),
      ...line.translations
        .filter((translation) => translation.language === language)
        .flatMap((translation) => translatedCues(line, translation)),
    ])
    .sort((one, other) => one.startMs - other.startMs);
}

/** Each piece when it was heard, where the marks of the whole are not lost by that; else the whole. */
function translatedCues(
  { party, startMs: saidMs }: TranscriptLine,
  { text, marks, pieces: heard, startMs = saidMs, endMs }: TranscriptTranslation,
): readonly Cue[] {
  const found: (Omit<Cue, 'endMs'> & { readonly endMs: number | undefined })[] = [];
  let from = 0;
  for (const [index, piece] of heard.entries()) {
    const at = text.indexOf(piece.text, from);
    if (at < 0) {
      return pieces({ party, startMs, text, marks, translated: true }, endMs);
    }
    from = at + piece.text.length;
    found.push({
      ...{ party, startMs: piece.atMs, text: piece.text, translated: true },
      endMs: heard[index + 1]?.atMs ?? endMs,
      marks: within(marks, at, from),
    });
  }
  return found.length === 0
    ? pieces({ party, startMs, text, marks, translated: true }, endMs)
    : found.flatMap(({ endMs: until, ...cue }) => pieces(cue, until));
}

/** A text in parts that can be read; each has the share of the time that it has of the characters. */
function pieces(
  { party, startMs, text, marks, translated }: Omit<Cue, 'endMs'>,
  until: number | undefined,
): Cue[] {
  const endMs = Math.max(until ?? startMs + text.length * READING_MS, startMs + SHORTEST_MS);
  const msPerCharacter = (endMs - startMs) / Math.max(1, text.length);
  const cues: Cue[] = [];
  let at = 0;
  while (at < text.length) {
    const end = endOfPart(text, at);
    const part = text.slice(at, end);
    const blank = part.length - part.trimStart().length;
    const words = part.trim();
    if (words !== '') {
      cues.push({
        ...{ party, translated, text: words },
        startMs: Math.round(startMs + at * msPerCharacter),
        endMs: Math.round(startMs + end * msPerCharacter),
        marks: within(marks, at + blank, at + blank + words.length),
      });
    }
    at = end;
  }
  return cues;
}

/** Behind a mark where there is one, else between words, else wherever it must be. */
function endOfPart(text: string, from: number): number {
  if (text.length - from <= MOST_CHARACTERS) {
    return text.length;
  }
  const part = text.slice(from, from + MOST_CHARACTERS);
  const mark = Math.max(
    ...[...part.matchAll(/[\p{Sentence_Terminal},;:،、，](?=\s|$)|[。！？、，]/gu)].map(({ index }) => index),
    -1,
  );
  if (mark >= MOST_CHARACTERS / 3) {
    return from + mark + 1;
  }
  const space = part.lastIndexOf(' ');
  const last = part.charCodeAt(part.length - 1);
  const whole = last >= 0xd800 && last < 0xdc00 ? part.length - 1 : part.length;
  return from + (space > 0 ? space : whole);
}

/** The marks between two places, counted from the first. */
function within(marks: readonly TranscriptMark[], start: number, end: number): TranscriptMark[] {
  return marks
    .filter((mark) => mark.start >= start && mark.end <= end)
    .map(({ kind, ...mark }) => ({ kind, start: mark.start - start, end: mark.end - start }));
}
