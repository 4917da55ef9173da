/**
 * Machine translation by a LibreTranslate server, the operator's own or a public one. What it can translate is asked
 * once; it has no use for what was said before.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, codeOf, messageOf } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { MtEngine, MtRequest } from '../mt-engine.ts';
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
  /** For messages; a URL may hold a password, a host does not. */
  readonly #host: string;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();
  #languages: Promise<readonly ServerLanguage[]> | undefined;

  constructor(settings: LibretranslateSettings) {
    this.#settings = settings;
    this.#deadlineMs = settings.deadlineMs ?? 3_000;
    this.#host = URL.canParse(settings.url) ? new URL(settings.url).host : 'its URL';
  }

  async supports(from: Language, to: Language): Promise<Support> {
    try {
      const languages = await this.#serverLanguages();
      return findPair(languages, from, to) === undefined
        ? unsupported(
            `the LibreTranslate server at ${this.#host} has no model from ${from} to ${to}; if there is one, start it with --load-only ${baseLanguage(from)},${baseLanguage(to)}`,
          )
        : SUPPORTED;
    } catch (error) {
      return unsupported(messageOf(error));
    }
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const text = request.text.trim();
    if (text === '') {
      return '';
    }
    const { from, to } = request;
    // The question is shared, so who hangs up must not abort it, only stop waiting.
    const languages = await this.#limit(signal, () => this.#serverLanguages());
    const pair = findPair(languages, from, to);
    if (pair === undefined) {
      throw new AppError(
        'language-unsupported',
        `the LibreTranslate server at ${this.#host} has no model from ${from} to ${to}`,
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
    const translation = readTranslation(await this.#ask('translate', body, signal))?.trim() ?? '';
    if (translation === '') {
      throw new AppError('engine-bad-answer', `libretranslate: ${this.#host} answered with no translation`);
    }
    return translation;
  }

  async close(): Promise<void> {
    this.#closed.abort(new AppError('closed', 'libretranslate: the engine has been closed'));
    await Promise.allSettled(this.#underWay);
  }

  /** What the server translates; asked until it has answered once, shared by those who ask at the same time. */
  #serverLanguages(): Promise<readonly ServerLanguage[]> {
    if (this.#languages === undefined) {
      const asked = this.#askLanguages();
      this.#languages = asked;
      asked.catch(() => {
        this.#languages = undefined;
      });
    }
    return this.#languages;
  }

  async #askLanguages(): Promise<readonly ServerLanguage[]> {
    const languages = readLanguages(await this.#ask('languages', undefined, this.#closed.signal));
    if (languages === undefined) {
      throw new AppError(
        'engine-bad-answer',
        `libretranslate: what ${this.#host} answers is no list of languages; check LIBRETRANSLATE_URL`,
      );
    }
    return languages;
  }

  /** Sends one request, with `body` as a POST, and resolves with the JSON that came back. */
  async #ask(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    if (this.#underWay.size >= (this.#settings.underWayLimit ?? 64)) {
      throw new AppError('engine-overloaded', 'libretranslate: as many requests are under way as may');
    }
    const work = this.#limit(AbortSignal.any([signal, this.#closed.signal]), (limited) =>
      this.#exchange(path, body, limited),
    );
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #limit<T>(signal: AbortSignal, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const message = `libretranslate: no answer from ${this.#host} within ${this.#deadlineMs} ms`;
    return withDeadline(this.#settings.clock, this.#deadlineMs, message, signal, work);
  }

  async #exchange(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    try {
      const response = await fetch(`${this.#settings.url.replace(/\/+$/, '')}/${path}`, {
        signal,
        ...(body === undefined
          ? {}
          : {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
      });
      // Read to the end in any case, so that the connection can be used again.
      const text = await response.text();
      if (!response.ok) {
        throw this.#refusal(response.status);
      }
      return parse(text);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof AppError ? error : this.#connectionFailure(error);
    }
  }

  /** The server's own words may quote what was said, so only the status is told. */
  #refusal(status: number): AppError {
    const where = `libretranslate: ${this.#host}`;
    const keyless = this.#settings.apiKey === undefined;
    switch (status) {
      case 400:
        return new AppError(
          'engine-refused',
          keyless
            ? `${where} refuses the request (status 400); it may want a key: set LIBRETRANSLATE_API_KEY`
            : `${where} refuses the request (status 400); its log says why`,
        );
      case 401:
      case 403:
        return new AppError(
          'engine-refused',
          `${where} refuses ${keyless ? 'us' : 'the key'} (status ${status}); check LIBRETRANSLATE_API_KEY`,
        );
      case 404:
      case 405:
        return new AppError(
          'engine-refused',
          `${where} is no LibreTranslate server (status ${status}); check LIBRETRANSLATE_URL`,
        );
      case 429:
        return new AppError(
          'engine-overloaded',
          `${where} takes no more requests for now (status 429); a server of one's own allows more with --req-limit`,
        );
      case 503:
        return new AppError('engine-overloaded', `${where} is too busy (status 503)`);
      default:
        return new AppError('engine-bad-answer', `${where} failed (status ${status}); its log says why`);
    }
  }

  #connectionFailure(error: unknown): AppError {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = codeOf(cause) === 'unknown' ? codeOf(error) : codeOf(cause);
    return new AppError(
      'engine-died',
      `libretranslate: the connection to ${this.#host} failed (${code}); start the server, or set LIBRETRANSLATE_URL to where it is`,
    );
  }
}

/** Undefined when `text` is no JSON; what the parser says of it would quote it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
