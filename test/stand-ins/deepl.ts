/**
 * A DeepL API on loopback that speaks its wire: `POST /v2/translate` as a form or as JSON, `GET /v2/usage`, the key in
 * a header, refusals with DeepL's statuses, and what a network can do besides. It keeps every request for the test.
 * https://developers.deepl.com/api-reference/translate
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { TranslationServer, type TranslationServerOptions } from './translation-server.ts';

/** What goes wrong with one translation. */
export type DeeplFault =
  /** An error of the API: 403, 429, 456, 500, 503; its message quotes the text, as real ones may. */
  | { readonly type: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** The request is taken and never answered. */
  | { readonly type: 'stall' }
  /** The connection closes in the middle of the answer. */
  | { readonly type: 'truncated' }
  /** The connection closes without an answer. */
  | { readonly type: 'dropped' }
  /** The answer is whole and half of its JSON is missing. */
  | { readonly type: 'half-json' }
  /** The answer holds no translation at all. */
  | { readonly type: 'none' }
  /** The translation is an empty text. */
  | { readonly type: 'empty' }
  /** The translation is this, whatever was asked. */
  | { readonly type: 'says'; readonly text: string }
  /** The answer is `body`, whatever was asked. */
  | { readonly type: 'answer'; readonly body: string };

export interface DeeplStandInOptions extends TranslationServerOptions {
  /** The key that is let in; default `stand-in-key`. */
  readonly apiKey?: string;
  /** Languages are as on the wire, in upper case: `EN`, `PT-BR`; default the text in brackets, `[ES] hello`. */
  readonly translate?: (text: string, from: string, to: string) => string;
  /** Ids of the glossaries there are. */
  readonly glossaries?: readonly string[];
  /** Characters of the month; past them the status is 456. Default 500,000. */
  readonly characterLimit?: number;
}

/** One request as it came; fields that are not in it are undefined. */
export interface DeeplRequest {
  readonly text: readonly string[];
  readonly sourceLang: string | undefined;
  readonly targetLang: string | undefined;
  readonly context: string | undefined;
  readonly formality: string | undefined;
  readonly glossaryId: string | undefined;
  readonly modelType: string | undefined;
  readonly betaLanguages: string | undefined;
  readonly splitSentences: string | undefined;
  readonly userAgent: string | undefined;
  readonly contentType: string;
}

/** The most bytes of a request: 128 KiB. */
const BODY_LIMIT_BYTES = 131_072;

/** Targets that formality `less` and `more` can be asked of; `prefer_*` is taken for all. */
const FORMALITY = new Set(['DE', 'ES', 'ES-419', 'FR', 'IT', 'JA', 'NL', 'PL', 'PT-BR', 'PT-PT', 'RU']);

/** Targets that the API has only for who asks for betas. */
const BETA = new Set(['DE-CH', 'FR-CA']);

/** Languages that every model of the API knows; the others are refused to who asks for the fast ones. */
const OF_ALL_MODELS = new Set(
  (
    'AR BG CS DA DE EL EN EN-GB EN-US ES ES-419 ET FI FR HE HU ID IT JA KO LT LV NB NL PL PT PT-BR PT-PT RO RU SK SL SV ' +
    'TH TR UK VI ZH ZH-HANS ZH-HANT DE-CH FR-CA'
  ).split(' '),
);

export class DeeplStandIn extends TranslationServer<DeeplRequest, DeeplFault> {
  readonly #options: DeeplStandInOptions;
  #characters = 0;

  /** Opens one on a free port of 127.0.0.1. */
  static open(options: DeeplStandInOptions = {}): Promise<DeeplStandIn> {
    return new DeeplStandIn(options).listen();
  }

  private constructor(options: DeeplStandInOptions) {
    super(options);
    this.#options = options;
  }

  protected override serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?');
    if (request.headers.authorization !== `DeepL-Auth-Key ${this.#options.apiKey ?? 'stand-in-key'}`) {
      send(response, 403, { message: 'Forbidden' });
    } else if (path === '/v2/usage' && (request.method === 'GET' || request.method === 'POST')) {
      send(response, 200, { character_count: this.#characters, character_limit: this.#limit });
    } else if (path !== '/v2/translate') {
      send(response, 404, { message: 'Not found' });
    } else if (request.method !== 'POST') {
      send(response, 405, { message: 'Method not allowed' });
    } else if (body.length > BODY_LIMIT_BYTES) {
      send(response, 413, { message: 'Request Entity Too Large' });
    } else {
      this.#translate(readRequest(request, body), response);
    }
  }

  #translate(request: DeeplRequest, response: ServerResponse): void {
    this.requests.push(request);
    this.arrived();
    const fault = this.nextFault();
    switch (fault?.type) {
      case 'status':
        if (fault.retryAfterS !== undefined) {
          response.setHeader('Retry-After', String(fault.retryAfterS));
        }
        send(response, fault.status, { message: `Refused: ${request.text.join(' ')}` });
        return;
      case 'stall':
        return;
      case 'dropped':
        response.destroy();
        return;
      case 'answer':
        response.setHeader('Content-Type', 'application/json');
        response.end(fault.body);
        return;
      default:
        this.afterLatency(() => this.#answer(request, response, fault));
    }
  }

  #answer(request: DeeplRequest, response: ServerResponse, fault: DeeplFault | undefined): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      send(response, refusal.status, { message: refusal.message });
      return;
    }
    this.#characters += request.text.join('').length;
    const translate = this.#options.translate ?? ((text, _, to) => `[${to}] ${text}`);
    const from = (request.sourceLang ?? 'EN').toUpperCase();
    const to = (request.targetLang ?? '').toUpperCase();
    const translations = request.text.map((text) => ({
      detected_source_language: from,
      text: fault?.type === 'empty' ? '' : fault?.type === 'says' ? fault.text : translate(text, from, to),
      billed_characters: text.length,
      ...(request.modelType === undefined ? {} : { model_type_used: request.modelType }),
    }));
    const answer = JSON.stringify({ translations: fault?.type === 'none' ? [] : translations });
    const half = answer.slice(0, answer.length / 2);
    response.setHeader('Content-Type', 'application/json');
    if (fault?.type === 'truncated') {
      response.setHeader('Content-Length', Buffer.byteLength(answer));
      response.write(half, () => response.destroy());
    } else {
      response.end(fault?.type === 'half-json' ? half : answer);
    }
  }

  /** Why the API would not translate this, in its words. */
  #refusal(request: DeeplRequest): { readonly status: number; readonly message: string } | undefined {
    const { text, sourceLang, targetLang, formality, glossaryId, splitSentences } = request;
    const target = targetLang?.toUpperCase() ?? '';
    const bad = (message: string) => ({ status: 400, message });
    if (text.length === 0) {
      return bad("Parameter 'text' not specified.");
    }
    if (!/^[A-Z]{2,3}(-[A-Z0-9]{2,4})?$/.test(target)) {
      return bad("Value for 'target_lang' not supported.");
    }
    if (splitSentences !== undefined && !['0', '1', 'nonewlines'].includes(splitSentences)) {
      return bad("Value for 'split_sentences' not supported.");
    }
    if (BETA.has(target) && request.betaLanguages !== 'true') {
      return bad("Value for 'target_lang' not supported.");
    }
    const languages = [sourceLang?.toUpperCase() ?? 'EN', target];
    if (request.modelType === 'latency_optimized' && !languages.every((each) => OF_ALL_MODELS.has(each))) {
      return bad("Language not supported with model_type 'latency_optimized'.");
    }
    if ((formality === 'less' || formality === 'more') && !FORMALITY.has(target)) {
      return bad("'formality' is not supported for given 'target_lang'.");
    }
    if (glossaryId !== undefined && sourceLang === undefined) {
      return bad('Use of a glossary requires the source_lang parameter to be specified');
    }
    if (glossaryId !== undefined && !(this.#options.glossaries ?? []).includes(glossaryId)) {
      return { status: 404, message: 'Glossary not found' };
    }
    return this.#characters + text.join('').length > this.#limit
      ? { status: 456, message: 'Quota Exceeded' }
      : undefined;
  }

  get #limit(): number {
    return this.#options.characterLimit ?? 500_000;
  }
}

/** A request whose body is a form or JSON; anything else is one without fields. */
function readRequest(request: IncomingMessage, body: Buffer): DeeplRequest {
  const contentType = request.headers['content-type'] ?? '';
  const fields = contentType.includes('json')
    ? jsonFields(body.toString('utf8'))
    : new URLSearchParams(body.toString('utf8'));
  const field = (name: string): string | undefined => fields.get(name) ?? undefined;
  return {
    text: fields.getAll('text'),
    sourceLang: field('source_lang'),
    targetLang: field('target_lang'),
    context: field('context'),
    formality: field('formality'),
    glossaryId: field('glossary_id'),
    modelType: field('model_type'),
    betaLanguages: field('enable_beta_languages'),
    splitSentences: field('split_sentences'),
    userAgent: request.headers['user-agent'],
    contentType,
  };
}

/** The members of a JSON object as a form has them: lists are repeated. */
function jsonFields(json: string): URLSearchParams {
  const object: unknown = JSON.parse(json);
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(typeof object === 'object' && object !== null ? object : {})) {
    for (const each of Array.isArray(value) ? value : [value]) {
      fields.append(name, String(each));
    }
  }
  return fields;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
