/**
 * A server of OpenAI's speech API, as Kokoro-FastAPI is one: no key unless told, raw sound at its own rate, refusals
 * as FastAPI writes them; or as OpenAI writes them. It can be one that ignores the format it is asked for; or vLLM-Omni,
 * or OpenAI itself, which make voices.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { member } from '../../src/engines/wire/json.ts';
import { wavHeader } from '../../src/protocol/wav.ts';
import { OpenaiVoices, type OpenaiVoicesOptions } from './openai-voices.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface OpenaiSpeechStandInOptions extends SpeakingOptions, OpenaiVoicesOptions {
  /** Whose server it is; default one that makes no voices. */
  readonly of?: 'openai' | 'vllm';
  /** The key that is let in; without it, everyone is. */
  readonly apiKey?: string;
  /** The rate of the sound in Hz; default 24,000. */
  readonly rateHz?: number;
  /** What it answers with, whatever it is asked for; default raw PCM. */
  readonly format?: 'pcm' | 'wav' | 'mp3';
  /** Default `audio/pcm`, or the format's own. */
  readonly contentType?: string;
}

/** What vLLM-Omni serves. */
export const QWEN = 'Qwen/Qwen3-TTS-12Hz-1.7B-Base';

const VOICES = ['alloy', 'af_heart', 'ef_dora', 'af_bella(2)+af_sky'];

export class OpenaiSpeechStandIn {
  /** The bodies of requests for speech. */
  readonly asked: Readonly<Record<string, unknown>>[] = [];
  readonly #options: OpenaiSpeechStandInOptions;
  #server: SpeechServer | undefined;
  #voices: OpenaiVoices | undefined;

  private constructor(options: OpenaiSpeechStandInOptions) {
    this.#options = options;
  }

  static async start(options: OpenaiSpeechStandInOptions = {}): Promise<OpenaiSpeechStandIn> {
    const standIn = new OpenaiSpeechStandIn(options);
    standIn.#server = await SpeechServer.listen(options, (request, body, response) =>
      standIn.#handle(request, body, response),
    );
    if (options.of !== undefined) {
      standIn.#voices = new OpenaiVoices(standIn.server, options.of, options);
    }
    return standIn;
  }

  get server(): SpeechServer {
    if (this.#server === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#server;
  }

  get voices(): OpenaiVoices {
    if (this.#voices === undefined) {
      throw new Error('this server makes no voices');
    }
    return this.#voices;
  }

  /** The voice that the latest speech was asked for in. */
  get latestVoice(): string {
    const voice: unknown = this.asked.at(-1)?.voice;
    return typeof voice === 'object' ? String(member(voice, 'id')) : String(voice);
  }

  get url(): string {
    return this.server.url;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #handle(request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const { apiKey, rateHz = 24_000, format = 'pcm' } = this.#options;
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      const message = `Incorrect API key provided: ${request.headers.authorization}`;
      const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' };
      respond(response, 401, JSON.stringify({ error }));
      return;
    }
    const { of } = this.#options;
    if (of === 'openai') {
      response.setHeader('openai-version', '2020-10-01');
    }
    if (request.method === 'GET' && request.url === '/v1/models') {
      const [id, owner] =
        of === 'vllm' ? [QWEN, 'vllm'] : of === 'openai' ? ['tts-1', 'openai'] : ['kokoro', 'x'];
      const data = [{ id, object: 'model', owned_by: owner }];
      respond(response, 200, JSON.stringify({ object: 'list', data }));
      return;
    }
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (this.#voices !== undefined && /^\/v1\/audio\/voice(?:s|_consents)\b/.test(pathname)) {
      await this.#voices.handle(request, pathname, bytes, response);
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/audio/speech') {
      respond(response, 404, '{"detail":"Not Found"}');
      return;
    }
    const body = JSON.parse(bytes.toString('utf8'));
    this.asked.push(body);
    if (
      of === 'vllm' &&
      (body.model !== QWEN || (body.stream_format === 'audio' && (body.speed ?? 1) !== 1))
    ) {
      const error = {
        message: `no model ${body.model}, or no speed`,
        type: 'BadRequestError',
        param: null,
        code: 400,
      };
      respond(response, 400, JSON.stringify({ error }));
      return;
    }
    if (!this.#has(of, body.voice)) {
      const message = `Voice '${body.voice}' not found, so "${body.input}" is not spoken. Available voices: ${VOICES.join(', ')}`;
      const detail = { error: 'validation_error', message, type: 'invalid_request_error' };
      respond(response, 400, JSON.stringify({ detail }));
      return;
    }
    await this.server.speak(response, {
      text: String(body.input),
      rateHz,
      contentType:
        this.#options.contentType ?? { pcm: 'audio/pcm', wav: 'audio/wav', mp3: 'audio/mpeg' }[format],
      fault: this.server.takeFault(),
      ...(format === 'pcm'
        ? {}
        : { header: format === 'wav' ? wavHeader(rateHz, 0) : Buffer.from('ID3\u0004\0\0\0\0\0\0') }),
    });
  }

  /** OpenAI names voices that it made in a member of their own. */
  #has(of: 'openai' | 'vllm' | undefined, voice: unknown): boolean {
    const made = of === 'openai' ? member(voice, 'id') : voice;
    const isMade = typeof made === 'string' && this.#voices?.voices.has(made) === true;
    return (
      isMade || (of === 'vllm' ? voice === undefined || voice === 'vivian' : VOICES.includes(String(voice)))
    );
  }
}
