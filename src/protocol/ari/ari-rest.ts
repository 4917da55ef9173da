/**
 * Requests to ARI over a WebSocket: the same as over HTTP, as messages. Asterisk answers among its events, in the order
 * in which it was asked.
 * https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/ARI-REST-over-WebSocket/
 */

import type { AriRequest } from './ari-requests.ts';
import { memberOf, textOf } from './ari-resources.ts';

export interface RestAnswer {
  /** As it was asked with. */
  readonly id: string;
  /** As of HTTP. */
  readonly status: number;
  /** JSON; empty where there is none. */
  readonly body: string;
}

/** @param id which the answer repeats. */
export function restMessage({ method, path, body }: AriRequest, id: string): string {
  return JSON.stringify({
    type: 'RESTRequest',
    // Asterisk wants one, and makes nothing of it.
    transaction_id: 'dragoman',
    request_id: id,
    method,
    uri: path.replace(/^\//, ''),
    ...(body === undefined ? {} : { content_type: 'application/json', message_body: JSON.stringify(body) }),
  });
}

/** @param message the JSON of one message, parsed; undefined where that is no answer. */
export function restAnswer(message: unknown): RestAnswer | undefined {
  const status = memberOf(message, 'status_code');
  return textOf(message, 'type') === 'RESTResponse' && typeof status === 'number'
    ? { id: textOf(message, 'request_id'), status, body: textOf(message, 'message_body') }
    : undefined;
}
