/**
 * Readers of single values as the operator writes them: addresses, networks, numbers, names. Each throws
 * `bad-option` with a sentence that says what is wrong and what to write; none knows where the text came from.
 */

import { isIP, isIPv4 } from 'node:net';
import { AppError } from '../../base/errors.ts';
import { type Language, type LanguagePair, parseLanguage, parseLanguagePair } from '../../base/language.ts';

/** A TCP address; an IPv6 host has no brackets here. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
const ENGINE_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** Port 0 asks the machine for any free port. */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const [, bracketed, plain, digits] = match ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  const hostGood = bracketed === undefined ? isHost(host) : isIP(bracketed) === 6;
  if (match === null || !hostGood || port > 65_535) {
    throw new AppError(
      'bad-option',
      `"${text}" is not an address: write host:port, such as 127.0.0.1:5050 or [::1]:5050, ` +
        'or 0.0.0.0:5050 for every address of this machine',
    );
  }
  return { host, port };
}

/** `host:port`, or `host:port=from:to` when what arrives there has its own languages. */
export function parseListen(text: string): HostPort & { readonly pair?: LanguagePair } {
  const [address = '', pair, ...rest] = text.split('=');
  if (rest.length > 0) {
    throw new AppError('bad-option', `"${text}" has two "=": write host:port=from:to`);
  }
  return pair === undefined
    ? parseHostPort(address)
    : { ...parseHostPort(address), pair: parseLanguagePair(pair) };
}

/** An address, or `off`. */
export function parseHostPortOrOff(text: string): HostPort | undefined {
  return text === 'off' ? undefined : parseHostPort(text);
}

/** How an address is written: the opposite of {@link parseHostPort}. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An IPv4 or IPv6 address, or a network such as 10.0.0.0/8. */
export function parseNetwork(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const prefixGood = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (family === 0 || !prefixGood || rest.length > 0) {
    throw new AppError(
      'bad-option',
      `"${text}" is no address and no network: write one such as 192.0.2.7, 10.0.0.0/8 or fd00::/8`,
    );
  }
  return text;
}

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

/** A number of seconds, fractions allowed, between `lowestS` and `highestS`; the result is in ms. */
export function parseSeconds(lowestS: number, highestS: number): (text: string) => number {
  return (text) => {
    const seconds = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || seconds < lowestS || seconds > highestS) {
      throw new AppError(
        'bad-option',
        `"${text}" is out of range: write a number of seconds from ${lowestS} to ${highestS}, without a unit`,
      );
    }
    return Math.round(seconds * 1_000);
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

/** On or off, as a variable or a file says it; YAML's own booleans arrive as true and false. */
export function parseSwitch(text: string): boolean {
  switch (text.toLowerCase()) {
    case 'on':
    case 'true':
    case 'yes':
    case '1':
      return true;
    case 'off':
    case 'false':
    case 'no':
    case '0':
      return false;
    default:
      throw new AppError('bad-option', `"${text}" is neither on nor off: write on or off`);
  }
}

/** The name of an engine; whether there is such an engine is the registry's to say. */
export function parseEngineName(text: string): string {
  if (!ENGINE_NAME.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no name of an engine: write names such as espeak-ng, with commas between them`,
    );
  }
  return text;
}

/** `language=value`; the value may hold "=" itself. */
export function parseByLanguage(example: string): (text: string) => readonly [Language, string] {
  return (text) => {
    const split = text.indexOf('=');
    const value = text.slice(split + 1).trim();
    if (split < 1 || value === '') {
      throw new AppError('bad-option', `"${text}" lacks a language or a value: write ${example}`);
    }
    return [parseLanguage(text.slice(0, split)), value];
  };
}

/** `first:second=value`, for what is said in the first language and heard in the second; the value may hold "=" itself. */
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

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function isHost(host: string): boolean {
  // A name of digits and dots only is a mistyped IPv4 address.
  return isIPv4(host) || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host));
}
