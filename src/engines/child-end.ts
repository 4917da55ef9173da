/**
 * Whether a program that an engine starts began, and its end. On a machine that has no more processes or files, `spawn`
 * gives one that has neither a number nor pipes, and an `error`, which ends our own process where nobody listens for it.
 */

import type { ChildProcess } from 'node:child_process';
import { AppError, messageOf } from '../base/errors.ts';

interface ChildEnd {
  /** Rejects with `engine-start-failed` where it could not be started; resolves when it is there. */
  readonly started: Promise<void>;
  /** Resolves when it has ended and its pipes are closed, or when it could not be started. */
  readonly ended: Promise<void>;
}

/** To be called in the turn of `spawn`. @param what for the message: `pocketsphinx: the recogniser`. */
export function endOf(child: ChildProcess, what: string): ChildEnd {
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', () => resolve());
    child.once('error', (error) =>
      reject(new AppError('engine-start-failed', `${what} cannot be started: ${messageOf(error)}`, error)),
    );
  });
  // Whoever asks hears of it.
  started.catch(() => {});
  // What goes wrong with one that runs is its end.
  child.on('error', () => {});
  return { started, ended };
}
