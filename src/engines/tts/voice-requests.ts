/**
 * What adapters ask providers about voices: an answer of JSON, a refusal that says what to do, a deadline for slow work,
 * and an end with the engine.
 */

import { AppError } from '../../base/errors.ts';
import type { HttpAsk, HttpOrigin } from '../wire/http.ts';
import { parseJson } from '../wire/json.ts';
import {
  type RefusalHints,
  type RefusalKind,
  type RefusedAnswer,
  refusal,
  refusalKind,
} from '../wire/refusal.ts';
import type { UnderWay } from '../wire/under-way.ts';

/** How long making a voice may take, in ms: a provider listens to all of the recording. */
export const CLONE_LIMIT_MS = 120_000;

export interface VoiceRequestsOptions {
  readonly server: HttpOrigin;
  /** The engine's. */
  readonly underWay: UnderWay;
  /** The header with the key, read when it is sent. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Members of a refusal that hold its word, the best first. */
  readonly words: readonly string[];
  readonly hints: RefusalHints;
  /** What a refusal means, where it is not as its status has it. */
  readonly kindOf?: (refused: RefusedAnswer) => RefusalKind;
}

export class VoiceRequests {
  readonly #options: VoiceRequestsOptions;

  constructor(options: VoiceRequestsOptions) {
    this.#options = options;
  }

  /** Resolves with the JSON of the answer. @throws AppError of category `engine`; the signal's reason. */
  async ask(ask: HttpAsk, signal: AbortSignal): Promise<unknown> {
    const { server, hints } = this.#options;
    const { json, refused, kind } = await this.#send(ask, signal);
    if (refused !== undefined) {
      throw refusal(server, refused, hints, kind);
    }
    return json;
  }

  /** As {@link ask}; undefined when there is no such voice. */
  async find(ask: HttpAsk, signal: AbortSignal): Promise<unknown> {
    const { server, hints } = this.#options;
    const { json, refused, kind } = await this.#send(ask, signal);
    if (refused !== undefined && kind !== 'missing') {
      throw refusal(server, refused, hints, kind);
    }
    return json;
  }

  /** The error for an answer that is not what it should be. @param what as it follows the server: `gives no id`. */
  badAnswer(what: string): AppError {
    const { name, host } = this.#options.server;
    return new AppError('engine-bad-answer', `${name}: ${host} ${what}`);
  }

  #send(ask: HttpAsk, signal: AbortSignal): Promise<Answered> {
    const { server, underWay, headers, words, kindOf = refusalKind } = this.#options;
    return underWay.run(signal, async (stop) => {
      const answer = await server.send({ ...ask, headers: { ...ask.headers, ...headers() } }, stop);
      if (answer.status < 200 || answer.status >= 300) {
        const refused = await answer.refused(words);
        return { json: undefined, refused, kind: kindOf(refused) };
      }
      const body = await answer.readAll();
      const json = answer.status === NO_CONTENT ? {} : parseJson(body);
      if (typeof json !== 'object' || json === null) {
        throw this.badAnswer('gives an answer that is no JSON');
      }
      return { json, refused: undefined, kind: undefined };
    });
  }
}

const NO_CONTENT = 204;

/** What came of a request. */
type Answered =
  | { readonly json: object; readonly refused: undefined; readonly kind: undefined }
  | { readonly json: undefined; readonly refused: RefusedAnswer; readonly kind: RefusalKind };
