/**
 * What a provider's refusals mean to us, and the header that carries a key. Only numbers and our own words get into a
 * message: what a provider writes may repeat the key, or what was said.
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

/** The error for an HTTP status that says no, to a request or to the opening of a WebSocket. */
export function httpRefusal(name: string, status: number): AppError {
  switch (status) {
    case 401:
    case 403:
      return new AppError(
        'engine-refused',
        `${name} refuses the key (HTTP ${status}): check the key, and that its plan includes speech translation`,
      );
    case 402:
    case 456:
      return new AppError(
        'engine-refused',
        `${name}: the quota of the plan is used up (HTTP ${status}): raise it in the provider's console`,
      );
    case 429:
      return new AppError(
        'engine-overloaded',
        `${name} takes no more sessions at present (HTTP 429): lower the number of calls or raise the plan's limit`,
      );
    case 408:
      return new AppError('engine-timeout', `${name} gave up waiting for us (HTTP 408)`);
    default:
      return status >= 400 && status < 500
        ? new AppError(
            'engine-refused',
            `${name} refuses the request (HTTP ${status}): check its address, the languages, the model and the glossary`,
          )
        : new AppError('engine-start-failed', `${name} cannot serve at present (HTTP ${status})`);
  }
}

/** The error for the end of a connection that we did not end. */
export function closeError(name: string, code: number): AppError {
  switch (code) {
    case 3000: // Unauthorized, of IANA's registry of WebSocket close codes.
    case 3003: // Forbidden.
      return new AppError('engine-refused', `${name} refuses the key (close code ${code}): check the key`);
    case 1013: // Try again later.
      return new AppError('engine-overloaded', `${name} is overloaded (close code ${code})`);
    default:
      return new AppError('engine-died', `${name} ended the connection (close code ${code})`);
  }
}
