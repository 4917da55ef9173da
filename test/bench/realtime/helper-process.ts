/**
 * Processes that help a bench, so that their work is neither the server's nor the bench's. They speak by messages, and
 * arrays cross as they are.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Starts a helper. @param module its compiled entry point. */
export function startHelper(module: URL): ChildProcess {
  return fork(module, { serialization: 'advanced', execArgv: [] });
}

/**
 * The next message of a helper; ask before it can come.
 * @throws Error when it is another one than expected, or the helper ends first.
 */
export async function answerOf<Answer>(
  child: ChildProcess,
  isAnswer: (message: unknown) => message is Answer,
): Promise<Answer> {
  const done = new AbortController();
  const answered = once(child, 'message', { signal: done.signal });
  const died = once(child, 'exit', { signal: done.signal }).then(([code]) => {
    throw new Error(`a helper of the bench ended by itself with code ${code}`);
  });
  died.catch(() => {});
  answered.catch(() => {});
  try {
    const [message] = await Promise.race([answered, died]);
    if (!isAnswer(message)) {
      throw new TypeError('a helper of the bench said something else than expected');
    }
    return message;
  } finally {
    done.abort();
  }
}
