/** Bounded waiting for what happens in other processes. Every wait here ends, with a sentence that says for what. */

import { systemClock } from '../../src/base/clock.ts';

const POLL_MS = 20;

/** Resolves after `delayMs`: for how long a call goes on, never to guess when something is ready. */
export function pass(delayMs: number): Promise<void> {
  return systemClock.sleep(delayMs, new AbortController().signal);
}

/**
 * Asks every 20 ms until there is an answer other than undefined and false.
 * @throws Error after `limitMs`, naming `what`, which is asked for only then.
 */
export async function eventually<T>(
  what: string | (() => string),
  limitMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadlineMs = systemClock.nowMs() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (systemClock.nowMs() > deadlineMs) {
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await pass(POLL_MS);
  }
}

/** Resolves with `promise`. @throws Error after `limitMs`, naming `what`. */
export async function within<T>(what: string, limitMs: number, promise: Promise<T>): Promise<T> {
  const timeUp = new AbortController();
  const timer = systemClock.at(systemClock.nowMs() + limitMs, () => timeUp.abort());
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        timeUp.signal.addEventListener('abort', () => reject(new Error(`not within ${limitMs} ms: ${what}`)));
      }),
    ]);
  } finally {
    timer.cancel();
  }
}
