/**
 * Who may use the API: a file with a line for each program or person, `name token scope,scope`. It is read again when it
 * has changed, so that a token can be taken away while calls run. Tokens are compared in constant time.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../../../base/clock.ts';
import { AppError, codeOf, messageOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { Secret } from '../../../base/secret.ts';

/**
 * `read`: what runs; `control`: that, and to change it; `captions`: what is said, where it is shared at all; `listen`: the
 * sound of calls, where that is.
 */
export const SCOPES = ['read', 'control', 'captions', 'listen'] as const;

export type Scope = (typeof SCOPES)[number];

export interface ApiToken {
  /** For the log: who asked for something. */
  readonly name: string;
  readonly token: Secret;
  readonly scopes: ReadonlySet<Scope>;
}

/** How often the file is looked at, at most, in ms. */
const LOOK_EVERY_MS = 1_000;
/** What is longer is another file. */
const MOST_BYTES = 65_536;
const NAME = /^[A-Za-z0-9._-]{1,40}$/;
const TOKEN = /^[A-Za-z0-9_.~-]{16,200}$/;
/** Rights of those who are neither the owner of a file nor of its group. */
const OTHERS = 0o007;

/** The tokens of a file. @throws AppError `bad-option` saying what is wrong and what to do; it quotes no token. */
export function readTokenFile(path: string): readonly ApiToken[] {
  let text: string;
  try {
    const stats = statSync(path);
    if ((stats.mode & OTHERS) !== 0) {
      throw new AppError(
        'bad-option',
        `everybody on this machine can read or write ${path}: chmod 640 ${path}, with dragoman's group`,
      );
    }
    // Reading a pipe would wait for ever, and calls with it.
    if (!stats.isFile() || stats.size > MOST_BYTES) {
      throw new AppError(
        'bad-option',
        `${path} is no file of tokens: it is to be a plain file of up to ${MOST_BYTES / 1_024} KiB, with a line ` +
          '"name token scope" for each who may use the API',
      );
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) {
      throw error;
    }
    throw new AppError(
      'bad-option',
      `the file ${path} cannot be read (${codeOf(error)}): write the path of a file that holds a line ` +
        '"name token scope" for each who may use the API, and that dragoman may read',
    );
  }
  const tokens = tokensIn(path, text);
  if (tokens.length === 0) {
    throw new AppError(
      'bad-option',
      `the file ${path} holds no token: write a line such as "console TOKEN read,captions" into it, ` +
        'with a token of "openssl rand -hex 16"',
    );
  }
  return tokens;
}

/**
 * The first token that may do this, for who asks a service by its own file. One that may change things may read them, too;
 * it is taken where no other may. Where none may it is the first of all: the service says what that one lacks.
 */
export function tokenFor(scope: Scope, tokens: readonly ApiToken[]): Secret | undefined {
  const own = tokens.find(({ scopes }) => scopes.has(scope));
  const reading = scope === 'read' ? tokens.find(({ scopes }) => scopes.has('control')) : undefined;
  return (own ?? reading ?? tokens[0])?.token;
}

/** `path` itself, once it is known that its tokens can be read. @throws as {@link readTokenFile}. */
export function parseTokenFile(path: string): string {
  readTokenFile(path);
  return path;
}

function tokensIn(path: string, text: string): readonly ApiToken[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#') === true) {
      return [];
    }
    const [name = '', token = '', written = '', ...more] = words;
    const scopes = written.split(',').flatMap((word) => SCOPES.find((scope) => scope === word) ?? []);
    const good = NAME.test(name) && TOKEN.test(token) && scopes.length === written.split(',').length;
    if (!good || more.length > 0) {
      throw new AppError(
        'bad-option',
        `line ${index + 1} of ${path} is not "name token scope": a name, a token of 16 to 200 letters, digits, ` +
          `"-", "_", "." or "~", and of ${SCOPES.join(', ')} what it may do, with commas`,
      );
    }
    return [{ name, token: new Secret(token), scopes: new Set(scopes) }];
  });
}

export class TokenFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #tokens: readonly ApiToken[];
  /** What the file was like when it was read. */
  #version: string;
  #lookAtMs: number;

  /** Reads the file. @throws AppError `bad-option`. */
  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#version = versionOf(path);
    this.#tokens = readTokenFile(path);
    this.#lookAtMs = clock.nowMs() + LOOK_EVERY_MS;
  }

  /** Whose token it is; undefined: nobody's. Takes as long for one wrong token as for another. */
  find(token: string): ApiToken | undefined {
    this.#look();
    const asked = digest(token);
    let found: ApiToken | undefined;
    for (const each of this.#tokens) {
      if (timingSafeEqual(asked, digest(each.token.reveal()))) {
        found = each;
      }
    }
    return found;
  }

  /** A file that cannot be read now, such as one that is being written, changes nothing. */
  #look(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#lookAtMs) {
      return;
    }
    this.#lookAtMs = nowMs + LOOK_EVERY_MS;
    const version = versionOf(this.#path);
    if (version === this.#version) {
      return;
    }
    this.#version = version;
    try {
      this.#tokens = readTokenFile(this.#path);
      this.#log.info(
        { names: this.#tokens.map(({ name }) => name) },
        'the tokens of the API were read again',
      );
    } catch (error) {
      this.#log.error(
        { reason: messageOf(error) },
        'the tokens of the API cannot be read again: those from before stay',
      );
    }
  }
}

/** Changes whenever the file does; where there is none to be seen, it is why. */
function versionOf(path: string): string {
  try {
    const { ino, mtimeMs, size, mode } = statSync(path);
    return `${ino} ${mtimeMs} ${size} ${mode}`;
  } catch (error) {
    return codeOf(error);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
