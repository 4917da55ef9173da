/**
 * A transcript for people, as plain text: who spoke when, and each language in a column of its own. What was said stands
 * without a mark, what a machine made of it has a "~" before it.
 */

import type { Language } from '../../base/language.ts';
import { languagesIn, speakerOf, type Transcript, type TranscriptLine } from './transcript.ts';

const LINE_CHARACTERS = 120;
const LEAST_COLUMN = 24;
const BETWEEN = ' | ';
const TRANSLATED = '~ ';

export function sideBySide(transcript: Transcript): string {
  const languages = languagesIn(transcript);
  const width = Math.max(
    LEAST_COLUMN,
    Math.floor((LINE_CHARACTERS - BETWEEN.length * (languages.length - 1)) / Math.max(1, languages.length)),
  );
  const row = (cells: readonly string[]): string => {
    const wrapped = cells.map((cell) => wrap(cell, width));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, index) =>
      wrapped
        .map((lines) => padded(lines[index] ?? '', width))
        .join(BETWEEN)
        .trimEnd(),
    ).join('\n');
  };
  return [
    `Call ${transcript.call}, ${transcript.startedAt}`,
    ...(transcript.missed === 0 ? [] : [`The first ${transcript.missed} lines are kept no more.`]),
    '',
    row(languages),
    languages.map(() => '-'.repeat(width)).join('-+-'),
    ...transcript.lines.flatMap((line) => [
      `[${moment(line.startMs)}] ${speakerOf(transcript, line.party)}`,
      row(languages.map((language) => cellOf(line, language))),
      '',
    ]),
  ].join('\n');
}

function cellOf(line: TranscriptLine, language: Language): string {
  if (line.language === language) {
    return line.text;
  }
  const text = line.translations.find((translation) => translation.language === language)?.text ?? '';
  return text === '' ? '' : TRANSLATED + text;
}

function moment(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Breaks between words; what has none, such as Chinese, wherever a line is full. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((each) => cutUp(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function cutUp(word: string, width: number): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (widthOf(part + character) > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** In columns of a terminal: East Asian characters take two, marks on letters none. */
function widthOf(text: string): number {
  const wide = text.match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}，。、！？]/gu,
  );
  const none = text.match(/\p{M}/gu);
  return [...text].length + (wide?.length ?? 0) - (none?.length ?? 0);
}
