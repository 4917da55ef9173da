/**
 * Who can reach what. All of it would start, so these are warnings: AudioSocket has no login, so whoever connects
 * is part of a call, and whoever reads captions reads the conversation.
 */

import type { ServeConfig } from '../config/serve-config.ts';
import { formatHostPort, isLoopback } from '../config/values.ts';
import { type Check, type CheckItem, ok, warning } from './check-item.ts';

/** Networks that hold everyone. */
const EVERYONE = /\/0+$/;

export function checkExposure(config: ServeConfig): Check {
  return async function* () {
    yield allowItem(config);
    if (config.captions && config.http !== undefined) {
      yield isLoopback(config.http.host)
        ? ok('--captions', 'what is said can be read on this machine')
        : warning(
            '--captions',
            `whoever reaches ${formatHostPort(config.http)} reads what is said: ` +
              'write --http 127.0.0.1:3000 and put a proxy with a login before it',
          );
    }
    if (config.logPii) {
      yield warning(
        '--log-pii',
        'what is said and dialled is written into the log: leave it off but for a test',
      );
    }
  };
}

function allowItem({ listen, allow }: ServeConfig): CheckItem {
  const open = listen.filter(({ host }) => !isLoopback(host)).map(formatHostPort);
  const everyone = allow.filter((network) => EVERYONE.test(network));
  if (open.length > 0 && (allow.length === 0 || everyone.length > 0)) {
    return warning(
      '--allow',
      `whoever reaches ${open.join(' and ')} can join calls: write --allow with the address of Asterisk, ` +
        'such as --allow 192.0.2.7',
    );
  }
  return ok('--allow', allow.length === 0 ? 'only this machine can connect' : allow.join(', '));
}
