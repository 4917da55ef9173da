/**
 * The log that writes: JSON lines on stdout, one per event, with pino. What goes out is a redacted copy of the
 * fields, made only when the level is on. pino makes the lines and `line-writer.ts` writes them: pino's own
 * destination retries for ever when the process exits and the reader of stdout is gone.
 */

import { pino } from 'pino';
import { systemClock } from '../base/clock.ts';
import type { Log, LogFields } from '../base/log.ts';
import { LineWriter } from './line-writer.ts';
import { type Redaction, redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  /** Whether fields with a `pii` segment are written. */
  readonly logPii: boolean;
}

/** Where lines go; `write` is given whole lines and must not throw. */
export interface LogDestination {
  write(line: string): void;
}

/** File descriptor of stdout. */
const STDOUT = 1;

/** Makes a log that writes to `destination`, by default stdout. */
export function createLog(
  options: LogOptions,
  destination: LogDestination = new LineWriter(STDOUT, systemClock),
): Log {
  const redaction = { keepPii: options.logPii, stacks: options.level === 'debug' };
  return new PinoLog(pino(pinoOptions(options), destination), redaction);
}

function pinoOptions({ level }: LogOptions): pino.LoggerOptions {
  return {
    level,
    // The process id and the host are known to whatever collects stdout.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Errors are rewritten by our own redaction, under any key.
    serializers: { err: (value: unknown) => value },
  };
}

class PinoLog implements Log {
  readonly #pino: pino.Logger;
  readonly #redaction: Redaction;

  constructor(logger: pino.Logger, redaction: Redaction) {
    this.#pino = logger;
    this.#redaction = redaction;
  }

  debug(fields: LogFields, message: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.#write('error', fields, message);
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.#pino.child(redact(fields, this.#redaction)), this.#redaction);
  }

  #write(level: LogLevel, fields: LogFields, message: string): void {
    if (this.#pino.isLevelEnabled(level)) {
      this.#pino[level](redact(fields, this.#redaction), message);
    }
  }
}
