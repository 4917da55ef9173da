/**
 * Errors that nobody caught. Left alone, Node ends the process for one, and every call with it; while calls are
 * served such an error is logged and the process goes on, since it came from one callback of one leg.
 */

import type { Log } from '../base/log.ts';

/** Where stray errors surface: the process, or a stand-in of a test. */
export interface StraySource {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
}

/** Logs stray errors, rejected promises included, instead of dying of them. Returns what stops that. */
export function surviveStrays(source: StraySource, log: Log): () => void {
  const listener = (error: unknown): void => {
    log.error({ error }, 'an error of ours that nobody caught; calls go on');
  };
  source.on('uncaughtException', listener);
  return () => source.off('uncaughtException', listener);
}
