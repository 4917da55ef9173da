/**
 * A log of something of which more becomes known: whoever holds it writes what is known when they write, and not what
 * was when they were given it.
 */

import type { Log, LogFields } from './log.ts';

export class GrowingLog implements Log {
  readonly #base: Log;
  #fields: LogFields;
  #log: Log;

  /** @param base carries none of `fields`. */
  constructor(base: Log, fields: LogFields) {
    this.#base = base;
    this.#fields = fields;
    this.#log = base.child(fields);
  }

  /** From here on every line has these fields, too; one that it had gets the new value. */
  add(fields: LogFields): void {
    this.#fields = { ...this.#fields, ...fields };
    this.#log = this.#base.child(this.#fields);
  }

  debug(fields: LogFields, message: string): void {
    this.#log.debug(fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#log.info(fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#log.warn(fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.#log.error(fields, message);
  }

  /** Has what is known now; what is added later it does not get. */
  child(fields: LogFields): Log {
    return this.#log.child(fields);
  }
}
