/**
 * A server of OpenAI's speech API, as Kokoro-FastAPI is one: no key unless told, raw sound at its own rate, refusals
 * as FastAPI writes them; or as OpenAI writes them. It can be one that ignores the format it is asked for.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { wavHeader } from '../../src/protocol/wav.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface OpenaiSpeechStandInOptions extends SpeakingOptions {
  /** The key that is let in; without it, everyone is. */
  readonly apiKey?: string;
  /** The rate of the sound in Hz; default 24,000. */
  readonly rateHz?: number;
  /** What it answers with, whatever it is asked for; default raw PCM. */
  readonly format?: 'pcm' | 'wav' | 'mp3';
  /** Default `audio/pcm`, or the format's own. */
  readonly contentType?: string;
}

const VOICES = ['alloy', 'af_heart', 'ef_dora', 'af_bella(2)+af_sky'];

export class OpenaiSpeechStandIn {
  /** The bodies of requests for speech. */
  readonly asked: Readonly<Record<string, unknown>>[] = [];
  readonly #options: OpenaiSpeechStandInOptions;
  #server: SpeechServer | undefined;

  private constructor(options: OpenaiSpeechStandInOptions) {
    this.#options = options;
  }

  static async start(options: OpenaiSpeechStandInOptions = {}): Promise<OpenaiSpeechStandIn> {
    const standIn = new OpenaiSpeechStandIn(options);
    standIn.#server = await SpeechServer.listen(options, (request, body, response) =>
      standIn.#handle(request, body, response),
    );
    return standIn;
  }

  get server(): SpeechServer {
    if (this.#server === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#server;
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
    if (request.method === 'GET' && request.url === '/v1/models') {
      respond(response, 200, '{"object":"list","data":[{"id":"kokoro","object":"model"}]}');
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/audio/speech') {
      respond(response, 404, '{"detail":"Not Found"}');
      return;
    }
    const body = JSON.parse(bytes.toString('utf8'));
    this.asked.push(body);
    if (!VOICES.includes(body.voice)) {
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
}
