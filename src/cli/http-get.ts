/** One question to a dragoman over HTTP: it answers at once, or it does not run. */

import type { Clock } from '../base/clock.ts';
import { HttpOrigin } from '../engines/wire/http.ts';

/** How long the head of an answer may take, and each piece of its body, in ms. */
const ANSWER_LIMIT_MS = 5_000;

/**
 * The text that a server has at `path`, whatever the status of its answer.
 * @param address host:port.
 * @throws AppError of category `engine` as {@link HttpOrigin} does, saying what to do.
 */
export async function httpGet(address: string, path: string, clock: Clock): Promise<string> {
  const origin = new HttpOrigin({
    name: 'dragoman',
    url: `http://${address}`,
    clock,
    unreachableHint: 'is it running, with this address in --http?',
  });
  try {
    const limits = { headLimitMs: ANSWER_LIMIT_MS, silenceLimitMs: ANSWER_LIMIT_MS };
    const answer = await origin.send({ method: 'GET', path, ...limits }, new AbortController().signal);
    return (await answer.readAll()).toString('utf8');
  } finally {
    await origin.close();
  }
}
