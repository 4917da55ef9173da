/**
 * A LibreTranslate server on loopback that speaks its wire: `GET /languages`, `POST /translate` as JSON or as a form,
 * `GET /health`, errors as `{"error"}`, and what a network can do besides. It keeps every translation asked for.
 * https://docs.libretranslate.com/api
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { TranslationServer, type TranslationServerOptions } from './translation-server.ts';

/** What goes wrong with one request. */
export type LibretranslateFault =
  /** An error of the server: 400, 403, 429, 500; its message quotes the text, as real ones do. */
  | { readonly type: 'status'; readonly status: number }
  /** The request is taken and never answered. */
  | { readonly type: 'stall' }
  /** The connection closes in the middle of the answer. */
  | { readonly type: 'truncated' }
  /** The connection closes without an answer. */
  | { readonly type: 'dropped' }
  /** The answer is `body`, whatever was asked. */
  | { readonly type: 'answer'; readonly body: string };

/** An entry of `GET /languages`; `targets` is left out by old servers. */
export interface LibretranslateLanguage {
  readonly code: string;
  readonly name: string;
  readonly targets?: readonly string[];
}

export interface LibretranslateStandInOptions extends TranslationServerOptions {
  /** The key that is let in; without one nobody needs a key. */
  readonly apiKey?: string;
  /** Default English and Spanish, each to the other. */
  readonly languages?: readonly LibretranslateLanguage[];
  /** Languages are as on the wire; default the text in brackets, `[es] hello`. */
  readonly translate?: (text: string, from: string, to: string) => string;
}

/** One request for a translation as it came. */
export type LibretranslateRequest = Readonly<Record<string, unknown>>;

const ENGLISH_AND_SPANISH: readonly LibretranslateLanguage[] = [
  { code: 'en', name: 'English', targets: ['en', 'es'] },
  { code: 'es', name: 'Spanish', targets: ['en', 'es'] },
];

export class LibretranslateStandIn extends TranslationServer<LibretranslateRequest, LibretranslateFault> {
  /** How often the languages were asked for. */
  languageRequests = 0;
  readonly #options: LibretranslateStandInOptions;
  readonly #languages: readonly LibretranslateLanguage[];

  /** Opens one on a free port of 127.0.0.1. */
  static open(options: LibretranslateStandInOptions = {}): Promise<LibretranslateStandIn> {
    return new LibretranslateStandIn(options).listen();
  }

  private constructor(options: LibretranslateStandInOptions) {
    super(options);
    this.#options = options;
    this.#languages = options.languages ?? ENGLISH_AND_SPANISH;
  }

  protected override serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    switch (`${request.method} ${request.url}`) {
      case 'GET /health':
        send(response, 200, { status: 'ok' });
        return;
      case 'GET /languages':
        this.languageRequests += 1;
        this.arrived();
        this.#orFault('', response, () => send(response, 200, this.#languages));
        return;
      case 'POST /translate': {
        const fields = readFields(request, body.toString('utf8'));
        this.requests.push(fields);
        this.arrived();
        this.#orFault(String(fields.q), response, () =>
          this.afterLatency(() => this.#translate(fields, response)),
        );
        return;
      }
      default:
        response.writeHead(404, { 'Content-Type': 'text/html' });
        response.end('<!doctype html><title>404 Not Found</title>');
    }
  }

  #orFault(text: string, response: ServerResponse, answer: () => void): void {
    const fault = this.nextFault();
    switch (fault?.type) {
      case 'status':
        send(response, fault.status, { error: `Cannot translate text: ${text}` });
        return;
      case 'stall':
        return;
      case 'truncated':
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1_000 });
        response.write('{"translatedText":"', () => response.destroy());
        return;
      case 'dropped':
        response.destroy();
        return;
      case 'answer':
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(fault.body);
        return;
      default:
        answer();
    }
  }

  #translate(fields: LibretranslateRequest, response: ServerResponse): void {
    const refusal = this.#refusal(fields);
    if (refusal !== undefined) {
      send(response, refusal.status, { error: refusal.error });
      return;
    }
    const translate = this.#options.translate ?? ((text, _, to) => `[${to}] ${text}`);
    const one = (text: unknown): string =>
      translate(String(text), String(fields.source), String(fields.target));
    send(response, 200, { translatedText: Array.isArray(fields.q) ? fields.q.map(one) : one(fields.q) });
  }

  /** Why the server would not translate this, in its words. */
  #refusal(fields: LibretranslateRequest): { readonly status: number; readonly error: string } | undefined {
    const { source, target, api_key: key } = fields;
    const { apiKey } = this.#options;
    if (apiKey !== undefined && key !== apiKey) {
      return key === undefined
        ? { status: 400, error: 'Please contact the server operator to get an API key' }
        : { status: 403, error: 'Invalid API key' };
    }
    const missing = ['q', 'source', 'target'].find((name) => !fields[name]);
    if (missing !== undefined) {
      return { status: 400, error: `Invalid request: missing ${missing} parameter` };
    }
    for (const code of [source, target]) {
      if (!this.#languages.some((language) => language.code === code)) {
        return { status: 400, error: `${code} is not supported` };
      }
    }
    const targets = this.#languages.find(({ code }) => code === source)?.targets;
    return targets?.includes(String(target)) === false
      ? { status: 400, error: `${target} is not available as a target language from ${source}` }
      : undefined;
  }
}

/** The fields of a JSON body or a form. */
function readFields(request: IncomingMessage, body: string): LibretranslateRequest {
  if (request.headers['content-type']?.includes('json') !== true) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  const json: unknown = JSON.parse(body);
  return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : {};
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
