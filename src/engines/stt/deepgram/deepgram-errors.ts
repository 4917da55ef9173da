/**
 * What Deepgram's refusals and closes mean for the operator. Only statuses, codes and ids go into messages: the
 * provider's own sentences may repeat what was asked, and what was asked holds names and terms of calls.
 */

import { AppError } from '../../../base/errors.ts';
import { member, parseJson } from '../../wire/json.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import type { RefusedHandshake } from '../../wire/web-socket.ts';

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

/** What the operator can do about a refused handshake. */
export const DEEPGRAM_HINTS: RefusalHints = {
  key: "check DEEPGRAM_API_KEY, and that the key's project may use this model",
  credit: 'add some in the Deepgram console',
  missing: "check the model, and the address if it is not Deepgram's own",
  request: "check the model and the language, and the address if it is not Deepgram's own",
  busy: 'the project has as many streams as its plan allows: ask Deepgram for a higher limit or take fewer calls',
  fault: 'see status.deepgram.com',
};

/** Deepgram's code for a refusal, and the id of the request, which its support asks for. */
export function refusalReason({ headers, body }: RefusedHandshake): string | undefined {
  const code = asCode(member(parseJson(body), 'err_code')) ?? asCode(headers['dg-error']);
  const id = asCode(headers['dg-request-id']);
  const words = [...(code === undefined ? [] : [code]), ...(id === undefined ? [] : [`request ${id}`])];
  return words.length === 0 ? undefined : words.join(', ');
}

/** The error of a connection that ended in use. */
export function endError(closeCode: number, reason: string): AppError {
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
