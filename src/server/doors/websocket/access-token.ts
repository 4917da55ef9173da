/**
 * The token without which nobody opens a WebSocket, where the operator has written one. It comes as programs can send
 * it: `Authorization: Bearer TOKEN`; as the password of `Authorization: Basic`, which is what Asterisk sends; as the
 * subprotocol `token.TOKEN`, which is all a page can add; or as `?token=TOKEN`, which ends up in the logs of proxies.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../../base/secret.ts';
import { presentedToken } from '../../http/presented-token.ts';

/** What of a request may hold the token. */
export interface Presented {
  readonly authorization: string | undefined;
  /** Subprotocols that are offered. */
  readonly protocols: readonly string[];
  readonly query: URLSearchParams;
}

const PROTOCOL_PREFIX = 'token.';

/** Whether a request may come in; without a token everyone may. */
export function mayEnter(token: Secret | undefined, presented: Presented): boolean {
  return token === undefined || candidates(presented).some((each) => same(each, token.reveal()));
}

function candidates({ authorization, protocols, query }: Presented): readonly string[] {
  const token = presentedToken(authorization);
  return [
    ...protocols
      .filter((protocol) => protocol.startsWith(PROTOCOL_PREFIX))
      .map((protocol) => protocol.slice(PROTOCOL_PREFIX.length)),
    ...(token === undefined ? [] : [token]),
    ...query.getAll('token'),
  ];
}

/** Takes as long for one wrong token as for another. */
function same(first: string, second: string): boolean {
  return timingSafeEqual(digest(first), digest(second));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
