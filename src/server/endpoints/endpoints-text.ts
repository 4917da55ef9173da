/**
 * The file of PJSIP configuration that holds the phones, as a text: pure. It has blocks that are ours, each between two
 * comments, and what an operator wrote between them, which stays as it is. The comment that ends a block has a digest of
 * it, so a block that somebody changed by hand is known, and not written over unasked.
 */

import { createHash } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import type { Endpoint } from './endpoint.ts';

/** What a block of ours is for. */
type BlockKind = 'endpoint' | 'transport';

export interface Block {
  readonly type: BlockKind;
  readonly name: string;
  /** What stands between the two comments, ending with a line's end. */
  readonly text: string;
  /** Of what we wrote there; that of an edited one stays, so that it is known as such for ever. */
  readonly digest: string;
}

export type Piece = { readonly type: 'hand'; readonly text: string } | Block;

/** What Asterisk checks a phone's password by. */
export interface Credential {
  readonly realm: string;
  /** MD5 of user, realm and password, as 32 hexadecimal digits. */
  readonly md5: string;
}

export interface TlsTransport {
  readonly name: string;
  /** host:port. */
  readonly bind: string;
  /** Paths as Asterisk sees them. */
  readonly certificate: string;
  readonly key: string;
}

/** What a new file begins with. */
export const FILE_HEAD =
  '; Phones, written by "dragoman endpoints". What stands between the comments >>> and <<< is written by it; what you\n' +
  '; write elsewhere in this file stays as it is. Included at the end of pjsip.conf: #tryinclude dragoman/endpoints.conf\n';

const VERSION = '@dragoman_version';
const BEGIN = /^; >>> dragoman (endpoint|transport) ([A-Za-z0-9_-]+)$/;
const END = /^; <<< dragoman (endpoint|transport) ([A-Za-z0-9_-]+) ([0-9a-f]{16})$/;
const MARKED = /^;\s*(?:>>>|<<<)\s*dragoman\b/;

/** The pieces of a file, which together are the file again. @throws AppError `file-unreadable` where its comments do not fit. */
export function parseEndpoints(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let hand: string[] = [];
  let block: { readonly type: BlockKind; readonly name: string; readonly lines: string[] } | undefined;
  const endHand = (): void => {
    if (hand.length > 0) {
      pieces.push({ type: 'hand', text: linesText(hand) });
      hand = [];
    }
  };
  const lines = text.split('\n');
  if (lines.at(-1) === '') {
    lines.pop();
  }
  for (const [index, line] of lines.entries()) {
    const end = END.exec(line);
    const begin = BEGIN.exec(line);
    if (block !== undefined && end !== null && end[1] === block.type && end[2] === block.name) {
      const { type, name } = block;
      pieces.push({ type, name, text: linesText(block.lines), digest: end[3] ?? '' });
      block = undefined;
    } else if (block === undefined && begin !== null) {
      endHand();
      block = { type: kindOf(begin[1]), name: begin[2] ?? '', lines: [] };
    } else if (MARKED.test(line)) {
      throw damaged(index + 1);
    } else {
      (block?.lines ?? hand).push(line);
    }
  }
  if (block !== undefined) {
    throw damaged(lines.length);
  }
  endHand();
  return pieces;
}

/** The file that has these pieces. */
export function formatEndpoints(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) =>
      piece.type === 'hand'
        ? piece.text
        : `; >>> dragoman ${piece.type} ${piece.name}\n${piece.text}` +
          `; <<< dragoman ${piece.type} ${piece.name} ${piece.digest}\n`,
    )
    .join('');
}

/** A block for a phone. */
export function endpointBlock(endpoint: Endpoint, { realm, md5 }: Credential): Block {
  const { name, language, voice, context, codecs, encrypted, transport } = endpoint;
  const rows = [
    `[${name}]`,
    'type = endpoint',
    `context = ${context}`,
    `allow = !all,${codecs.join(',')}`,
    'dtmf_mode = rfc4733',
    // The voices must pass through Asterisk, or there is nothing to translate.
    'direct_media = no',
    ...(transport === undefined ? [] : [`transport = ${transport}`]),
    // Asterisk reaches a phone by the connection that the phone has opened: nobody else could open it.
    ...(encrypted
      ? ['media_encryption = sdes', 'media_encryption_optimistic = no', 'rewrite_contact = yes']
      : []),
    `aors = ${name}`,
    `auth = ${name}`,
    `set_var = DRAGOMAN_LANG=${language}`,
    ...(voice === undefined ? [] : [`set_var = DRAGOMAN_VOICE=${voice}`]),
    // The dialplan reads of who is called what it cannot read of a channel that is not there yet.
    `@dragoman_lang = ${language}`,
    // An empty one keeps Asterisk from warning of each call.
    `@dragoman_voice = ${voice ?? ''}`.trimEnd(),
  ];
  const more = [
    `[${name}]`,
    'type = aor',
    'max_contacts = 1',
    'remove_existing = yes',
    `[${name}]`,
    'type = auth',
    'auth_type = md5',
    `username = ${name}`,
    `realm = ${realm}`,
    `md5_cred = ${md5}`,
  ];
  const version = digestOf(linesText([...rows, ...more]));
  return blockOf('endpoint', name, [...rows, `${VERSION} = ${version}`, ...more]);
}

export function transportBlock({ name, bind, certificate, key }: TlsTransport): Block {
  const rows = [
    `[${name}]`,
    'type = transport',
    'protocol = tls',
    `bind = ${bind}`,
    `cert_file = ${certificate}`,
    `priv_key_file = ${key}`,
    'method = tlsv1_2',
  ];
  return blockOf('transport', name, rows);
}

/** What a block says of its phone, as far as that can be read where somebody has changed it. */
export function endpointIn(
  name: string,
  text: string,
): { readonly endpoint: Endpoint; readonly credential: Credential } {
  const rows = text.split('\n').map((line) => {
    const at = line.indexOf('=');
    return [
      line.slice(0, at).trim(),
      line
        .slice(at + 1)
        .replace(/^>/, '')
        .trim(),
    ] as const;
  });
  const value = (key: string): string | undefined => rows.find(([found]) => found === key)?.[1];
  const variable = (key: string): string | undefined =>
    rows.find(([found, set]) => found === 'set_var' && set.startsWith(`${key}=`))?.[1].slice(key.length + 1);
  const allowed = (value('allow') ?? '').split(',').filter((codec) => codec !== '!all' && codec !== '');
  return {
    endpoint: {
      name,
      language: variable('DRAGOMAN_LANG') ?? '',
      voice: variable('DRAGOMAN_VOICE'),
      context: value('context') ?? '',
      codecs: allowed,
      encrypted: value('media_encryption') === 'sdes',
      transport: value('transport'),
    },
    credential: { realm: value('realm') ?? '', md5: value('md5_cred') ?? '' },
  };
}

/** The version by which Asterisk knows a block, once it has taken it. */
export function versionIn(text: string): string {
  return new RegExp(`^${VERSION} = (.*)$`, 'm').exec(text)?.[1] ?? '';
}

/** The names of the sections that an operator has written into the file. */
export function handWritten(pieces: readonly Piece[]): ReadonlySet<string> {
  return new Set(
    pieces.flatMap((piece) =>
      piece.type === 'hand'
        ? [...piece.text.matchAll(/^\s*\[([^\]]+)\]/gm)].map(([, name = '']) => name)
        : [],
    ),
  );
}

/** Whether somebody has changed a block by hand. */
export function isEdited({ text, digest }: Block): boolean {
  return digestOf(text) !== digest;
}

function blockOf(type: BlockKind, name: string, rows: readonly string[]): Block {
  const text = linesText(rows);
  return { type, name, text, digest: digestOf(text) };
}

function kindOf(word: string | undefined): BlockKind {
  return word === 'transport' ? 'transport' : 'endpoint';
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** It tells that something was changed, and keeps nobody from changing it. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function damaged(line: number): AppError {
  return new AppError(
    'file-unreadable',
    `the file of the phones is damaged at line ${line}: each "; >>> dragoman endpoint NAME" needs a "; <<< dragoman endpoint ` +
      'NAME" with its digest behind it; mend it by hand, or take both comments away, and what stands between them is yours',
  );
}
