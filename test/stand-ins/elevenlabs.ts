/**
 * ElevenLabs' streaming text to speech over HTTP, as far as its clients can tell: key, voices, formats, languages,
 * the plan's concurrency and credits, and the bodies of its refusals, old style and new.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ElevenlabsVoices, type ElevenlabsVoicesOptions } from './elevenlabs-voices.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface ElevenlabsStandInOptions extends SpeakingOptions, ElevenlabsVoicesOptions {
  /** The key that is let in; default `sk_test`. */
  readonly apiKey?: string;
  /** Requests at once that the plan allows; default 100. */
  readonly concurrency?: number;
  /** Characters the plan has left; default without end. */
  readonly credits?: number;
}

/** A request for speech. */
export interface ElevenlabsAsked {
  readonly voice: string;
  readonly outputFormat: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** George and Sarah. */
const VOICES = ['JBFqnCBsd6RMkjVDRZzb', 'EXAVITQu4vr4xnSDxMaL'];

const FORMAT = /^pcm_(8000|16000|22050|24000|32000|44100|48000)$/;

/** Some of what Flash v2.5 speaks. */
const LANGUAGES = ['en', 'es', 'de', 'fr', 'it', 'pt', 'fil', 'no', 'zh'];

export class ElevenlabsStandIn {
  readonly asked: ElevenlabsAsked[] = [];
  readonly #options: ElevenlabsStandInOptions;
  #server: SpeechServer | undefined;
  #voices: ElevenlabsVoices | undefined;
  #speaking = 0;
  #credits: number;

  private constructor(options: ElevenlabsStandInOptions) {
    this.#options = options;
    this.#credits = options.credits ?? Number.POSITIVE_INFINITY;
  }

  static async start(options: ElevenlabsStandInOptions = {}): Promise<ElevenlabsStandIn> {
    const standIn = new ElevenlabsStandIn(options);
    standIn.#server = await SpeechServer.listen(options, (request, body, response) =>
      standIn.#handle(request, body, response),
    );
    standIn.#voices = new ElevenlabsVoices(standIn.server, options);
    return standIn;
  }

  get server(): SpeechServer {
    if (this.#server === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#server;
  }

  get voices(): ElevenlabsVoices {
    if (this.#voices === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#voices;
  }

  get url(): string {
    return this.server.url;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #handle(request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (/^\/v[12]\/(?:voices|user)\b/.test(url.pathname) && !this.#refusesKey(request, response)) {
      await this.voices.handle(request, url.pathname, bytes, response);
      return;
    }
    const voice = /^\/v1\/text-to-speech\/([^/]+)\/stream$/.exec(url.pathname)?.[1];
    if (response.headersSent) {
      return;
    }
    if (request.method !== 'POST' || voice === undefined) {
      respond(response, 404, '{"detail":"Not Found"}');
      return;
    }
    const body = JSON.parse(bytes.toString('utf8'));
    const asked = {
      voice: decodeURIComponent(voice),
      outputFormat: url.searchParams.get('output_format') ?? 'mp3_44100_128',
      body,
    };
    this.asked.push(asked);
    if (this.#refuses(request, asked, response)) {
      return;
    }
    this.#credits -= String(body.text).length;
    this.#speaking += 1;
    try {
      await this.server.speak(response, {
        text: String(body.text),
        rateHz: Number(FORMAT.exec(asked.outputFormat)?.[1]),
        // What the service says of all its formats.
        contentType: 'audio/mpeg',
        fault: this.server.takeFault(),
      });
    } finally {
      this.#speaking -= 1;
    }
  }

  #refusesKey(request: IncomingMessage, response: ServerResponse): boolean {
    const { apiKey = 'sk_test' } = this.#options;
    const key = request.headers['xi-api-key'];
    if (key !== apiKey) {
      refuse(response, 401, 'invalid_api_key', `Invalid API key: ${key}`);
    }
    return key !== apiKey;
  }

  #refuses(request: IncomingMessage, asked: ElevenlabsAsked, response: ServerResponse): boolean {
    const { concurrency = 100 } = this.#options;
    const { text, language_code: language, model_id: model } = asked.body;
    if (this.#refusesKey(request, response)) {
      return true;
    }
    if (typeof text !== 'string' || text === '') {
      respond(
        response,
        422,
        JSON.stringify({ detail: [{ loc: ['body', 'text'], type: 'missing', input: asked.body }] }),
      );
    } else if (!VOICES.includes(asked.voice) && !this.voices.has(asked.voice)) {
      refuse(response, 404, 'voice_not_found', `A voice with the voice_id ${asked.voice} was not found.`);
    } else if (asked.outputFormat === 'pcm_44100') {
      refuse(
        response,
        403,
        'output_format_not_allowed',
        'pcm_44100 is only available on the Pro tier and above',
      );
    } else if (!FORMAT.test(asked.outputFormat)) {
      refuse(response, 400, 'invalid_output_format', `'${asked.outputFormat}' is not a format`);
    } else if (asked.body.previous_text !== undefined && /^eleven_v3/.test(String(model))) {
      const message = `Providing previous_text or next_text is not yet supported with the '${model}' model.`;
      const detail = {
        type: 'validation_error',
        code: 'unsupported_model',
        message,
        status: 'unsupported_model',
      };
      respond(response, 400, JSON.stringify({ detail: { ...detail, param: 'model_id' } }));
    } else if (language !== undefined && !LANGUAGES.includes(String(language))) {
      const message = `Model '${model}' does not support the language_code '${language}' of "${text}"`;
      const detail = { type: 'validation_error', code: 'unsupported_language', message, request_id: 'r1' };
      respond(response, 400, JSON.stringify({ detail }));
    } else if (text.length > this.#credits) {
      const message = `This request exceeds your quota. You have ${this.#credits} credits remaining, while ${text.length} are required.`;
      refuse(response, 401, 'quota_exceeded', message);
    } else if (this.#speaking >= concurrency) {
      const message = `Too many concurrent requests. Your current subscription is associated with a maximum of ${concurrency} concurrent requests.`;
      refuse(response, 429, 'too_many_concurrent_requests', message);
    } else {
      return false;
    }
    return true;
  }
}

function refuse(response: ServerResponse, status: number, word: string, message: string): void {
  respond(response, status, JSON.stringify({ detail: { status: word, message } }));
}
