/** One question to a dragoman over HTTP: it answers in time, or it does not run. */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { type HttpAsk, HttpOrigin, jsonBody } from '../engines/wire/http.ts';

/** How long the head of an answer may take, and each piece of its body, in ms. */
const ANSWER_LIMIT_MS = 5_000;

/** What is asked, and by whom. */
export interface HttpPlace {
  /** host:port. */
  readonly address: string;
  readonly path: string;
  /** Of the API, where there is one. */
  readonly token?: Secret | undefined;
}

/** What a server has answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * The text that a server has at `path`, whatever the status of its answer.
 * @param address host:port.
 * @throws AppError of category `engine` as {@link HttpOrigin} does, saying what to do.
 */
export async function httpGet(address: string, path: string, clock: Clock): Promise<string> {
  return (await ask(address, { method: 'GET', path, headLimitMs: ANSWER_LIMIT_MS }, clock)).text;
}

/**
 * Sends `body` as JSON and waits `limitMs` for the answer, whatever its status. Errors as for {@link httpGet}.
 */
export function httpPost(
  { address, path, token }: HttpPlace,
  body: unknown,
  limitMs: number,
  clock: Clock,
): Promise<HttpAnswer> {
  const { headers, ...asked } = jsonBody(body);
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
  return ask(
    address,
    { method: 'POST', path, ...asked, headers: { ...headers, ...bearer }, headLimitMs: limitMs },
    clock,
  );
}

async function ask(
  address: string,
  asked: Omit<HttpAsk, 'silenceLimitMs'>,
  clock: Clock,
): Promise<HttpAnswer> {
  const origin = new HttpOrigin({
    name: 'dragoman',
    url: `http://${address}`,
    clock,
    unreachableHint: 'is it running, with this address in --http?',
  });
  try {
    const answer = await origin.send(
      { ...asked, silenceLimitMs: ANSWER_LIMIT_MS },
      new AbortController().signal,
    );
    return { status: answer.status, text: (await answer.readAll()).toString('utf8') };
  } finally {
    await origin.close();
  }
}

/** What answers at `address`, host:port, is not the service that is meant. */
export function notOurs(address: string): AppError {
  return new AppError(
    'server-unreachable',
    `what answers at ${address} is another program, or another version of dragoman: name the service's own with --http, ` +
      'or use the dragoman that it was started with',
  );
}
