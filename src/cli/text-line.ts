/**
 * A line of the log as people read it: `10:15:02.318 warn  what happened  field=value`. In the journal without the
 * time, which it has itself, and with the level as systemd takes it, `<4>`: sd-daemon(3).
 */

import { shownText } from '../base/shown-text.ts';
import type { LogForm } from './log-format.ts';
import type { LogLevel } from './log-level.ts';

/** A line as it is made, before it is written. */
export interface LogRecord extends Readonly<Record<string, unknown>> {
  readonly level: LogLevel;
  /** ISO 8601. */
  readonly time: string;
  readonly msg: string;
}

/** Levels of syslog(3). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
const LEVEL_COLUMNS = 5;

const DIM = '2';
const COLOURS: Readonly<Record<LogLevel, string>> = { debug: DIM, info: '32', warn: '33', error: '31' };

/** The record as one line, or on a terminal as several if it holds a stack; ends in a line break. */
export function textLine(record: LogRecord, { format, colours }: LogForm): string {
  const { level, time, msg, ...fields } = record;
  const colour = (code: string, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const words = Object.entries(fields).map(
    ([key, value]) => `${colour(DIM, `${shownText(key)}=`)}${shown(value)}`,
  );
  const said = [shownText(msg), ...(words.length === 0 ? [] : [words.join(' ')])].join('  ');
  if (format === 'journal') {
    return `<${PRIORITIES[level]}>${said}\n`;
  }
  const start = `${colour(DIM, timeOfDay(time))} ${colour(COLOURS[level], level.padEnd(LEVEL_COLUMNS))}`;
  const stacks = Object.values(fields).flatMap(stackOf);
  return `${[`${start} ${said}`, ...stacks.map((frame) => colour(DIM, `    ${frame}`))].join('\n')}\n`;
}

/** In this machine's time zone, to the millisecond. */
function timeOfDay(iso: string): string {
  const at = new Date(iso);
  const two = (part: number): string => String(part).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    return quotedIfNeeded(value);
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  if (isError(value)) {
    return quotedIfNeeded(errorText(value));
  }
  if (Object.values(value).some((each) => typeof each === 'object')) {
    return shownText(JSON.stringify(value));
  }
  const words: readonly string[] = Array.isArray(value)
    ? value.map(shown)
    : Object.entries(value).map(([key, each]) => `${shownText(key)}:${shown(each)}`);
  return words.length === 0 ? 'none' : words.join(',');
}

/** An error as `redact.ts` leaves it. */
interface WrittenError {
  readonly code: string;
  readonly message: string;
  readonly cause?: unknown;
  readonly stack?: unknown;
}

function isError(value: unknown): value is WrittenError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

function errorText({ code, message, cause }: WrittenError): string {
  return `${code}: ${message}${typeof cause === 'string' ? ` (${cause})` : ''}`;
}

function stackOf(value: unknown): readonly string[] {
  return isError(value) && typeof value.stack === 'string' ? value.stack.split('\n').map(shownText) : [];
}

function quotedIfNeeded(text: string): string {
  return /^[^\s"=]+$/.test(text) ? shownText(text) : shownText(JSON.stringify(text));
}
