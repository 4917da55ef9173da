/**
 * The log that writes: lines on stdout, one per event, in the form that suits who reads them. What goes out is a
 * redacted copy of the fields, made only when the level is on. pino makes JSON of it, `text-line.ts` makes text of
 * that where text is wanted, and `line-writer.ts` writes it: pino's own destination retries for ever when the process
 * exits and the reader of stdout is gone.
 */

import { pino } from 'pino';
import { systemClock } from '../base/clock.ts';
import type { Log, LogFields } from '../base/log.ts';
import { shownJson } from '../base/shown-text.ts';
import type { Environment } from './config/environment.ts';
import { LineWriter, type LineWriterOptions } from './line-writer.ts';
import { type LogForm, logForm, type WantedLogFormat } from './log-format.ts';
import type { LogLevel } from './log-level.ts';
import { type Redaction, redact } from './redact.ts';
import { textLine } from './text-line.ts';
import { unblocked } from './unblocked.ts';

export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  /** Whether fields with a `pii` segment are written. */
  readonly logPii: boolean;
  readonly form: LogForm;
}

/** Where lines go; `write` is given whole lines and must not throw. */
export interface LogDestination {
  write(line: string): void;
}

/** File descriptor of stdout. */
const STDOUT = 1;

/** Makes a log that writes to `destination`. */
export function createLog(options: LogOptions, destination: LogDestination): Log {
  const redaction = { keepPii: options.logPii, stacks: options.level === 'debug' };
  const { form } = options;
  const lines = form.format === 'json' ? new JsonLines(destination) : new TextLines(destination, form);
  return new PinoLog(pino(pinoOptions(options), lines), redaction);
}

/** The log of this process, and what it counts: lines that were lost. */
export interface ProcessLog {
  readonly log: Log;
  readonly counted: LineWriter;
}

/** Makes the log of this process, on stdout. */
export function processLog(
  { format, ...options }: Omit<LogOptions, 'form'> & { readonly format: WantedLogFormat },
  environment: Environment,
): ProcessLog {
  const form = logForm(format, environment, STDOUT);
  const writer = new LineWriter(unblocked(STDOUT), { clock: systemClock, lostLine: lostLine(form) });
  return { log: createLog({ ...options, form }, writer), counted: writer };
}

/** Says in a log's own form that lines of it were lost. */
function lostLine(form: LogForm): LineWriterOptions['lostLine'] {
  return (lines) => {
    let line = '';
    const write = (text: string): void => {
      line = text;
    };
    createLog({ level: 'warn', logPii: false, form }, { write }).warn(
      { lines },
      'lines of this log were lost: its reader was too slow, or the disk is full',
    );
    return line;
  };
}

/** Writes lines of JSON as they are, but for what a terminal would obey. */
class JsonLines implements LogDestination {
  readonly #destination: LogDestination;

  constructor(destination: LogDestination) {
    this.#destination = destination;
  }

  write(line: string): void {
    this.#destination.write(shownJson(line));
  }
}

/** Takes lines of JSON and writes them as text. */
class TextLines implements LogDestination {
  readonly #destination: LogDestination;
  readonly #form: LogForm;

  constructor(destination: LogDestination, form: LogForm) {
    this.#destination = destination;
    this.#form = form;
  }

  write(line: string): void {
    this.#destination.write(textLine(JSON.parse(line), this.#form));
  }
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
  readonly #root: pino.Logger;
  readonly #redaction: Redaction;
  /** Makes the logger of these fields when the first line is written: most logs of a leg never write one. */
  readonly #make: () => pino.Logger;
  #made: pino.Logger | undefined;

  constructor(root: pino.Logger, redaction: Redaction, make: () => pino.Logger = () => root) {
    this.#root = root;
    this.#redaction = redaction;
    this.#make = make;
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
    const make = (): pino.Logger => this.#logger.child(redact(fields, this.#redaction));
    return new PinoLog(this.#root, this.#redaction, make);
  }

  get #logger(): pino.Logger {
    this.#made ??= this.#make();
    return this.#made;
  }

  #write(level: LogLevel, fields: LogFields, message: string): void {
    if (this.#root.isLevelEnabled(level)) {
      this.#logger[level](redact(fields, this.#redaction), message);
    }
  }
}
