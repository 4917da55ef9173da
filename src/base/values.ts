/**
 * Values as the operator writes them, read for settings and for providers alike. What is wrong is a sentence that says
 * how to write it.
 */

import { AppError } from './errors.ts';
import { parseLanguagePair } from './language.ts';

/** A whole number between `lowest` and `highest`. */
export function parseCount(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < lowest || count > highest) {
      throw new AppError(
        'bad-option',
        `"${text}" is out of range: write a whole number from ${lowest} to ${highest}`,
      );
    }
    return count;
  };
}

/** A list with commas, at least one entry. */
export function parseList<Value>(parse: (text: string) => Value): (text: string) => readonly Value[] {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim());
    const entries = parts.filter((part) => part !== '');
    if (entries.length === 0) {
      throw new AppError('bad-option', 'there is nothing between the commas: write at least one value');
    }
    return entries.map(parse);
  };
}

/**
 * The address of a provider's server with one of `schemes`, as it is written. It is never quoted: what is wrong with it
 * may be that it holds a key.
 */
export function parseServerUrl(schemes: readonly string[], example: string): (text: string) => string {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    // `http:host` would be understood, too; what is meant by it is not certain.
    if (url === undefined || !schemes.some((scheme) => text.toLowerCase().startsWith(`${scheme}://`))) {
      throw new AppError(
        'bad-option',
        `it is no address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}: write one such as ${example}`,
      );
    }
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      throw new AppError(
        'bad-option',
        `it holds more than an address (a user, a password, something after ? or #): write only ${example}, and a key into its own variable`,
      );
    }
    return text;
  };
}

/**
 * `first:second=value`, for what is said in the first language and heard in the second; the value may hold "="
 * itself.
 */
export function parseByDirection(example: string): (text: string) => readonly [string, string] {
  return (text) => {
    const split = text.indexOf('=');
    const value = text.slice(split + 1).trim();
    if (split < 1 || value === '') {
      throw new AppError('bad-option', `"${text}" lacks two languages or a value: write ${example}`);
    }
    const { first, second } = parseLanguagePair(text.slice(0, split));
    return [`${first}:${second}`, value];
  };
}
