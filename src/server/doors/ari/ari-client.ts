/**
 * Requests to one Asterisk over ARI by HTTP. Each has a deadline. The password goes into a header and nowhere else.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { Secret } from '../../../base/secret.ts';
import { Tally } from '../../../base/tally.ts';
import { HttpOrigin, jsonBody } from '../../../engines/wire/http.ts';
import type { AriRequest } from '../../../protocol/ari/ari-requests.ts';
import { ANSWER_LIMIT_MS, type AriAsker, readAnswer, statusOf } from './ari-asker.ts';

/** Where ARI is, and who asks. */
export interface AriAddress {
  /** `http://127.0.0.1:8088`; what stands behind it in http.conf (`prefix`) may be its path. */
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
}

/**
 * Asterisk's web server has 100 connections for everybody (sessionlimit of http.conf) and closes what is more at
 * once.
 */
const CONNECTIONS = 16;
/** Channels are some 700 bytes each in a list: more than 10,000. */
const MOST_ANSWER_BYTES = 8 * 1_048_576;

export class AriClient implements AriAsker, Counted {
  readonly counts = {
    /** Requests that were answered otherwise than was asked, or not at all, by their name. */
    ariRequestsFailed: new Tally<string>(),
  };
  readonly #origin: HttpOrigin;
  readonly #authorization: string;
  readonly #clock: Clock;
  #lastMs: number | undefined;

  constructor({ url, user, password }: AriAddress, clock: Clock) {
    this.#origin = new HttpOrigin({
      name: 'ARI',
      url,
      clock,
      connections: CONNECTIONS,
      unreachableHint: 'start Asterisk with enabled=yes in http.conf, or mend --ari',
    });
    this.#authorization = basicAuthorization(user, password);
    this.#clock = clock;
  }

  /** How long the latest answer took, in ms; undefined before the first. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  async ask(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    const { name, method, path, body } = request;
    const askedMs = this.#clock.nowMs();
    try {
      const { headers = {}, ...json } = body === undefined ? {} : jsonBody(body);
      const answer = await this.#origin.send(
        {
          method,
          path: `/ari${path}`,
          headers: { authorization: this.#authorization, ...headers },
          ...json,
          headLimitMs: ANSWER_LIMIT_MS,
          silenceLimitMs: ANSWER_LIMIT_MS,
        },
        signal,
      );
      const read = await answer.readAll(MOST_ANSWER_BYTES);
      this.#lastMs = this.#clock.nowMs() - askedMs;
      return readAnswer(name, answer.status, read);
    } catch (error) {
      // What is gone is asked to go all the same.
      if (!signal.aborted && statusOf(error) !== 404) {
        this.counts.ariRequestsFailed.add(name);
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#origin.close();
  }
}

/** The header that says who asks. */
export function basicAuthorization(user: string, password: Secret): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;
}
