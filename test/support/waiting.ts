/** Bounded waiting for what happens in real time. Every wait here ends, with a sentence that says for what. */

import { systemClock } from '../../src/base/clock.ts';

const POLL_MS = 10;
/** Asking takes a fifth of the time at most: a command of Asterisk's costs a tenth of a second of a processor. */
const PAUSE_PER_ASKING = 4;
const MOST_PAUSE_MS = 500;

/** A signal that never aborts, for what a test does not cut short. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Resolves after `delayMs`: for how long a call goes on, never to guess when something is ready. */
export function pass(delayMs: number): Promise<void> {
  return systemClock.sleep(delayMs, never());
}

/**
 * Asks every 10 ms, or less often where asking takes its time, until there is an answer other than undefined and false.
 * @throws Error after `limitMs`, naming `what`, which is asked for only then.
 */
export async function eventually<T>(
  what: string | (() => string),
  limitMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadlineMs = systemClock.nowMs() + limitMs;
  for (;;) {
    const askedMs = systemClock.nowMs();
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    const nowMs = systemClock.nowMs();
    if (nowMs > deadlineMs) {
      throw notWithin(limitMs, what);
    }
    await pass(Math.min(Math.max(POLL_MS, PAUSE_PER_ASKING * (nowMs - askedMs)), MOST_PAUSE_MS));
  }
}

/** Resolves with `promise`. @throws Error after `limitMs`, naming `what`. */
export async function within<T>(
  what: string | (() => string),
  limitMs: number,
  promise: Promise<T>,
): Promise<T> {
  const timeUp = new AbortController();
  const timer = systemClock.at(systemClock.nowMs() + limitMs, () => timeUp.abort());
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        timeUp.signal.addEventListener('abort', () => reject(notWithin(limitMs, what)));
      }),
    ]);
  } finally {
    timer.cancel();
  }
}

function notWithin(limitMs: number, what: string | (() => string)): Error {
  return new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`);
}
