/**
 * What deepl-node throws, as an AppError for the operator. Its messages may quote the answer, and so what was said,
 * and its causes hold the request with the key: none of that is passed on, only the status or the system's code.
 */

import type * as Deepl from 'deepl-node';
import { AppError, codeOf } from '../../../base/errors.ts';

/** What a message may say about the request. */
export interface DeeplRequestFacts {
  /** Where it was sent: `api.deepl.com`. */
  readonly host: string;
  /** `en` and `fr`, as the operator wrote them. */
  readonly from: string;
  readonly to: string;
  readonly glossaryId: string | undefined;
  readonly timeoutMessage: string;
}

/** What axios says when its own time limit passed, or the system's. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT']);

/** The statuses that deepl-node tells by the first words of a message only. */
const STATUS_BY_WORDS: readonly (readonly [words: string, status: number])[] = [
  ['Bad request', 400],
  ['Not found', 404],
  ['Service unavailable', 503],
];

/** @param deepl the package, whose classes tell the errors apart. */
export function deeplFailure(thrown: unknown, request: DeeplRequestFacts, deepl: typeof Deepl): AppError {
  if (thrown instanceof deepl.AuthorizationError) {
    return refused(
      `${request.host} refuses the key; check DEEPL_API_KEY (a key that ends in :fx is for the free API, ` +
        'api-free.deepl.com, any other for api.deepl.com)',
    );
  }
  if (thrown instanceof deepl.QuotaExceededError) {
    return refused('the quota of this month is used up; raise the limit in the DeepL account');
  }
  if (thrown instanceof deepl.TooManyRequestsError) {
    return statusFailure(429, request);
  }
  if (thrown instanceof deepl.GlossaryNotFoundError) {
    return statusFailure(404, request);
  }
  if (thrown instanceof deepl.ConnectionError) {
    return connectionFailure(codeOf(thrown.error), request);
  }
  const status = thrown instanceof deepl.DeepLError ? statusOf(thrown.message) : undefined;
  return status === undefined
    ? new AppError('engine-bad-answer', `deepl: the answer of ${request.host} is not a translation`)
    : statusFailure(status, request);
}

function statusFailure(status: number, request: DeeplRequestFacts): AppError {
  const { host, from, to, glossaryId } = request;
  switch (status) {
    case 400:
      return refused(
        glossaryId === undefined
          ? `${host} refuses the request from ${from} to ${to} (status 400); check the languages`
          : `${host} refuses the request (status 400); check that glossary ${glossaryId} is from ${from} to ${to}`,
      );
    case 404:
      return refused(
        glossaryId === undefined
          ? `there is no DeepL API at ${host} (status 404); check its URL`
          : `${host} has no glossary ${glossaryId} for this key; check the glossary's id`,
      );
    case 429:
    case 503:
    case 529:
      return new AppError(
        'engine-overloaded',
        `deepl: ${host} takes no more requests for now (status ${status})`,
      );
    default:
      return new AppError('engine-bad-answer', `deepl: ${host} failed (status ${status})`);
  }
}

function connectionFailure(code: string, request: DeeplRequestFacts): AppError {
  return TIMEOUT_CODES.has(code)
    ? new AppError('engine-timeout', request.timeoutMessage)
    : new AppError(
        'engine-died',
        `deepl: the connection to ${request.host} failed (${code}); check the network, the name server and the firewall`,
      );
}

function statusOf(message: string): number | undefined {
  const known = STATUS_BY_WORDS.find(([words]) => message.startsWith(words));
  const [, digits] = /^Unexpected status code: (\d{3})\b/.exec(message) ?? [];
  return known?.[1] ?? (digits === undefined ? undefined : Number(digits));
}

function refused(message: string): AppError {
  return new AppError('engine-refused', `deepl: ${message}`);
}
