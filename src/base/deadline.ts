/**
 * A limit on how long something may take, with the reason to say when it took longer.
 */

import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';
import { afterPatience } from './patience.ts';

/**
 * Runs `work` with a signal that aborts when `signal` does or after `limitMs`, in which a standstill of ours does not
 * count as such.
 * @throws AppError `engine-timeout` with `message` when the limit passed, even if `work` ignores its signal; else
 * what `work` throws.
 */
export async function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  message: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  const timer = afterPatience(clock, clock.nowMs() + limitMs, () =>
    controller.abort(new AppError('engine-timeout', message)),
  );
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    // Whoever lost the race is nobody's concern any more.
    stopped.catch(() => {});
  }
}
