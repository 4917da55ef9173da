/** Text of files that people write. What is not UTF-8 is refused: read as if it were, its letters would be others. */

import { AppError } from './errors.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true });

/** A mark of byte order at the beginning is left out. @throws AppError `bad-option`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (error) {
    throw new AppError(
      'bad-option',
      'it is not UTF-8: save it as UTF-8 in your editor, or write iconv -f latin1 -t utf-8 OLD > NEW',
      error,
    );
  }
}
