/** Commands that go on until somebody stops them, by Ctrl+C or as a service is stopped; then they end in order. */

import type { SignalSource } from './signals.ts';

/** Runs `work` with a signal that aborts then. What it throws once it was stopped is nobody's concern. */
export async function untilInterrupted(
  signals: SignalSource,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signals.on('SIGINT', stop);
  signals.on('SIGTERM', stop);
  try {
    await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      throw error;
    }
  } finally {
    signals.off('SIGINT', stop);
    signals.off('SIGTERM', stop);
  }
}
