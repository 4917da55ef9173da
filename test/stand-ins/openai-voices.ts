/**
 * The voices API of OpenAI, with its recordings of consent, and vLLM-Omni's, which has the same path and lists what it
 * has: what they store, how they refuse, and what they say of what is gone.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sumOf } from './elevenlabs-voices.ts';
import { partsOf } from './form-parts.ts';
import { respond, type SpeechServer } from './speech-server.ts';

export interface OpenaiVoicesOptions {
  /** Voices that there may be; default 20. */
  readonly voiceLimit?: number;
  /** Whether it says that it deletes, and does not. */
  readonly keepsDeleted?: boolean;
}

const MOST_BYTES = 10_485_760;

export class OpenaiVoices {
  /** Checksums of recordings, by id or name. */
  readonly voices = new Map<string, string>();
  /** By id, with the checksum of what was said in each. */
  readonly consents = new Map<
    string,
    { readonly name: string; readonly language: string; readonly recording: string }
  >();
  /** What came beside the recordings, form by form. */
  readonly told: Readonly<Record<string, string>>[] = [];
  readonly #server: SpeechServer;
  readonly #of: 'openai' | 'vllm';
  readonly #options: OpenaiVoicesOptions;
  #made = 0;

  constructor(server: SpeechServer, of: 'openai' | 'vllm', options: OpenaiVoicesOptions) {
    this.#server = server;
    this.#of = of;
    this.#options = options;
  }

  async handle(
    request: IncomingMessage,
    path: string,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const [, , , kind = '', id = ''] = path.split('/').map(decodeURIComponent);
    const asked = `${request.method} ${kind}${id === '' ? '' : '/:id'}`;
    if (asked === 'POST voices') {
      await this.#add(request, body, response);
    } else if (asked === 'DELETE voices/:id') {
      await this.#delete(this.voices, id, response);
    } else if (asked === 'GET voices' && this.#of === 'vllm') {
      const uploaded = [...this.voices.keys()].map((name) => ({ name, consent: 'form 12', file_size: 1 }));
      await this.#server.answer(
        response,
        JSON.stringify({ voices: ['vivian', ...this.voices.keys()], uploaded_voices: uploaded }),
      );
    } else if (asked === 'POST voice_consents' && this.#of === 'openai') {
      await this.#consent(request, body, response);
    } else if (asked === 'GET voice_consents' && this.#of === 'openai') {
      await this.#server.answer(response, '{"object":"list","data":[],"has_more":false}');
    } else if (asked === 'DELETE voice_consents/:id' && this.#of === 'openai') {
      await this.#delete(this.consents, id, response);
    } else {
      respond(response, 404, '{"detail":"Not Found"}');
    }
  }

  async #add(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { voiceLimit = 20 } = this.#options;
    const parts = partsOf(request, body);
    const name = parts.get('name')?.text ?? '';
    const consent = parts.get('consent')?.text ?? '';
    const wav = parts.get('audio_sample')?.bytes;
    this.told.push(this.#textsOf(parts));
    if (name === '' || consent === '' || wav === undefined) {
      refuse(response, 422, 'missing_required_parameter', 'name, consent and audio_sample are required');
    } else if (wav.length > MOST_BYTES) {
      refuse(response, 400, 'file_too_large', 'at most 10 MiB');
    } else if (this.#of === 'openai' && !this.consents.has(consent)) {
      refuse(response, 400, 'invalid_consent', `there is no consent ${consent}`);
    } else if (this.voices.size >= voiceLimit) {
      refuse(response, 400, 'voice_limit_exceeded', `there are ${voiceLimit} voices`);
    } else {
      this.#made += 1;
      const id = this.#of === 'openai' ? `voice_${this.#made}` : name;
      this.voices.set(id, sumOf(wav));
      const made =
        this.#of === 'openai'
          ? { id, object: 'audio.voice', name, created_at: 1_734_220_800 }
          : { success: true, voice: { name, consent, created_at: 1_738_660_000, mime_type: 'audio/wav' } };
      await this.#server.answer(response, JSON.stringify(made));
    }
  }

  async #consent(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const parts = partsOf(request, body);
    const { name = '', language = '' } = this.#textsOf(parts);
    this.told.push(this.#textsOf(parts));
    const recording = parts.get('recording')?.bytes;
    if (name === '' || language === '' || recording === undefined) {
      refuse(response, 400, 'missing_required_parameter', 'name, language and recording are required');
      return;
    }
    this.#made += 1;
    const id = `cons_${this.#made}`;
    this.consents.set(id, { name, language, recording: sumOf(recording) });
    await this.#server.answer(
      response,
      JSON.stringify({ id, object: 'audio.voice_consent', name, language }),
    );
  }

  async #delete(from: Map<string, unknown>, id: string, response: ServerResponse): Promise<void> {
    if (!from.has(id)) {
      if (this.#of === 'vllm') {
        respond(response, 404, JSON.stringify({ success: false, error: `Voice '${id}' not found` }));
      } else {
        refuse(response, 404, 'not_found', `No such voice: ${id}`);
      }
      return;
    }
    if (this.#options.keepsDeleted !== true) {
      from.delete(id);
    }
    const said = this.#of === 'vllm' ? { success: true, message: 'deleted' } : { id, deleted: true };
    await this.#server.answer(response, JSON.stringify(said));
  }

  #textsOf(parts: ReturnType<typeof partsOf>): Readonly<Record<string, string>> {
    const texts = [...parts].filter(([, { fileName }]) => fileName === undefined);
    return Object.fromEntries(texts.map(([name, { text }]) => [name, text]));
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const error = { message, type: 'invalid_request_error', param: null, code };
  respond(response, status, JSON.stringify({ error }));
}
