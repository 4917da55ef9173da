/**
 * Requests to one Asterisk over ARI. Each has a deadline; a refusal is an error with its status and nothing of
 * Asterisk's own words, which may repeat what was dialled. The password goes into a header and nowhere else.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { Tally } from '../../../base/tally.ts';
import { HttpOrigin, jsonBody } from '../../../engines/wire/http.ts';
import { parseJson } from '../../../engines/wire/json.ts';
import type { AriRequest } from '../../../protocol/ari/ari-requests.ts';

/** Where ARI is, and who asks. */
export interface AriAddress {
  /** `http://127.0.0.1:8088`; what stands behind it in http.conf (`prefix`) may be its path. */
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
}

/** Asterisk connects to an AudioSocket server inside the request, for up to 2 s; others wait in line meanwhile. */
const ANSWER_LIMIT_MS = 5_000;
/**
 * Asterisk's web server has 100 connections for everybody (sessionlimit of http.conf) and closes what is more at
 * once.
 */
const CONNECTIONS = 16;
/** Channels are some 700 bytes each in a list: more than 10,000. */
const MOST_ANSWER_BYTES = 8 * 1_048_576;

/** Asterisk says no. */
export class AriRefusal extends AppError {
  readonly status: number;

  constructor(request: string, status: number) {
    super('engine-refused', `ARI: Asterisk refuses "${request}" (HTTP ${status})`);
    this.status = status;
  }
}

export class AriClient implements Counted {
  readonly counts = {
    /** Requests that were answered otherwise than was asked, or not at all, by their name. */
    ariRequestsFailed: new Tally<string>(),
  };
  readonly #origin: HttpOrigin;
  readonly #authorization: string;

  constructor({ url, user, password }: AriAddress, clock: Clock) {
    this.#origin = new HttpOrigin({
      name: 'ARI',
      url,
      clock,
      connections: CONNECTIONS,
      unreachableHint: 'start Asterisk with enabled=yes in http.conf, or mend --ari',
    });
    this.#authorization = basicAuthorization(user, password);
  }

  /**
   * Resolves with the JSON of the answer; undefined where there is none.
   * @throws AriRefusal, or AppError `engine-timeout`, `engine-start-failed`, `engine-died`, `engine-bad-answer`; the
   * signal's reason when it aborts first.
   */
  async ask(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    const { name, method, path, body } = request;
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
      const text = await answer.readAll(MOST_ANSWER_BYTES);
      if (answer.status < 200 || answer.status > 299) {
        throw new AriRefusal(name, answer.status);
      }
      return text.length === 0 ? undefined : parseJson(text);
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

/** The HTTP status of a refusal; undefined for everything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof AriRefusal ? error.status : undefined;
}
