/**
 * The header that carries a key.
 */

import { AppError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';

/** What can stand in a header; Node's own complaint about anything else would quote it. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/**
 * The value of an `Authorization` header.
 * @throws AppError `engine-refused` when the key has characters that no key has.
 */
export function authorization(name: string, scheme: string, key: Secret): string {
  const value = key.reveal();
  if (!HEADER_SAFE.test(value)) {
    throw new AppError(
      'engine-refused',
      `${name}: the key is empty or has spaces, line ends or other characters that no key has; copy it again`,
    );
  }
  return `${scheme} ${value}`;
}
