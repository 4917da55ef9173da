/**
 * What it means when a provider says no with an HTTP status, to a request or to the opening of a WebSocket: one table
 * for all of them. The table says what happened, an adapter's hints say what the operator can do. Of what a provider
 * writes only a single word of its own gets into a message: anything else may repeat the key, or what was said.
 */

import { AppError, type ErrorCode } from '../../base/errors.ts';
import { member, parseJson } from './json.ts';

/** Why a provider refuses; the names of the hints. */
export type RefusalKind = 'key' | 'credit' | 'missing' | 'request' | 'redirect' | 'late' | 'busy' | 'fault';

/** What the operator can do about it, in words that end a sentence. */
export type RefusalHints = { readonly [Kind in RefusalKind]?: string };

/** What is told of a refusal, however it came. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The provider's own word for it, as {@link reasonWord} finds it; the caller sees to it that it is no more. */
  readonly reason?: string | undefined;
  /** Where the word came in a message and not with a status: `status` is then that of the same refusal by HTTP. */
  readonly inMessage?: true;
}

/** Who refused, for messages. */
export interface Refuser {
  /** The engine's name. */
  readonly name: string;
  /** Host and port: an address may hold a password. */
  readonly host: string;
}

const MEANINGS: Readonly<Record<RefusalKind, { readonly code: ErrorCode; readonly says: string }>> = {
  key: { code: 'engine-refused', says: 'refuses the key, or wants one' },
  credit: { code: 'engine-refused', says: 'has no credit left for this key' },
  missing: { code: 'engine-refused', says: 'does not have what is asked for' },
  request: { code: 'engine-refused', says: 'refuses the request' },
  redirect: { code: 'engine-refused', says: 'points to another address, where no key is sent' },
  late: { code: 'engine-timeout', says: 'gave up waiting for us' },
  busy: { code: 'engine-overloaded', says: 'takes no more at present' },
  fault: { code: 'engine-bad-answer', says: 'has a fault of its own' },
};

const KINDS: ReadonlyMap<number, RefusalKind> = new Map([
  [401, 'key'],
  [402, 'credit'],
  [403, 'key'],
  [404, 'missing'],
  [405, 'missing'],
  [408, 'late'],
  [410, 'missing'],
  [429, 'busy'],
  // DeepL's own.
  [456, 'credit'],
  [503, 'busy'],
  [529, 'busy'],
]);

/** Reasons that say more than the status they come with, as several providers write them. */
const KINDS_BY_REASON: ReadonlyMap<string, RefusalKind> = new Map([
  ['insufficient_quota', 'credit'],
  ['quota_exceeded', 'credit'],
]);

/** A provider's word for a reason: `too_many_concurrent_requests`. */
const REASON = /^[a-z][a-z0-9_]{2,50}$/;

/** A refusal as an error: what the status says, and when the provider would like to be asked again. */
export class RefusalError extends AppError {
  readonly status: number;
  /** From now on, in ms; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, status: number, retryAfterMs: number | undefined) {
    super(code, message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What `status` means; a status that says nothing is a fault. */
export function refusalKind({ status, reason }: RefusedAnswer): RefusalKind {
  const known = KINDS_BY_REASON.get(reason ?? '') ?? KINDS.get(status);
  if (known !== undefined) {
    return known;
  }
  if (status >= 400 && status < 500) {
    return 'request';
  }
  return status >= 300 && status < 400 ? 'redirect' : 'fault';
}

/**
 * The error for `answer`.
 * @param kind for providers that give a status a meaning of their own.
 */
export function refusal(
  { name, host }: Refuser,
  answer: RefusedAnswer,
  hints: RefusalHints,
  kind: RefusalKind = refusalKind(answer),
): RefusalError {
  const { status, reason } = answer;
  const { code, says } = MEANINGS[kind];
  const numbered = answer.inMessage === true ? 'message' : `HTTP ${status}`;
  const shown = reason === undefined ? numbered : `${numbered} ${reason}`;
  const hint = hints[kind] ?? (kind === 'redirect' ? 'write the address it has moved to' : undefined);
  const waitMs = retryAfterMs(answer);
  const wish = waitMs === undefined ? [] : [`it asks to wait ${Math.ceil(waitMs / 1_000)} s`];
  const sentence = [`${name}: ${host} ${says} (${shown})`, ...wish, ...(hint === undefined ? [] : [hint])];
  return new RefusalError(code, sentence.join('; '), status, waitMs);
}

/**
 * The first of `names` that is a word in the JSON `body` or in a part of it: providers have `{detail: {status}}`,
 * `{error: {code, type}}` or `{error}`.
 */
export function reasonWord(body: string | Uint8Array, names: readonly string[]): string | undefined {
  const json = parseJson(body);
  const parts = [json, member(json, 'error'), member(json, 'detail')];
  return names
    .flatMap((name) => parts.map((part) => member(part, name)))
    .find((word): word is string => typeof word === 'string' && REASON.test(word));
}

/** A date of HTTP begins with its weekday; `Date.parse` reads one out of nearly anything. */
const DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)/i;

/** `Retry-After` in ms: seconds, or a date, which is compared with the provider's own. */
function retryAfterMs({ headers = {} }: RefusedAnswer): number | undefined {
  const text = headerOf(headers, 'retry-after');
  if (text === undefined) {
    return undefined;
  }
  if (/^\d{1,7}(?:\.\d+)?$/.test(text)) {
    return Number(text) * 1_000;
  }
  if (!DATE.test(text)) {
    return undefined;
  }
  const waitMs = Date.parse(text) - Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

function headerOf(headers: NonNullable<RefusedAnswer['headers']>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : value?.[0]?.trim();
}
