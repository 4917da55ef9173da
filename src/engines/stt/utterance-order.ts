/**
 * The one rule all streams share: utterances of a leg follow each other, they do not overlap.
 */

import { AppError } from '../../base/errors.ts';

/**
 * @param speaking whether an utterance has started and not ended.
 * @throws AppError `illegal-transition` when another cannot start yet.
 */
export function assertMayStart(speaking: boolean): void {
  if (speaking) {
    throw new AppError('illegal-transition', 'an utterance cannot start before the one before it has ended');
  }
}
