/**
 * Who can reach what. All of it starts, so these are warnings: AudioSocket has no login, so whoever connects is part
 * of a call, and whoever reads captions reads the conversation.
 */

import type { ServeConfig } from './serve-config.ts';
import { formatHostPort, isLoopback } from './values.ts';

/** What is open to whom, by the flag that would close it. */
export interface Exposure {
  readonly flag: '--allow' | '--ws-token-file' | '--captions' | '--listen-in' | '--log-pii';
  readonly sentence: string;
}

/** Networks that hold everyone. */
const EVERYONE = /\/0+$/;

export function exposuresOf(
  config: Pick<
    ServeConfig,
    'listen' | 'allow' | 'ws' | 'wsToken' | 'captions' | 'listenIn' | 'http' | 'apiTokenFile' | 'logPii'
  >,
): readonly Exposure[] {
  const { listen, allow, ws, wsToken, captions, listenIn, http, apiTokenFile, logPii } = config;
  const exposures: Exposure[] = [];
  const open = listen.filter(({ host }) => !isLoopback(host)).map(formatHostPort);
  if (open.length > 0 && (allow.length === 0 || allow.some((network) => EVERYONE.test(network)))) {
    exposures.push({
      flag: '--allow',
      sentence:
        `whoever reaches ${open.join(' and ')} can join calls: write --allow with the address of Asterisk, ` +
        'such as --allow 192.0.2.7',
    });
  }
  if (ws !== undefined && wsToken === undefined && !isLoopback(ws.host)) {
    exposures.push({
      flag: '--ws-token-file',
      sentence:
        `whoever reaches ${formatHostPort(ws)} can join calls: write --ws-token-file with a file that holds a token, ` +
        'such as one of "openssl rand -hex 16"',
    });
  }
  const shared = captions ? '--captions' : listenIn === 'off' ? undefined : '--listen-in';
  const isOpen = http !== undefined && apiTokenFile !== undefined && !isLoopback(http.host);
  if (shared !== undefined && isOpen) {
    exposures.push({
      flag: shared,
      sentence:
        `what is said, and the tokens by which it is read, leave ${formatHostPort(http)} unencrypted: ` +
        'write --http 127.0.0.1:3000 and put a proxy with TLS before it',
    });
  }
  if (logPii) {
    exposures.push({
      flag: '--log-pii',
      sentence: 'what is said and dialled is written into the log: leave it off but for a test',
    });
  }
  return exposures;
}
