/** The key with which files are sealed, as an operator writes it. */

import { AppError } from '../../base/errors.ts';
import { SEAL_KEY_BYTES } from './sealed-file.ts';

/** @throws AppError `bad-option`; no sentence holds the key. */
export function parseSealKey(text: string): Buffer {
  if (!/^[0-9a-f]+$/i.test(text) || text.length !== SEAL_KEY_BYTES * 2) {
    throw new AppError(
      'bad-option',
      `it is no key: write ${SEAL_KEY_BYTES * 2} hexadecimal digits, as "openssl rand -hex ${SEAL_KEY_BYTES}" makes them`,
    );
  }
  return Buffer.from(text, 'hex');
}
