/**
 * What an engine sends of a voice that its provider does not keep. Whoever keeps it may be slow or have lost it: that is
 * the voice's fault and no engine's, so that another voice is spoken with and nobody is benched.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, codeOf } from '../../base/errors.ts';

/** How long it may take, in ms: somebody waits to be heard. */
const LOAD_LIMIT_MS = 2_000;

/**
 * @param signal aborts when the engine closes: several texts may wait for it.
 * @throws AppError `voice-refused` beginning with the engine's name when it does not come, or not in time; the signal's
 * reason.
 */
export async function loadedVoice(
  engine: string,
  load: () => Promise<Uint8Array>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    return await withDeadline(clock, LOAD_LIMIT_MS, `it takes longer than ${LOAD_LIMIT_MS} ms`, signal, load);
  } catch (error) {
    signal.throwIfAborted();
    const why = codeOf(error);
    throw new AppError(
      'voice-refused',
      `${engine}: what is kept of the voice cannot be read (${why})`,
      error,
    );
  }
}
