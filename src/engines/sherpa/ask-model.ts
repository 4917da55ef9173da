/** One question to a model, and its answer. */

import { AppError, asError } from '../../base/errors.ts';
import type { ModelProcess } from './model-process.ts';
import { MESSAGE, type MessageType, type ModelMessage } from './model-wire.ts';

/**
 * Asks, and waits for the answer.
 * @param read makes it of the message that it is, and undefined of another.
 * @throws AppError `engine-died` or `engine-timeout` when the process ends, `engine-bad-answer` when it refuses; the
 * signal's reason when it aborts first.
 */
export function askModel<T>(
  process: ModelProcess,
  type: MessageType,
  payload: Uint8Array,
  read: (message: ModelMessage) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const line = process.line(
      (message) => {
        try {
          const answer = read(message);
          if (answer !== undefined) {
            over();
            resolve(answer);
          } else if (message.type === MESSAGE.refused) {
            throw refusalOf(message);
          }
        } catch (error) {
          over();
          reject(asError(error));
        }
      },
      (error) => {
        over();
        reject(error);
      },
    );
    const onAbort = (): void => {
      over();
      reject(signal.reason);
    };
    const over = (): void => {
      signal.removeEventListener('abort', onAbort);
      line.close();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    line.send(type, payload);
    line.setOwed(true);
  });
}

/**
 * What the process said that it will not do. It knows nothing that must not be told but the text, which it never says.
 */
export function refusalOf({ payload }: ModelMessage): AppError {
  return new AppError('engine-bad-answer', `sherpa: ${payload.toString('utf8').slice(0, 200)}`);
}
