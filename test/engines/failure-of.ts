/**
 * What a promise fails with, and everything a log could show of it: keys and spoken text must not be there.
 */

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { codeOf, messageOf } from '../../src/base/errors.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The error with its stack and all causes. */
  readonly everything: string;
}

/** Fails the test when `promise` does not fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    return {
      code: codeOf(error),
      message: messageOf(error),
      everything: inspect(error, { depth: 10, showHidden: true }),
    };
  }
  return assert.fail('it did not fail');
}
