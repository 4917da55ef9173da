/**
 * What every floor may ask of a log. Messages are constant strings; data goes in fields. Anything spoken,
 * dialled or synthesised goes only under a key with a whole `pii` segment, which the log removes unless
 * the operator asked for it. The log that writes is made in `src/cli`.
 */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log that adds `fields` to each line. */
  child(fields: LogFields): Log;
}

/** A log that keeps nothing, for code that is run without one. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
