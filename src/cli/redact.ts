/**
 * What may be written of the fields of a log line. Fields with a whole `pii` segment in their key go unless the
 * operator asked for them; secrets always go. The result is a plain copy that has no cycles and no audio
 * in it, whatever came in.
 */

import { codeOf, messageOf } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';

export interface Redaction {
  /** Whether what is spoken, dialled or synthesised may be written. */
  readonly keepPii: boolean;
  /** Whether errors are written with their stack. */
  readonly stacks: boolean;
}

/** Levels of objects inside objects that are written; what is deeper is cut off. */
const DEEPEST = 6;

const SECRET_SEGMENTS: ReadonlySet<string> = new Set([
  'apikey',
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'key',
  'passwd',
  'password',
  'secret',
  'token',
]);

/** A copy of `fields` that may be written. */
export function redact(
  fields: Readonly<Record<string, unknown>>,
  redaction: Redaction,
): Record<string, unknown> {
  return redactEntries(fields, redaction, 0);
}

/** The segments of a key, in lower case: `pii` and `text` of `piiText`, `pii_text` and `PII-text`. */
export function keySegments(key: string): readonly string[] {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function redactEntries(fields: object, redaction: Redaction, depth: number): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (mayWrite(key, redaction)) {
      kept[key] = redactValue(value, redaction, depth);
    }
  }
  return kept;
}

function mayWrite(key: string, { keepPii }: Redaction): boolean {
  return keySegments(key).every((segment) => !SECRET_SEGMENTS.has(segment) && (keepPii || segment !== 'pii'));
}

function redactValue(value: unknown, redaction: Redaction, depth: number): unknown {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (value instanceof Secret) {
    return String(value);
  }
  if (value instanceof Error) {
    return describeError(value, redaction);
  }
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (ArrayBuffer.isView(value)) {
    return `[${value.byteLength} bytes]`;
  }
  if (depth >= DEEPEST) {
    return '[deeper]';
  }
  if (Array.isArray(value)) {
    return value.map((each: unknown) => redactValue(each, redaction, depth + 1));
  }
  if (value instanceof Map) {
    return redactEntries(Object.fromEntries(value), redaction, depth + 1);
  }
  return redactEntries(value, redaction, depth + 1);
}

function describeError(error: Error, redaction: Redaction): Record<string, unknown> {
  return {
    code: codeOf(error),
    message: errorMessage(error, redaction),
    ...(error.cause === undefined ? {} : { cause: errorMessage(error.cause, redaction) }),
    ...(redaction.stacks && error.stack !== undefined ? { stack: framesOf(error.stack) } : {}),
  };
}

/** A SyntaxError quotes the text it could not read, which may be what an engine understood. */
function errorMessage(thrown: unknown, { keepPii }: Redaction): string {
  return thrown instanceof SyntaxError && !keepPii ? thrown.name : messageOf(thrown);
}

/** Where something was thrown: the frames of its stack, on lines of their own; empty for what has none. */
export function stackFrames(thrown: unknown): string {
  return thrown instanceof Error ? framesOf(thrown.stack ?? '') : '';
}

/** The frames of a stack without its first lines, which repeat the message. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim())
    .join('\n');
}
