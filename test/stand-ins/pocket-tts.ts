/**
 * `pocket-tts serve`, as far as its clients can tell: a form in, WAV out while it is made, voices by name or from a
 * recording that comes along; it does not notice that nobody listens, and ends no answer whose making failed.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { wavHeader } from '../../src/protocol/wav.ts';
import { sumOf } from './elevenlabs-voices.ts';
import { partsOf } from './form-parts.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface PocketTtsStandInOptions extends SpeakingOptions {
  /** Whether its weights clone; default true. */
  readonly clones?: boolean;
}

/** A request for speech. */
export interface PocketTtsAsked {
  readonly text: string;
  readonly voiceUrl: string | undefined;
  /** The checksum of a recording that came along. */
  readonly recording: string | undefined;
}

const VOICES = ['alba', 'marius', 'javert'];

/** What Python's `wave` announces of a stream whose length it does not know. */
const UNKNOWN_BYTES = 2_000_000_000;

export class PocketTtsStandIn {
  readonly asked: PocketTtsAsked[] = [];
  readonly #options: PocketTtsStandInOptions;
  #server: SpeechServer | undefined;

  private constructor(options: PocketTtsStandInOptions) {
    this.#options = options;
  }

  static async start(options: PocketTtsStandInOptions = {}): Promise<PocketTtsStandIn> {
    const standIn = new PocketTtsStandIn(options);
    // 80 ms is a frame of its codec.
    standIn.#server = await SpeechServer.listen({ chunkMs: 80, ...options }, (request, body, response) =>
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

  async #handle(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/health') {
      respond(response, 200, '{"status":"healthy"}');
    } else if (request.method === 'POST' && request.url === '/tts') {
      await this.#speak(request, body, response);
    } else {
      respond(response, 404, '{"detail":"Not Found"}');
    }
  }

  async #speak(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { clones = true } = this.#options;
    const parts = partsOf(request, body);
    const text = parts.get('text')?.text;
    const voiceUrl = parts.get('voice_url')?.text;
    const wav = parts.get('voice_wav')?.bytes;
    if (text === undefined) {
      const detail = [{ type: 'missing', loc: ['body', 'text'], msg: 'Field required', input: null }];
      respond(response, 422, JSON.stringify({ detail }));
      return;
    }
    this.asked.push({ text, voiceUrl, recording: wav === undefined ? undefined : sumOf(wav) });
    if (text.trim() === '') {
      respond(response, 400, '{"detail":"Text cannot be empty"}');
    } else if (voiceUrl !== undefined && wav !== undefined) {
      respond(response, 400, '{"detail":"Cannot provide both voice_url and voice_wav"}');
    } else if (voiceUrl !== undefined && !VOICES.includes(voiceUrl) && !/^(?:https?|hf):/.test(voiceUrl)) {
      respond(response, 400, '{"detail":"voice_url must start with http://, https://, or hf://"}');
    } else if (wav !== undefined && (!clones || wav.toString('latin1', 0, 4) !== 'RIFF')) {
      respond(response, 500, 'Internal Server Error', 'text/plain; charset=utf-8');
    } else {
      await this.server.speak(response, {
        text,
        rateHz: 24_000,
        contentType: 'audio/wav',
        fault: this.server.takeFault(),
        header: wavHeader(24_000, UNKNOWN_BYTES),
        goesOn: true,
      });
    }
  }
}
