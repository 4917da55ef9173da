/**
 * What the operator expects to be said in a call that we make, and whether the captions say it. Words are compared, not
 * writing: capitals, punctuation and accents do not count, since recognition and translation change their mind about
 * them.
 */

import { AppError } from '../base/errors.ts';

export interface Expectation {
  /** By name: what it is understood to say or hears; undefined: anybody. */
  readonly party: string | undefined;
  readonly text: string;
}

/** What was said in one language, by one speaker, to the parties that hear it, or understood of what a party said. */
export interface CaptionLine {
  /** Names of those who say it or hear it. */
  readonly parties: readonly string[];
  /** Of one speaker and one language, one after the other. */
  readonly texts: readonly string[];
}

/** Letters that are written without blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** `text`, or `party=text`; quotes around the text are taken off. @throws AppError `bad-option`. */
export function parseExpectation(written: string, names: readonly string[]): Expectation {
  const [, party, rest = ''] = /^(?:([a-z])\s*=)?(.*)$/s.exec(written.trim()) ?? [];
  const text = rest.trim().replace(/^(["'])(.*)\1$/s, '$2');
  if (comparable(text) === '') {
    throw new AppError(
      'bad-option',
      `--expect ${written} has no words: write --expect "buenos días", or --expect b="buenos días"`,
    );
  }
  if (party !== undefined && !names.includes(party)) {
    throw new AppError(
      'bad-option',
      `--expect ${written}: there is no party ${party} in this call: write one of ${names.join(', ')}`,
    );
  }
  return { party, text };
}

/** Those of `expectations` that no line holds. */
export function unmetOf(
  expectations: readonly Expectation[],
  lines: readonly CaptionLine[],
): readonly Expectation[] {
  const said = lines.map(({ parties, texts }) => ({ parties, words: comparable(texts.join(' ')) }));
  return expectations.filter(({ party, text }) => {
    const wanted = comparable(text);
    return !said.some(
      ({ parties, words }) => (party === undefined || parties.includes(party)) && words.includes(wanted),
    );
  });
}

/** `b="buenos días"`, as the operator may write it. */
export function formatExpectation({ party, text }: Expectation): string {
  return `${party === undefined ? '' : `${party}=`}"${text}"`;
}

/**
 * The words with a blank on each side, so that one is found as a whole word only; empty without words. Each letter of a
 * script that is written without blanks stands for a word.
 */
function comparable(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(UNSPACED, ' $& ')
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
  return words.length === 0 ? '' : ` ${words.join(' ')} `;
}
