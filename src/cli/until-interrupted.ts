/**
 * Commands that go on until somebody stops them, by Ctrl+C, as a service is stopped, or by reading no more of what they
 * print (`| head`); then they end in order.
 */

import type { SignalSource } from './signals.ts';

const STOPS = ['SIGINT', 'SIGTERM', 'SIGPIPE'] as const;

/** Runs `work` with a signal that aborts then. What it throws once it was stopped is nobody's concern. */
export async function untilInterrupted(
  signals: SignalSource,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const name of STOPS) {
    signals.on(name, stop);
  }
  try {
    await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      throw error;
    }
  } finally {
    for (const name of STOPS) {
      signals.off(name, stop);
    }
  }
}
