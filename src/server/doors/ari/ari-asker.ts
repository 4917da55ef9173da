/** Who asks one Asterisk for something over ARI, by whatever way, and how Asterisk says no. */

import { AppError } from '../../../base/errors.ts';
import { parseJson } from '../../../engines/wire/json.ts';
import type { AriRequest } from '../../../protocol/ari/ari-requests.ts';

/** Asterisk connects to an AudioSocket server inside the request, for up to 2 s; others wait in line meanwhile. */
export const ANSWER_LIMIT_MS = 5_000;

export interface AriAsker {
  /**
   * Resolves with the JSON of the answer; undefined where there is none.
   * @throws AriRefusal, or AppError `engine-timeout`, `engine-start-failed`, `engine-died`, `engine-bad-answer`; the
   * signal's reason when it aborts first.
   */
  ask(request: AriRequest, signal: AbortSignal): Promise<unknown>;
}

/** Asterisk says no. Nothing of its own words is kept, which may repeat what was dialled. */
export class AriRefusal extends AppError {
  readonly status: number;

  constructor(request: string, status: number) {
    super('engine-refused', `ARI: Asterisk refuses "${request}" (HTTP ${status})`);
    this.status = status;
  }
}

/** What an answer says. @throws AriRefusal */
export function readAnswer(request: string, status: number, body: string | Uint8Array): unknown {
  if (status < 200 || status > 299) {
    throw new AriRefusal(request, status);
  }
  return body.length === 0 ? undefined : parseJson(body);
}

/** The HTTP status of a refusal; undefined for everything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof AriRefusal ? error.status : undefined;
}
