/** Where the broker is, and by what it lets us in, as the operator writes it. */

import { AppError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';

/** The servers of one NATS, of which any will do. */
export interface NatsAddress {
  /** `host:port`, at least one. */
  readonly servers: readonly string[];
  /** Whether they are only spoken to over TLS. */
  readonly tls: boolean;
}

/** By what a broker knows us. `creds`: the file that nsc makes, with a token of a user and the key to sign with. */
export type NatsCredentials =
  | { readonly type: 'creds'; readonly creds: Secret }
  | { readonly type: 'password'; readonly user: string; readonly password: Secret }
  | { readonly type: 'token'; readonly token: Secret };

const EXAMPLE = 'nats://10.0.0.5:4222,nats://10.0.0.6:4222';

/** `nats://host:4222[,…]`, or `tls://` for all of them. What is written is not quoted: it may hold a password. */
export function parseNatsAddress(text: string): NatsAddress {
  const servers = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(serverOf);
  const schemes = new Set(servers.map(({ scheme }) => scheme));
  if (servers.length === 0 || schemes.size > 1) {
    throw new AppError(
      'bad-option',
      `it has to be one or several servers of one NATS, all with nats:// or all with tls://: write ${EXAMPLE}`,
    );
  }
  return { servers: servers.map(({ address }) => address), tls: schemes.has('tls:') };
}

function serverOf(text: string): { readonly scheme: string; readonly address: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(nats|tls):\/\//i.test(text) || url.hostname === '') {
    throw new AppError(
      'bad-option',
      `it is no address of a NATS server: write ${EXAMPLE}, or tls:// in place of nats://`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError(
      'bad-option',
      'it holds a user or a password, which others would see: write them into a file, and --cluster-credentials-file with its path',
    );
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    throw new AppError('bad-option', `it holds more than an address: write ${EXAMPLE}`);
  }
  return {
    scheme: url.protocol.toLowerCase(),
    address: `${url.hostname}:${url.port === '' ? 4_222 : url.port}`,
  };
}

/** What the file of credentials holds: what nsc has made, `user:password`, or a token alone. */
export function parseNatsCredentials(text: string): NatsCredentials {
  if (text.includes('BEGIN NATS USER JWT')) {
    return { type: 'creds', creds: new Secret(text) };
  }
  if (/\s/.test(text)) {
    throw new AppError(
      'bad-option',
      'this holds no credentials of NATS: write a file as nsc makes it (.creds), or one line user:password, or a token',
    );
  }
  const split = text.indexOf(':');
  return split < 0
    ? { type: 'token', token: new Secret(text) }
    : { type: 'password', user: text.slice(0, split), password: new Secret(text.slice(split + 1)) };
}
