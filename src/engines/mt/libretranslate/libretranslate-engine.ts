/**
 * Machine translation by a LibreTranslate server, the operator's own or a public one. What it can translate is asked
 * once; it has no use for what was said before.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { HttpOrigin, jsonBody } from '../../wire/http.ts';
import { parseJson } from '../../wire/json.ts';
import { Once } from '../../wire/once.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import type { MtEngine, MtRequest } from '../mt-engine.ts';
import { plausibleTranslation } from '../translation-length.ts';
import { findPair, type ServerLanguage } from './languages.ts';
import { readLanguages, readTranslation } from './wire.ts';

export interface LibretranslateSettings {
  readonly clock: Clock;
  /** Where the server is: `http://127.0.0.1:5000`, with a path if it has one. */
  readonly url: string;
  /** Only servers that were started with `--api-keys` want one. */
  readonly apiKey?: Secret;
  /** How long one request may take, in ms; default 3,000. */
  readonly deadlineMs?: number;
  /** The most requests under way; default 64. */
  readonly underWayLimit?: number;
}

export class LibretranslateEngine implements MtEngine {
  readonly name = 'libretranslate';
  readonly #settings: LibretranslateSettings;
  readonly #deadlineMs: number;
  readonly #server: HttpOrigin;
  readonly #underWay: UnderWay;
  /** What the server translates. */
  readonly #languages = new Once(() => this.#askLanguages());

  /** @throws AppError `bad-option` when the URL is none. */
  constructor(settings: LibretranslateSettings) {
    this.#settings = settings;
    this.#deadlineMs = settings.deadlineMs ?? 3_000;
    this.#underWay = new UnderWay(this.name, settings.underWayLimit ?? 64);
    this.#server = new HttpOrigin({
      name: this.name,
      url: settings.url,
      clock: settings.clock,
      unreachableHint: 'start the server, or set LIBRETRANSLATE_URL to where it is',
    });
  }

  async supports(from: Language, to: Language): Promise<Support> {
    try {
      const languages = await this.#languages.get();
      return findPair(languages, from, to) === undefined
        ? unsupported(
            `the LibreTranslate server at ${this.#server.host} has no model from ${from} to ${to}; if there is one, start it with --load-only ${baseLanguage(from)},${baseLanguage(to)}`,
          )
        : SUPPORTED;
    } catch (error) {
      return unanswered(error);
    }
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    const text = request.text.trim();
    if (text === '') {
      return '';
    }
    const { from, to } = request;
    // The question is shared, so who hangs up must not abort it, only stop waiting.
    const languages = await this.#limit(signal, () => this.#languages.get());
    const pair = findPair(languages, from, to);
    if (pair === undefined) {
      throw new AppError(
        'language-unsupported',
        `the LibreTranslate server at ${this.#server.host} has no model from ${from} to ${to}`,
      );
    }
    const { apiKey } = this.#settings;
    const body = {
      q: text,
      ...pair,
      format: 'text',
      alternatives: 0,
      ...(apiKey === undefined ? {} : { api_key: apiKey.reveal() }),
    };
    const translation = readTranslation(await this.#ask('/translate', body, signal))?.trim() ?? '';
    if (translation === '') {
      throw new AppError(
        'engine-bad-answer',
        `libretranslate: ${this.#server.host} answered with no translation`,
      );
    }
    return plausibleTranslation(this.name, text, translation);
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#server.close();
  }

  async #askLanguages(): Promise<readonly ServerLanguage[]> {
    const languages = readLanguages(await this.#ask('/languages', undefined, this.#underWay.closed));
    if (languages === undefined) {
      throw new AppError(
        'engine-bad-answer',
        `libretranslate: what ${this.#server.host} answers is no list of languages; check LIBRETRANSLATE_URL`,
      );
    }
    return languages;
  }

  /** Sends one request, with `body` as a POST, and resolves with the JSON that came back; undefined when it is none. */
  #ask(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    const ask =
      body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, ...jsonBody(body) };
    return this.#underWay.run(signal, (open) =>
      this.#limit(open, async (limited) => {
        const answer = await this.#server.send({ path, ...ask }, limited);
        if (answer.status !== 200) {
          // The server's own words may quote what was said.
          throw refusal(this.#server, await answer.refused([]), this.#hints());
        }
        return parseJson(await answer.readAll());
      }),
    );
  }

  #limit<T>(signal: AbortSignal, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const message = `libretranslate: no answer from ${this.#server.host} within ${this.#deadlineMs} ms`;
    return withDeadline(this.#settings.clock, this.#deadlineMs, message, signal, work);
  }

  #hints(): RefusalHints {
    const keyless = this.#settings.apiKey === undefined;
    return {
      key: keyless ? 'it wants one: set LIBRETRANSLATE_API_KEY' : 'check LIBRETRANSLATE_API_KEY',
      missing: 'it is no LibreTranslate server; check LIBRETRANSLATE_URL',
      // It answers so without a key, too.
      request: keyless ? 'it may want a key: set LIBRETRANSLATE_API_KEY' : 'its log says why',
      busy: "a server of one's own allows more with --req-limit",
      fault: 'its log says why',
    };
  }
}
