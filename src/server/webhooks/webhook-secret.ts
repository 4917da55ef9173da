/**
 * The secret that events are signed with, so that who receives them knows that they are ours and that nobody keeps an old
 * one to send it again. As Standard Webhooks has it, so that its libraries check it: https://www.standardwebhooks.com
 */

import { createHmac } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';

const PREFIX = 'whsec_';
/** Bytes of a key: less is guessed, more is another file. */
const [LEAST_BYTES, MOST_BYTES] = [24, 64] as const;

/** @throws AppError `bad-option` saying what to write; it quotes nothing. */
export function parseWebhookSecret(text: string): Secret {
  const bytes = keyOf(text).length;
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text) || bytes < LEAST_BYTES || bytes > MOST_BYTES) {
    throw new AppError(
      'bad-option',
      `this is no secret of webhooks: write ${PREFIX} and ${LEAST_BYTES} to ${MOST_BYTES} bytes in base64 behind it, such as ` +
        `echo "${PREFIX}$(openssl rand -base64 32)"`,
    );
  }
  return new Secret(text);
}

/** The headers of one event. @param seconds since 1970, when it is sent. */
export function signedHeaders(
  secret: Secret,
  id: string,
  seconds: number,
  body: Uint8Array,
): Readonly<Record<string, string>> {
  const mac = createHmac('sha256', keyOf(secret.reveal())).update(`${id}.${seconds}.`).update(body);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${mac.digest('base64')}`,
  };
}

function keyOf(text: string): Buffer {
  return Buffer.from(text.slice(PREFIX.length), 'base64');
}
