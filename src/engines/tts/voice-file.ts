/** A voice in a file of the operator's: a recording, or what an engine made of one. */

import { readFile, stat } from 'node:fs/promises';
import { AppError, codeOf } from '../../base/errors.ts';

/** The longest file of a voice, in bytes: ten minutes of CD sound is more than any cloning uses. */
const FILE_LIMIT_BYTES = 64_000_000;

/** @throws AppError `voice-refused` beginning with the engine's name when it cannot be read, or is too long. */
export async function readVoiceFile(engine: string, path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > FILE_LIMIT_BYTES) {
      throw new AppError(
        'voice-refused',
        `${engine}: the voice ${path} is longer than ${FILE_LIMIT_BYTES} bytes; 10 to 30 s of speech is enough`,
      );
    }
    return await readFile(path);
  } catch (error) {
    throw error instanceof AppError
      ? error
      : new AppError('voice-refused', `${engine}: the voice ${path} cannot be read (${codeOf(error)})`);
  }
}
