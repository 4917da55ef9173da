/**
 * Takes out of what is kept what must not be kept: numbers of four digits and more, however they are written or said, and
 * whatever the operator's patterns find. It is for texts; a recording still has the voice.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import { longNumbers, matches, type Range } from './long-numbers.ts';
import type { Transcript, TranscriptLine, TranscriptWord } from './transcript.ts';

/** What stands in its place: it does not tell how long it was. */
export const TAKEN_OUT = '[…]';
/** The word for numbers of four digits and more. */
export const DIGITS = 'digits';

/** What the same party said just before and after, which may be of the same number. */
interface Around {
  readonly before: string;
  readonly after: string;
}

const NOTHING: Around = { before: '', after: '' };
/** So many lines of a party are looked at on both sides, as far as they are no farther apart than this in ms. */
const LINES_AROUND = 3;
const APART_MS = 15_000;
/** So much of them, in characters: a number, and what may be said in its midst. */
const CHARACTERS_AROUND = 80;

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
    return this.#text(text, language, NOTHING);
  }

  transcript(transcript: Transcript): Transcript {
    if (!this.active) {
      return transcript;
    }
    return {
      ...transcript,
      parties: transcript.parties.map((party) => ({ ...party, name: this.text(party.name, undefined) })),
      lines: transcript.lines.map((_, index) => this.line(transcript.lines, index)),
    };
  }

  /** One line of a transcript: a number may have been begun in the lines of its party before it, or go on in those after. */
  line(lines: readonly TranscriptLine[], index: number): TranscriptLine {
    const whole = lines[index];
    if (whole === undefined) {
      throw new RangeError(`there is no line ${index} of ${lines.length}`);
    }
    if (!this.active) {
      return whole;
    }
    const { words, ...line } = whole;
    const around = neighbours(lines, index, ({ text }) => text);
    return {
      ...line,
      text: this.#text(line.text, line.language, around),
      ...(words === undefined ? {} : { words: this.#words(words, line.language, around) }),
      translations: line.translations.map((translation) => {
        const { language, pieces } = translation;
        const said = neighbours(
          lines,
          index,
          ({ translations }) => translations.find((each) => each.language === language)?.text ?? '',
        );
        // A number may stand in two pieces.
        const joined = pieces.map((piece) => piece.text).join(' ');
        const kept = this.#words(
          pieces.map((piece) => ({ text: piece.text, startMs: piece.atMs, endMs: piece.atMs })),
          language,
          said,
        );
        return {
          ...translation,
          text: this.#text(translation.text, language, said),
          pieces:
            this.#text(joined, language, said) === joined
              ? pieces
              : kept.map((piece) => ({ atMs: piece.startMs, text: piece.text })),
        };
      }),
    };
  }

  #text(text: string, language: Language | undefined, around: Around): string {
    let kept = '';
    let at = 0;
    for (const { start, end } of this.#ranges(text, language, around)) {
      kept += text.slice(at, start) + TAKEN_OUT;
      at = end;
    }
    return kept + text.slice(at);
  }

  /** Each word or piece without what is taken out of all of them together. */
  #words(words: readonly TranscriptWord[], language: Language, around: Around): TranscriptWord[] {
    const ranges = this.#ranges(words.map(({ text }) => text).join(' '), language, around);
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

  /** In order and without overlaps; of what is around it, what reaches into it. */
  #ranges(text: string, language: Language | undefined, { before, after }: Around): readonly Range[] {
    const from = before === '' ? 0 : before.length + 1;
    const whole = `${before}${before === '' ? '' : ' '}${text}${after === '' ? '' : ' '}${after}`;
    const found: Range[] = this.#patterns.flatMap((pattern) => matches(whole, pattern));
    if (this.#digits) {
      found.push(...longNumbers(whole, language));
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
    return joined
      .map(({ start, end }) => ({
        start: Math.max(0, start - from),
        end: Math.min(text.length, end - from),
      }))
      .filter(({ start, end }) => start < end);
  }
}

/** What the party of a line said just before and after it, of which `textOf` is looked at. */
function neighbours(
  lines: readonly TranscriptLine[],
  index: number,
  textOf: (line: TranscriptLine) => string,
): Around {
  return {
    before: tail(near(lines, index, -1).toReversed().map(textOf).join(' ')),
    after: head(near(lines, index, 1).map(textOf).join(' ')),
  };
}

/** The lines of the same party in one direction, the nearest first. */
function near(lines: readonly TranscriptLine[], index: number, step: 1 | -1): readonly TranscriptLine[] {
  const found: TranscriptLine[] = [];
  let last = lines[index];
  for (let at = index + step; found.length < LINES_AROUND && last !== undefined; at += step) {
    const line = lines[at];
    if (line === undefined) {
      break;
    }
    if (line.party === last.party) {
      const apartMs = step === 1 ? line.startMs - last.endMs : last.startMs - line.endMs;
      if (apartMs > APART_MS) {
        break;
      }
      found.push(line);
      last = line;
    }
  }
  return found;
}

/** Whole words from the end of a text. */
function tail(text: string): string {
  return text.length <= CHARACTERS_AROUND ? text : text.slice(-CHARACTERS_AROUND).replace(/^\S*\s+/, '');
}

/** Whole words from its beginning. */
function head(text: string): string {
  return text.length <= CHARACTERS_AROUND ? text : text.slice(0, CHARACTERS_AROUND).replace(/\s+\S*$/, '');
}
