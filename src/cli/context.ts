/**
 * What the commands may touch of the process they run in. Only `main.ts` makes the real one, so that every
 * command can be run inside a test.
 */

import type { Writable } from 'node:stream';
import type { Environment } from './config/environment.ts';
import type { Screen } from './screen.ts';
import type { SignalSource } from './signals.ts';
import type { StraySource } from './strays.ts';

export interface CliContext {
  readonly environment: Environment;
  /** Writes to stdout. */
  readonly writeOut: (text: string) => void;
  /** Stdout for what is no text; undefined where it is a terminal. */
  readonly rawOut?: Writable | undefined;
  /** Stdout, where it is a terminal. */
  readonly screen?: Screen | undefined;
  /** Writes to stderr. */
  readonly writeError: (text: string) => void;
  readonly signals: SignalSource;
  readonly strays: StraySource;
  /** Ends the process at once, unless one of its threads waits for the system. */
  readonly exit: (status: number) => void;
  /** Ends the process at once in any case, as if it had been killed. */
  readonly kill: () => void;
}
