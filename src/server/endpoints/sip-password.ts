/**
 * Passwords of phones. Whoever has heard a registration can try passwords against it, thousands of millions a second, so
 * a weak one is refused. Kept is what Asterisk compares with (RFC 7616: MD5 of user, realm and password), not the
 * password: it opens this account, but tells nobody what else the same person may use it for.
 */

import { createHash, randomInt } from 'node:crypto';
import { Secret } from '../../base/secret.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';

/** The realm that Asterisk asks everybody in, also those who do not exist (`default_realm`): it gives nobody away. */
export const USUAL_REALM = 'asterisk';

const LEAST_LENGTH = 12;
const MOST_LENGTH = 64;
const LEAST_DIFFERENT = 6;
/** What keyboards of phones have, without a space, a quote or a backslash, which phones treat in their own ways. */
const WRITABLE = /^[!#-[\]-~]+$/;
const REALM = /^[A-Za-z0-9._-]{1,64}$/;
/** Nothing that looks like another: 0 and O, 1, l and I. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** 20 letters of 56 are 116 bits. */
const MADE_LENGTH = 20;

/** A password that nobody guesses. */
export function makePassword(): Secret {
  return new Secret(Array.from({ length: MADE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(''));
}

/** @throws EndpointRefusal `bad-endpoint` that says what a password must have; it quotes none. */
export function assertStrong(password: Secret, name: string): void {
  const text = password.reveal();
  // The name is the first that is tried, and counts for nothing.
  const rest = text.toLowerCase().replaceAll(name, '');
  const weak =
    rest.length < LEAST_LENGTH ||
    text.length > MOST_LENGTH ||
    !WRITABLE.test(text) ||
    new Set(rest).size < LEAST_DIFFERENT;
  if (weak) {
    throw new EndpointRefusal(
      'bad-endpoint',
      `the password is weak, or no phone can be given it: write ${LEAST_LENGTH} to ${MOST_LENGTH} ASCII letters, digits ` +
        `and signs, ${LEAST_DIFFERENT} different ones at least, no space, quote or backslash, and not the name in it; or ` +
        'none, and one is made',
    );
  }
}

/** What Asterisk keeps of a password (`md5_cred`). @throws EndpointRefusal `bad-endpoint` for a realm it would misread. */
export function digestOf(name: string, realm: string, password: Secret): string {
  if (!REALM.test(realm)) {
    throw new EndpointRefusal('bad-endpoint', 'the realm has letters, digits, ., _ and -, as in asterisk');
  }
  return createHash('md5').update(`${name}:${realm}:${password.reveal()}`).digest('hex');
}
