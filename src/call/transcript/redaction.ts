/**
 * Takes out of what is kept what must not be kept: numbers of four digits and more, however they are written or said, and
 * whatever the operator's patterns find. It is for texts; a recording still has the voice.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Reading } from '../../interpret/exactness/reading.ts';
import { saidValues } from '../../interpret/exactness/said-values.ts';
import type { Transcript, TranscriptWord } from './transcript.ts';

/** What stands in its place: it does not tell how long it was. */
export const TAKEN_OUT = '[…]';
/** The word for numbers of four digits and more. */
export const DIGITS = 'digits';

/** Four digits and more with what may stand between those of one number: card numbers come in groups. */
const LONG_NUMBER = /\p{Nd}(?:[\s\p{Cf}.,:/()'’_–-]{0,3}\p{Nd}){3,}/gu;
const LEAST_DIGITS = 4;
/** A single digit or two, said in words: some of them one after the other are one number. */
const BETWEEN_WORDS = /^[\s,.…–-]*(?:(?:and|y|et|und|e|then|uh|um|erm?|eh|em|euh|ähm?)[\s,.…]+)?$/iu;
/** "double one" is two digits, "triple one" three. */
const REPEATED = /(?<![\p{L}\p{N}])(double|doble|doppelt?|doppio|duplo|dubbel|triple|treble|triplo)[\s-]+$/iu;
const LONGEST_REPEATED = 12;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is written of it: `digits`, or a regular expression. @throws AppError `bad-option`. */
export function parseRedaction(written: string): RegExp | typeof DIGITS {
  if (written === DIGITS) {
    return DIGITS;
  }
  try {
    const pattern = new RegExp(written, 'giu');
    if (!pattern.test('')) {
      return pattern;
    }
  } catch {
    // Why is not told: the pattern may be what is to be hidden.
  }
  throw new AppError(
    'bad-option',
    `one of its patterns cannot be used: write ${DIGITS}, or a regular expression that does not fit an empty text, such as ` +
      '[A-Z]{2}[0-9]{6}',
  );
}

export class Redaction {
  readonly #digits: boolean;
  readonly #patterns: readonly RegExp[];

  constructor(rules: readonly (RegExp | typeof DIGITS)[]) {
    this.#digits = rules.includes(DIGITS);
    this.#patterns = rules.filter((rule) => rule !== DIGITS);
  }

  /** Whether anything is taken out at all. */
  get active(): boolean {
    return this.#digits || this.#patterns.length > 0;
  }

  /** @param language undefined where it is not known: numbers in words are found in none. */
  text(text: string, language: Language | undefined): string {
    let kept = '';
    let at = 0;
    for (const { start, end } of this.#ranges(text, language)) {
      kept += text.slice(at, start) + TAKEN_OUT;
      at = end;
    }
    return kept + text.slice(at);
  }

  transcript(transcript: Transcript): Transcript {
    if (!this.active) {
      return transcript;
    }
    return {
      ...transcript,
      parties: transcript.parties.map((party) => ({ ...party, name: this.text(party.name, undefined) })),
      lines: transcript.lines.map(({ words, ...line }) => ({
        ...line,
        text: this.text(line.text, line.language),
        ...(words === undefined ? {} : { words: this.#words(words, line.language) }),
        translations: line.translations.map((translation) => {
          const { language, pieces } = translation;
          const text = this.text(translation.text, language);
          // A number may stand in two pieces.
          const whole = pieces.map((piece) => piece.text).join(' ');
          const kept = this.#words(
            pieces.map((piece) => ({ text: piece.text, startMs: piece.atMs, endMs: piece.atMs })),
            language,
          );
          return {
            ...translation,
            text,
            pieces:
              this.text(whole, language) === whole
                ? pieces
                : kept.map((piece) => ({ atMs: piece.startMs, text: piece.text })),
          };
        }),
      })),
    };
  }

  /** Each word or piece without what is taken out of all of them together. */
  #words(words: readonly TranscriptWord[], language: Language): TranscriptWord[] {
    const ranges = this.#ranges(words.map(({ text }) => text).join(' '), language);
    let at = 0;
    return words.map((word) => {
      const [start, end] = [at, at + word.text.length];
      at = end + 1;
      let kept = '';
      let from = start;
      for (const range of ranges.filter((each) => each.start < end && start < each.end)) {
        kept += word.text.slice(from - start, Math.max(range.start, start) - start) + TAKEN_OUT;
        from = Math.min(range.end, end);
      }
      return { ...word, text: kept + word.text.slice(from - start) };
    });
  }

  /** In order and without overlaps. */
  #ranges(text: string, language: Language | undefined): readonly Range[] {
    const found: Range[] = this.#patterns.flatMap((pattern) => matches(text, pattern));
    if (this.#digits) {
      found.push(
        ...matches(text, LONG_NUMBER),
        ...(language === undefined ? [] : saidNumbers(text, language)),
      );
    }
    const joined: Range[] = [];
    for (const range of found.sort((one, other) => one.start - other.start)) {
      const last = joined.at(-1);
      if (last !== undefined && range.start <= last.end) {
        joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
      } else {
        joined.push(range);
      }
    }
    return joined;
  }
}

function matches(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)]
    .filter(([match]) => match !== '')
    .map(({ index, 0: match }) => ({ start: index, end: index + match.length }));
}

/** Numbers of four digits and more that are said in words, digit by digit too: "four nine, double one". */
function saidNumbers(text: string, language: Language): readonly Range[] {
  const found: Range[] = [];
  let run: (Range & { readonly digits: number }) | undefined;
  const close = (): void => {
    if (run !== undefined && run.digits >= LEAST_DIGITS) {
      found.push(run);
    }
    run = undefined;
  };
  for (const { start: at, end, readings, inDigits } of saidValues(text, language)) {
    const repeated = REPEATED.exec(text.slice(Math.max(0, at - LONGEST_REPEATED), at));
    const start = at - (repeated?.[0].length ?? 0);
    const most = Math.max(0, ...readings.map(digitsOf));
    const digits = (most + (inDigits ? 0 : singly(text.slice(at, end), language))) * timesOf(repeated?.[1]);
    if (run !== undefined && BETWEEN_WORDS.test(text.slice(run.end, start))) {
      run = { start: run.start, end, digits: run.digits + digits };
    } else {
      close();
      run = { start, end, digits };
    }
  }
  close();
  return found;
}

function timesOf(repeated: string | undefined): number {
  return repeated === undefined ? 1 : /^tr/i.test(repeated) ? 3 : 2;
}

/** Digits beyond those of the value: "five zero two zero" may be read as sums, yet digits beside each other are said singly. */
function singly(text: string, language: Language): number {
  const words = text.split(/[\s,-]+/);
  const single = words.map((word) =>
    saidValues(word, language).some(({ readings }) =>
      readings.some((reading) => reading.type === 'number' && reading.value < 10),
    ),
  );
  return single.filter((is, index) => is && single[index + 1] === true).length;
}

function digitsOf(reading: Reading): number {
  switch (reading.type) {
    case 'number':
      return String(Math.abs(reading.value)).replace(/\D/g, '').length;
    case 'code':
      return reading.digits.length;
    case 'date':
      return reading.year === undefined ? 0 : LEAST_DIGITS;
    case 'time':
      return 0;
  }
}
