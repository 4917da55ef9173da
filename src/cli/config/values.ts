/**
 * Readers of single values as the operator writes them: addresses, networks, numbers, names. Each throws
 * `bad-option` with a sentence that says what is wrong and what to write; none knows where the text came from.
 */

import { accessSync, constants } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';
import { AppError, codeOf } from '../../base/errors.ts';
import { type Language, parseLanguage, parseLanguagePair } from '../../base/language.ts';
import { Secret } from '../../base/secret.ts';
import { parseServerUrl } from '../../base/values.ts';
import { KEY_ACTIONS, type KeyAction } from '../../call/key-commands.ts';
import { type Extension, isRoomName } from '../../call/seating/extension-seating.ts';

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

/** An address, and the languages of those who come in there, where they are written. */
export interface WrittenListen extends HostPort {
  readonly languages?: readonly Language[];
}

/** `host:port`; `host:port=from:to` when what arrives there has its own languages, `=from` when all speak one. */
export function parseListen(text: string): WrittenListen {
  const [address = '', languages, ...rest] = text.split('=');
  if (rest.length > 0) {
    throw new AppError('bad-option', `"${text}" has two "=": write host:port=from:to`);
  }
  if (languages === undefined) {
    return parseHostPort(address);
  }
  if (!languages.includes(':')) {
    return { ...parseHostPort(address), languages: [parseLanguage(languages)] };
  }
  const { first, second } = parseLanguagePair(languages);
  return { ...parseHostPort(address), languages: [first, second] };
}

/** An address, or `off`. */
export function parseHostPortOrOff(text: string): HostPort | undefined {
  return isOff(text) ? undefined : parseHostPort(text);
}

/** The address of a web server, without a user or a password, or `off`. */
export function parseUrlOrOff(text: string): string | undefined {
  return isOff(text) ? undefined : parseServerUrl(['http', 'https'], 'http://127.0.0.1:8088')(text);
}

/** Whether `text` is a word for off; YAML's own `false` arrives as that word. */
export function isOff(text: string): boolean {
  return /^(off|false|no|0)$/i.test(text);
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

/** A number of seconds as of {@link parseSeconds}, in ms; undefined where it is off. */
export function parseSecondsOrOff(lowestS: number, highestS: number): (text: string) => number | undefined {
  const parse = parseSeconds(lowestS, highestS);
  return (text) => (isOff(text) ? undefined : parse(text));
}

/** A number of days from 1 to `highestDays`; undefined where it is off. */
export function parseDaysOrOff(highestDays: number): (text: string) => number | undefined {
  return (text) => {
    if (isOff(text)) {
      return undefined;
    }
    const days = Number(text);
    if (!/^\d+$/.test(text) || days < 1 || days > highestDays) {
      throw new AppError(
        'bad-option',
        `"${text}" is no number of days: write 1 to ${highestDays}, without a unit, or off for ever`,
      );
    }
    return days;
  };
}

/** On or off, as a variable or a file says it; YAML's own booleans arrive as true and false. */
export function parseSwitch(text: string): boolean {
  if (/^(on|true|yes|1)$/i.test(text)) {
    return true;
  }
  if (isOff(text)) {
    return false;
  }
  throw new AppError('bad-option', `"${text}" is neither on nor off: write on or off`);
}

/** The name of a machine. */
export function parseHostName(text: string): string {
  if (!HOST_NAME.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no name: write one such as pbx.example.com, without a port`,
    );
  }
  return text;
}

/** The name of a node. */
export function parseNodeName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no name of a node: write up to 63 letters, digits, "-", "_" or ".", such as node-1`,
    );
  }
  return text;
}

/** The path of a file that can be read. @param holds what is in it, for the sentence. */
export function parseReadableFile(holds: string): (path: string) => string {
  return (path) => {
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      throw new AppError(
        'bad-option',
        `the file ${path} cannot be read (${codeOf(error)}): write the path of a file with ${holds} that dragoman may read`,
      );
    }
    return path;
  };
}

/** The name of a user of ARI: a section of ari.conf. */
export function parseAriUser(text: string): string {
  if (!/^[\w.@-]{1,80}$/.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no user of ARI: write the name that its section in ari.conf has`,
    );
  }
  return text;
}

/** The name of an application of `Stasis()`; a hyphen ends it in the names of what we make in Asterisk. */
export function parseAriApp(text: string): string {
  if (!/^\w{1,40}$/.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no name of an application: write letters, digits and underscores, such as dragoman or dragoman_2`,
    );
  }
  return text;
}

/** The name of a section of a configuration file of Asterisk. */
export function parseAriSection(text: string): string {
  if (!/^[\w.-]{1,40}$/.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no name of a section: write what stands in brackets in websocket_client.conf, such as dragoman`,
    );
  }
  return text;
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

const TOKEN = /^[A-Za-z0-9._~-]{16,200}$/;

/** A token that nobody guesses, of characters that every way of sending it takes. No sentence shows it. */
export function parseToken(text: string): Secret {
  if (!TOKEN.test(text)) {
    throw new AppError(
      'bad-option',
      'this is no token: take 16 to 200 letters, digits, "-", "_", "." or "~", such as those of "openssl rand -hex 16"',
    );
  }
  return new Secret(text);
}

const KEY_ROW = /^[*#][0-9*#A-D]{0,3}$/;

/** `translation=*1`: what a row of keys does, from the row. */
export function parseKeyRow(text: string): readonly [string, KeyAction] {
  const [word = '', row = '', ...rest] = text.split('=').map((part) => part.trim());
  const action = KEY_ACTIONS.find((each) => each === word);
  if (action === undefined || !KEY_ROW.test(row) || rest.length > 0) {
    throw new AppError(
      'bad-option',
      `"${text}" is no action and its keys: write one of ${KEY_ACTIONS.join(', ')}, "=", and up to four keys that begin ` +
        'with * or #, such as translation=*1',
    );
  }
  return [row, action];
}

const EXTENSION = /^[A-Za-z0-9*#+_.-]{1,40}$/;

/** `7777=en`, or `7777=en@sales` for a room. */
export function parseExtension(text: string): readonly [string, Extension] {
  const split = text.indexOf('=');
  const extension = text.slice(0, Math.max(split, 0)).trim();
  const [language = '', room, ...more] = text.slice(split + 1).split('@');
  const roomGood = room === undefined || (isRoomName(room) && more.length === 0);
  if (!EXTENSION.test(extension) || language.trim() === '' || !roomGood) {
    throw new AppError(
      'bad-option',
      `"${text}" is no extension and its language: write 7777=en, or 7777=en@sales to lead into a room`,
    );
  }
  return [extension, { language: parseLanguage(language.trim()), room }];
}

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function isHost(host: string): boolean {
  // A name of digits and dots only is a mistyped IPv4 address.
  return isIPv4(host) || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host));
}
