/**
 * A Chatterbox-TTS-Server, as far as its clients can tell: voices are files of its folders, a recording that it has by
 * this name is not taken again, none can be deleted, and speech comes as WAV.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { wavHeader } from '../../src/protocol/wav.ts';
import { sumOf } from './elevenlabs-voices.ts';
import { partsOf } from './form-parts.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface ChatterboxStandInOptions extends SpeakingOptions {
  /** Voices that come with it; default two. */
  readonly voices?: readonly string[];
  /** Default the multilingual model. */
  readonly model?: 'multilingual' | 'turbo';
}

const LANGUAGES = { en: 'English', es: 'Spanish', fr: 'French', zh: 'Chinese' };

export class ChatterboxStandIn {
  /** The bodies of requests for speech. */
  readonly asked: Readonly<Record<string, unknown>>[] = [];
  /** Checksums of its reference recordings, by the names of their files. */
  readonly references = new Map<string, string>();
  readonly #options: ChatterboxStandInOptions;
  #server: SpeechServer | undefined;

  private constructor(options: ChatterboxStandInOptions) {
    this.#options = options;
  }

  static async start(options: ChatterboxStandInOptions = {}): Promise<ChatterboxStandIn> {
    const standIn = new ChatterboxStandIn(options);
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

  get #voices(): readonly string[] {
    return this.#options.voices ?? ['Abigail.wav', 'Emily.wav'];
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #handle(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { model = 'multilingual' } = this.#options;
    switch (`${request.method} ${request.url}`) {
      case 'GET /api/model-info': {
        const languages = model === 'multilingual' ? LANGUAGES : { en: 'English' };
        respond(response, 200, JSON.stringify({ loaded: true, type: model, supported_languages: languages }));
        return;
      }
      case 'GET /get_predefined_voices': {
        const voices = this.#voices.map((filename) => ({
          display_name: filename.replace('.wav', ''),
          filename,
        }));
        respond(response, 200, JSON.stringify(voices));
        return;
      }
      case 'GET /get_reference_files':
        respond(response, 200, JSON.stringify([...this.references.keys()]));
        return;
      case 'POST /upload_reference':
        await this.#upload(request, body, response);
        return;
      case 'POST /tts':
        await this.#speak(body, response);
        return;
      default:
        respond(response, 404, '{"detail":"Not Found"}');
    }
  }

  async #upload(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const file = partsOf(request, body).get('files');
    if (file?.fileName === undefined) {
      respond(response, 422, '{"detail":[{"loc":["body","files"],"msg":"Field required"}]}');
      return;
    }
    const { fileName } = file;
    const isValid = file.bytes.toString('latin1', 0, 4) === 'RIFF';
    if (isValid && !this.references.has(fileName)) {
      this.references.set(fileName, sumOf(file.bytes));
    }
    const errors = isValid ? [] : [{ filename: fileName, error: 'Invalid or corrupted audio file.' }];
    const said = {
      message: 'Processed 1 file(s).',
      uploaded_files: isValid ? [fileName] : [],
      all_reference_files: [...this.references.keys()],
      errors,
    };
    if (isValid) {
      await this.server.answer(response, JSON.stringify(said));
    } else {
      respond(response, 400, JSON.stringify(said));
    }
  }

  async #speak(bytes: Buffer, response: ServerResponse): Promise<void> {
    const body = JSON.parse(bytes.toString('utf8'));
    this.asked.push(body);
    const { voice_mode: mode, predefined_voice_id: voice, reference_audio_filename: reference } = body;
    if (typeof body.text !== 'string' || body.text === '') {
      respond(response, 422, JSON.stringify({ detail: [{ loc: ['body', 'text'], input: body }] }));
    } else if (mode === 'clone' ? !this.references.has(reference) : !this.#voices.includes(voice)) {
      respond(response, 404, JSON.stringify({ detail: `Voice file '${reference ?? voice}' not found.` }));
    } else {
      await this.server.speak(response, {
        text: body.text,
        rateHz: 24_000,
        contentType: 'audio/wav',
        fault: this.server.takeFault(),
        header: wavHeader(24_000, 0),
      });
    }
  }
}
