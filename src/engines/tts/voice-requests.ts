/**
 * What adapters ask providers about voices: an answer of JSON, a refusal that says what to do, a deadline for slow work,
 * and an end with the engine.
 */

import { AppError } from '../../base/errors.ts';
import type { HttpAsk, HttpOrigin } from '../wire/http.ts';
import { parseJson } from '../wire/json.ts';
import {
  RefusalError,
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

  /**
   * Runs `make`; where it fails in a way that may have made a voice of which nobody would know, `undo` takes that away,
   * also when nobody waits for it any more.
   * @param name of the voice, for whoever has to look for it.
   * @throws as `make`, saying when something may be left.
   */
  async make<T>(
    name: string,
    make: () => Promise<T>,
    undo: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await make();
    } catch (error) {
      const { server, underWay } = this.#options;
      if (!(error instanceof AppError ? mayHaveMade(error) : signal.aborted)) {
        throw error;
      }
      const undone = underWay.run(underWay.closed, undo).then(
        () => true,
        () => false,
      );
      if (signal.aborted || !(error instanceof AppError) || (await undone)) {
        throw error;
      }
      throw new AppError(
        error.code,
        `${error.message}; a voice "${name}" may be left at ${server.host}: look for it there`,
        error,
      );
    }
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

/** Whether the provider may have done what it was asked: not when it was never reached, or said no. */
function mayHaveMade(error: AppError): boolean {
  return !(error instanceof RefusalError) && error.code !== 'engine-start-failed' && error.code !== 'closed';
}

/** What came of a request. */
type Answered =
  | { readonly json: object; readonly refused: undefined; readonly kind: undefined }
  | { readonly json: undefined; readonly refused: RefusedAnswer; readonly kind: RefusalKind };
