/** What `dragoman endpoints` is asked, and how that is read. */

import { readFile, stat } from 'node:fs/promises';
import { AppError, codeOf } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { EndpointChange, EndpointWish } from '../../server/endpoints/endpoint.ts';
import type { WrittenAddress } from '../status-address.ts';

export const ENDPOINT_ACTIONS = ['add', 'list', 'show', 'update', 'remove', 'certificate'] as const;

export type EndpointAction = (typeof ENDPOINT_ACTIONS)[number];

export interface EndpointOptions extends WrittenAddress {
  readonly language?: string;
  /** False: that of the language. */
  readonly voice?: string | false;
  readonly context?: string;
  readonly codecs?: string;
  readonly tls?: boolean;
  readonly transport?: string;
  readonly passwordFile?: string;
  readonly newPassword?: boolean;
  readonly realm: string;
  readonly whenIdle?: boolean;
  readonly overwrite?: boolean;
  readonly file: string;
  readonly asterisk: string;
  /** False: Asterisk is neither asked nor told. */
  readonly reload: boolean;
  readonly service?: boolean;
  readonly json?: boolean;
  readonly host?: string;
  readonly bind: string;
  readonly days: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly seenIn?: string;
}

/** Rights of those who are neither the owner of a file nor of its group. */
const OTHERS = 0o007;

/** @throws AppError `bad-option` where none is written. */
export function nameAmong(words: readonly string[]): string {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) {
    throw new AppError(
      'bad-option',
      'which phone is not written: write its name, such as alice, and nothing else',
    );
  }
  return name;
}

/** @throws AppError `bad-option` */
export function wishIn(name: string, options: EndpointOptions): EndpointWish {
  const { language, voice, context, codecs, tls, transport } = options;
  if (language === undefined) {
    throw new AppError(
      'bad-option',
      `what is spoken at ${name} is not written: dragoman endpoints add ${name} --language en`,
    );
  }
  return {
    ...{ name, language },
    ...(typeof voice === 'string' ? { voice } : {}),
    ...(context === undefined ? {} : { context }),
    ...(codecs === undefined ? {} : { codecs: listIn(codecs) }),
    ...(tls === undefined ? {} : { encrypted: tls }),
    ...(transport === undefined ? {} : { transport }),
  };
}

export function changeIn(options: EndpointOptions): EndpointChange {
  const { language, voice, context, codecs, tls, transport } = options;
  return {
    ...(language === undefined ? {} : { language }),
    ...(voice === undefined ? {} : { voice: voice === false ? null : voice }),
    ...(context === undefined ? {} : { context }),
    ...(codecs === undefined ? {} : { codecs: listIn(codecs) }),
    ...(tls === undefined ? {} : { encrypted: tls }),
    ...(transport === undefined ? {} : { transport }),
  };
}

/**
 * The password in a file, which may be a pipe; it is no flag, because everybody on a machine sees those of all processes.
 * @throws AppError `bad-option`, `file-unreadable`
 */
export async function passwordIn(path: string): Promise<Secret> {
  let text: string;
  try {
    const stats = await stat(path);
    if (stats.isFile() && (stats.mode & OTHERS) !== 0) {
      throw new AppError('bad-option', `everybody on this machine can read ${path}: chmod 600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw error instanceof AppError
      ? error
      : new AppError(
          'file-unreadable',
          `the password cannot be read in ${path} (${codeOf(error)}): write the path of a file that holds it, or /dev/stdin`,
        );
  }
  return new Secret(text.replace(/\r?\n$/, ''));
}

function listIn(written: string): readonly string[] {
  return written
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
