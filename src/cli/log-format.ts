/**
 * Which form the log has. Whoever reads it decides: a person at a terminal, systemd's journal, which has levels and
 * times of its own, or a program at the other end of a pipe, which wants each line as JSON.
 */

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Environment } from './config/environment.ts';

export const LOG_FORMATS = ['json', 'text', 'journal'] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

/** What is told apart: `auto` is found out. */
export type WantedLogFormat = LogFormat | 'auto';

export interface LogForm {
  readonly format: LogFormat;
  /** Whether text has colours: on a terminal, unless `NO_COLOR` is set. */
  readonly colours: boolean;
}

/** The form of a log that is written to a file descriptor. */
export function logForm(wanted: WantedLogFormat, environment: Environment, descriptor: number): LogForm {
  const onTerminal = isatty(descriptor);
  const colours = onTerminal && (environment.NO_COLOR ?? '') === '';
  if (wanted !== 'auto') {
    return { format: wanted, colours };
  }
  if (onTerminal) {
    return { format: 'text', colours };
  }
  return { format: isJournal(environment, descriptor) ? 'journal' : 'json', colours };
}

/**
 * Whether systemd's journal reads a file descriptor. `JOURNAL_STREAM` names the stream, not only that there is one: a
 * program that was started by a service inherits the variable, whatever its own output is.
 */
export function isJournal(environment: Environment, descriptor: number): boolean {
  const named = environment.JOURNAL_STREAM ?? '';
  if (named === '') {
    return false;
  }
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return named === `${dev}:${ino}`;
}
