/**
 * Terms that have one agreed translation: names, products, words of the trade. A glossary is for one direction.
 */

import { AppError } from '../../base/errors.ts';

/** Part of a text that must come out in one way. */
export interface Spot {
  /** Where it stands in the source text. */
  readonly start: number;
  readonly end: number;
  /** What must be in the translation. */
  readonly spoken: string;
}

export class Glossary {
  /** Source terms and their translations. */
  readonly terms: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;
  readonly #byKey: ReadonlyMap<string, string>;

  constructor(terms: ReadonlyMap<string, string>) {
    this.terms = terms;
    this.#byKey = new Map([...terms].map(([source, target]) => [keyOf(source), target]));
    // The longest first, so that "credit card number" is not taken for "credit card".
    const sources = [...terms.keys()].sort((a, b) => b.length - a.length).map(escapeForRegExp);
    this.#pattern =
      sources.length === 0
        ? undefined
        : new RegExp(`(?<![\\p{L}\\p{N}])(?:${sources.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  }

  /** The terms that `text` holds, in order. */
  spots(text: string): readonly Spot[] {
    return this.#pattern === undefined
      ? []
      : [...text.matchAll(this.#pattern)].map((match) => ({
          start: match.index,
          end: match.index + match[0].length,
          spoken: this.#byKey.get(keyOf(match[0])) ?? match[0],
        }));
  }
}

export const EMPTY_GLOSSARY = new Glossary(new Map());

/**
 * Reads a glossary as it is written: a term a line, `source = translation`; empty lines and lines that begin with # are
 * left out.
 * @throws AppError `bad-option` naming the line.
 */
export function parseGlossary(text: string): Glossary {
  const terms = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const written = line.trim();
    if (written !== '' && !written.startsWith('#')) {
      const [source = '', target = '', ...more] = written.split('=').map((part) => part.trim());
      if (source === '' || target === '' || more.length > 0) {
        throw new AppError('bad-option', `line ${index + 1} is no term: write "source = translation"`);
      }
      terms.set(source, target);
    }
  }
  return new Glossary(terms);
}

/** A term as it is looked up, whatever its capitals and spaces. */
function keyOf(term: string): string {
  return term.toLowerCase().replace(/\s+/g, ' ');
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
}
