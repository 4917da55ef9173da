/**
 * An xtts-streaming-server, as far as its clients can tell: voices of real size, a 200 before anything is known, raw
 * sound in chunks that end in the middle of samples, one segment at a time. It goes on when its client has gone,
 * and a second request meanwhile ends like a failed assertion on a graphics card: the answer breaks off.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { partsOf } from './form-parts.ts';
import { respond, type SpeakingOptions, SpeechServer } from './speech-server.ts';

export interface XttsStandInOptions extends SpeakingOptions {
  /** How many studio speakers there are; default 3, where the real model has 58. */
  readonly speakers?: number;
  /** Texts that the model fails on: it ends with nothing said, or breaks off; default those of over 400 characters. */
  readonly failsOn?: (text: string) => 'empty' | 'broken' | undefined;
}

/** A request for speech. */
export interface XttsAsked {
  /** The studio speaker whose latents came; undefined for others. */
  readonly speaker: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

const NAMES = ['Claribel Dervla', 'Alma María', 'Daisy "Q" Studious', 'Gracie Wise', 'Tammie Ema'];

const LANGUAGES = 'en es fr de it pt pl tr ru nl cs ar zh-cn hu ko ja hi'.split(' ');

/** Rows of `gpt_cond_latent` of a studio speaker. */
const ROWS = 32;

export class XttsStandIn {
  readonly asked: XttsAsked[] = [];
  /** Requests for lists of speakers and of languages, and for clones. */
  readonly counts = { speakers: 0, languages: 0, clones: 0 };
  /** Requests that came while another was being spoken. */
  overlaps = 0;
  /** The JSON of each one's latents. */
  readonly #speakers: ReadonlyMap<string, Buffer>;
  readonly #failsOn: (text: string) => 'empty' | 'broken' | undefined;
  #server: SpeechServer | undefined;
  #speaking = 0;

  private constructor({ speakers = 3, failsOn }: XttsStandInOptions) {
    // More than 400 tokens are a failed assertion after the 200.
    this.#failsOn = failsOn ?? ((text) => (text.length > 400 ? 'broken' : undefined));
    this.#speakers = new Map(
      Array.from({ length: speakers }, (_, i) => [NAMES[i] ?? `Speaker ${i}`, Buffer.from(latentsOf(i))]),
    );
  }

  static async start(options: XttsStandInOptions = {}): Promise<XttsStandIn> {
    const standIn = new XttsStandIn(options);
    standIn.#server = await SpeechServer.listen({ chunkMs: 900, ...options }, (request, body, response) =>
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
    switch (`${request.method} ${request.url}`) {
      case 'GET /languages':
        this.counts.languages += 1;
        respond(response, 200, JSON.stringify(LANGUAGES));
        return;
      case 'GET /studio_speakers':
        this.counts.speakers += 1;
        await this.#listSpeakers(response);
        return;
      case 'POST /clone_speaker':
        this.counts.clones += 1;
        await this.#clone(request, body, response);
        return;
      case 'POST /tts_stream':
        await this.#speak(body, response);
        return;
      default:
        respond(response, 404, '{"detail":"Not Found"}');
    }
  }

  async #listSpeakers(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/json' });
    let before = '{';
    for (const [name, latents] of this.#speakers) {
      response.write(`${before}${JSON.stringify(name)}:`);
      response.write(latents);
      before = ',';
    }
    response.end(before === '{' ? '{}' : '}');
  }

  async #speak(bytes: Buffer, response: ServerResponse): Promise<void> {
    const asked = this.#read(bytes);
    if (asked === undefined) {
      respond(
        response,
        422,
        '{"detail":[{"loc":["body","gpt_cond_latent"],"msg":"field required","type":"value_error.missing"}]}',
      );
      return;
    }
    this.asked.push(asked);
    const fault = this.server.takeFault();
    const overlap = this.#speaking > 0;
    this.overlaps += overlap ? 1 : 0;
    this.#speaking += 1;
    try {
      const { text, language, add_wav_header: wavHeader, stream_chunk_size: chunkSize } = asked.body;
      // A language the model does not know is a KeyError after the 200.
      const fails = overlap || !LANGUAGES.includes(String(language)) || Number.isNaN(Number(chunkSize));
      const failsOn = this.#failsOn(String(text));
      await this.server.speak(response, {
        text: String(text),
        rateHz: 24_000,
        contentType: 'audio/wav',
        fault:
          fails || failsOn === 'broken'
            ? { type: 'broken', afterChunks: 0 }
            : failsOn === 'empty'
              ? { type: 'empty' }
              : fault,
        goesOn: true,
        ...(wavHeader === false ? {} : { header: Buffer.from('RIFF') }),
      });
    } finally {
      this.#speaking -= 1;
    }
  }

  async #clone(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const wav = partsOf(request, body).get('wav_file')?.bytes;
    if (wav === undefined) {
      respond(response, 422, '{"detail":[{"loc":["body","wav_file"],"msg":"field required"}]}');
    } else if (wav.toString('latin1', 0, 4) !== 'RIFF') {
      respond(response, 500, 'Internal Server Error', 'text/plain');
    } else {
      await this.server.answer(response, latentsOf(clonedSeed(wav)));
    }
  }

  /** Bodies begin with latents of a studio speaker as they were listed, mostly: those need no parsing. */
  #read(bytes: Buffer): XttsAsked | undefined {
    for (const [speaker, latents] of this.#speakers) {
      const length = latents.length - 1;
      // All but the closing brace, in whose place a comma has come.
      if (bytes.subarray(0, length).equals(latents.subarray(0, length))) {
        return { speaker, body: JSON.parse(`{${bytes.toString('utf8', length + 1)}`) };
      }
    }
    const body = JSON.parse(bytes.toString('utf8'));
    const rows: unknown = body.gpt_cond_latent;
    return Array.isArray(rows) && Array.isArray(body.speaker_embedding)
      ? { speaker: undefined, body }
      : undefined;
  }
}

/** A voice, as JSON: numbers as half precision has them, 0.6 MB. Voices differ in their embedding. */
export function latentsOf(seed: number, rows = ROWS): string {
  return `{"speaker_embedding":${JSON.stringify(numbers(seed + 1, 512))},"gpt_cond_latent":${latentRows(rows)}}`;
}

let rowsMade: { readonly count: number; readonly json: string } | undefined;

function latentRows(count: number): string {
  if (rowsMade?.count !== count) {
    const rows = Array.from({ length: count }, (_, row) => numbers(row + 100, 1_024));
    rowsMade = { count, json: JSON.stringify(rows) };
  }
  return rowsMade.json;
}

function numbers(seed: number, count: number): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    // Sign, exponent and 10 bits of fraction, from the better upper bits.
    const sign = (state >> 10) % 2 === 0 ? 1 : -1;
    return (sign * (1 + ((state >> 12) % 1_024) / 1_024)) / 2 ** ((state >> 22) % 9);
  });
}

/** What the latents of a recording are made of, for {@link latentsOf}: as long a recording is the same voice. */
export function clonedSeed(wav: Uint8Array): number {
  return 1_000 + wav.length;
}
