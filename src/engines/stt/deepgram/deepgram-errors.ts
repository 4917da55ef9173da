/**
 * What Deepgram's refusals and closes mean for the operator. Only statuses, codes and ids go into messages: the
 * provider's own sentences may repeat what was asked, and what was asked holds names and terms of calls.
 */

import { AppError, codeOf } from '../../../base/errors.ts';

/** An answer to the opening handshake other than the upgrade. */
export interface Refusal {
  readonly status: number;
  /** The provider's code, such as INVALID_AUTH; undefined when it gave none that looks like one. */
  readonly code: string | undefined;
  /** The provider's id of the request, which its support asks for. */
  readonly requestId: string | undefined;
  /** When to try again, in seconds. */
  readonly retryAfterSeconds: number | undefined;
}

/** Codes that end a connection, as Deepgram's documentation explains them. */
const CLOSE_CODES: ReadonlyMap<string, string> = new Map([
  ['DATA-0000', 'it could not decode the audio'],
  ['NET-0000', 'it had nothing to answer in its time window'],
  ['NET-0001', 'it received no audio and no keep-alive for 10 s'],
]);

/** A code such as `INVALID_AUTH` or `NET-0001`, or undefined when `text` is a sentence or anything else. */
export function asCode(text: unknown): string | undefined {
  return typeof text === 'string' && /^[A-Za-z0-9_.-]{1,48}$/.test(text) ? text : undefined;
}

/** The error of a refused handshake. */
export function refusalError(refusal: Refusal): AppError {
  const { status, code, requestId, retryAfterSeconds } = refusal;
  const details = [
    `HTTP ${status}`,
    ...(code === undefined ? [] : [code]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ].join(', ');
  switch (status) {
    case 401:
    case 403:
      return new AppError(
        'engine-refused',
        `deepgram: the key is refused (${details}); check DEEPGRAM_API_KEY, and that the key's project may use this model`,
      );
    case 402:
      return new AppError(
        'engine-refused',
        `deepgram: the project of the key has no credit left (${details}); add some in the Deepgram console`,
      );
    case 408:
      return new AppError('engine-start-failed', `deepgram: the server gave up waiting (${details})`);
    case 429: {
      const when = retryAfterSeconds === undefined ? '' : `; it asks to wait ${retryAfterSeconds} s`;
      return new AppError(
        'engine-overloaded',
        `deepgram: the project has as many streams as its plan allows at once (${details})${when}; ask Deepgram for a higher limit or take fewer calls`,
      );
    }
    default:
      return status >= 500
        ? new AppError(
            'engine-start-failed',
            `deepgram: the server has a fault of its own (${details}); see status.deepgram.com`,
          )
        : new AppError(
            'engine-refused',
            `deepgram: the request is refused (${details}); check the model and the language, and the address if it is not Deepgram's own`,
          );
  }
}

/** The error of a connection that could not be made at all. */
export function unreachableError(cause: Error, host: string): AppError {
  return new AppError(
    'engine-start-failed',
    `deepgram: ${host} cannot be reached (${codeOf(cause)}); check the network, the name service and the firewall`,
    cause,
  );
}

/** The error of a connection that did not open in time. */
export function openTimeoutError(limitMs: number, host: string): AppError {
  return new AppError(
    'engine-start-failed',
    `deepgram: ${host} did not open a stream within ${limitMs} ms; check the network and the firewall`,
  );
}

/** The error of a request that could not even be written. */
export function openError(cause: Error): AppError {
  return new AppError(
    'engine-start-failed',
    'deepgram: the request could not be made; check DEEPGRAM_API_KEY for blanks, line breaks and signs that no key has',
    cause,
  );
}

/** The error of a connection that ended in use. */
export function closeError(closeCode: number, reason: string): AppError {
  const code =
    /\b([A-Z]{3,8}-\d{4})\b/.exec(reason)?.[1] ??
    // The reason may be a sentence with a link: ".../net0001".
    /\b(net|data)(\d{4})\b/i.exec(reason)?.slice(1).join('-').toUpperCase();
  const why = code === undefined ? undefined : CLOSE_CODES.get(code);
  const details = [`close ${closeCode}`, ...(code === undefined ? [] : [code])].join(', ');
  return new AppError(
    'engine-died',
    why === undefined
      ? `deepgram: the connection ended (${details})`
      : `deepgram: the server ended the connection: ${why} (${details})`,
  );
}

/** The error of a stream that owes an answer for too long. */
export function silentError(limitMs: number): AppError {
  return new AppError(
    'engine-timeout',
    `deepgram: no answer for ${limitMs} ms; check the network, and status.deepgram.com`,
  );
}
