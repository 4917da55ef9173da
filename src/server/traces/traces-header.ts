/** The header by which a collector of traces lets us in, as an operator writes it. */

import { AppError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';

/** A name of a header, and a value that can be sent. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:\s*[\x21-\x7e]+(?: +[\x21-\x7e]+)*$/;

/** @throws AppError `bad-option` saying what to write; it quotes nothing. */
export function parseTracesHeader(text: string): Secret {
  if (!HEADER.test(text)) {
    throw new AppError(
      'bad-option',
      'this is no header: write a name, a colon and a value, such as Authorization: Bearer ...',
    );
  }
  return new Secret(text);
}
