/**
 * A transcription server on loopback that speaks the wire of three real ones: OpenAI's `POST /v1/audio/transcriptions`,
 * speaches, and whisper.cpp's `POST /inference`, with their forms, answers and errors. The form and its WAV file are
 * taken apart byte by byte; what is heard in the audio is scripted. Every request is kept for the test.
 * https://platform.openai.com/docs/api-reference/audio/createTranscription
 * https://github.com/ggml-org/whisper.cpp/tree/master/examples/server
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parseWav } from '../../src/protocol/wav.ts';
import { AnswerGate } from './answer-gate.ts';
import { Changes } from './changes.ts';

export type TranscriptionFault =
  /** An error with this body, JSON unless it is a text. */
  | { readonly type: 'status'; readonly status: number; readonly body: unknown }
  /** The connection closes in the middle of the answer. */
  | { readonly type: 'truncated' }
  /** The connection closes without an answer. */
  | { readonly type: 'dropped' }
  /** A whole answer, but this one, with status 200. */
  | { readonly type: 'answer'; readonly mediaType: string; readonly body: string };

export interface ScriptedSegment {
  readonly text: string;
  /** Default 0.02. */
  readonly noSpeech?: number;
  /** Mean logarithm of the tokens' probabilities; default -0.2. */
  readonly confidence?: number;
}

export interface TranscriptionStandInOptions {
  /** Which server it is; default `openai`. */
  readonly dialect?: 'openai' | 'speaches' | 'whisper.cpp';
  /** What is heard in the audio of a request; default nothing. Texts begin with a space, as Whisper's do. */
  readonly hear?: (pcm: Int16Array) => readonly ScriptedSegment[];
  /** The key that is let in; default whatever comes, or none. */
  readonly apiKey?: string;
  /** Whether the model gives segments; `gpt-4o-transcribe` does not. Default true. */
  readonly givesSegments?: boolean;
  /** What `GET /health` says, if not what the dialect says. */
  readonly health?: { readonly status: number; readonly body: unknown };
}

/** One transcription asked for; the server writes on. */
export interface TranscriptionRecord {
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  readonly fileType: string;
  readonly rateHz: number;
  readonly samples: number;
  readonly authorization: string | undefined;
  /** The client hung up before it was answered. */
  aborted: boolean;
}

export class TranscriptionStandIn {
  readonly requests: TranscriptionRecord[] = [];
  /** Taken one by one, one for each transcription. */
  readonly faults: TranscriptionFault[] = [];
  healthChecks = 0;
  readonly #options: TranscriptionStandInOptions;
  readonly #server: Server;
  readonly #changes = new Changes();
  readonly #answers = new AnswerGate();

  /** Opens one on a free port of 127.0.0.1. */
  static async open(options: TranscriptionStandInOptions = {}): Promise<TranscriptionStandIn> {
    const standIn = new TranscriptionStandIn(options);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  private constructor(options: TranscriptionStandInOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#json(response, 400, { error: `cannot read the request: ${String(error)}` });
      });
    });
  }

  /** As an operator writes it. */
  get url(): string {
    const address = this.#server.address();
    const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
    return this.#options.dialect === 'whisper.cpp' ? `${origin}/inference` : origin;
  }

  /** Resolves once `condition` holds, looked at whenever anything happens. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  /** Takes requests and answers none until {@link answerAgain}, as a server that is slow. */
  holdAnswers(): void {
    this.#answers.hold();
  }

  answerAgain(): void {
    this.#answers.open();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#options.dialect === 'whisper.cpp') {
      response.setHeader('server', 'whisper.cpp');
    }
    const path = this.#options.dialect === 'whisper.cpp' ? '/inference' : '/v1/audio/transcriptions';
    if (request.method === 'GET' && request.url === '/health') {
      this.healthChecks += 1;
      const health = this.#options.health ?? this.#health();
      this.#json(response, health.status, health.body);
      return;
    }
    if (request.method !== 'POST' || request.url?.split('?')[0] !== path) {
      request.resume();
      this.#json(response, 404, { detail: 'Not Found' });
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece);
    }
    const form = parseForm(request.headers['content-type'] ?? '', Buffer.concat(pieces));
    const file = form.get('file');
    if (file?.fileName === undefined) {
      this.#json(response, 400, { error: "no 'file' field in the request" });
      return;
    }
    const { rateHz, pcm } = parseWav(file.content);
    const record: TranscriptionRecord = {
      fields: new Map([...form].map(([name, part]) => [name, part.fileName ?? part.content.toString()])),
      fileName: file.fileName,
      fileType: file.type,
      rateHz,
      samples: pcm.length,
      authorization: request.headers.authorization,
      aborted: false,
    };
    this.requests.push(record);
    response.once('close', () => {
      record.aborted = !response.writableFinished;
      this.#changes.tell();
    });
    const fault = this.faults.shift();
    this.#answers.pass(() => this.#answer(response, record, pcm, fault));
    this.#changes.tell();
  }

  #health(): { readonly status: number; readonly body: unknown } {
    switch (this.#options.dialect) {
      case 'whisper.cpp':
        return { status: 200, body: { status: 'ok' } };
      case 'speaches':
        return { status: 200, body: { message: 'OK' } };
      default:
        return { status: 404, body: { error: { message: 'Invalid URL', code: null } } };
    }
  }

  #answer(
    response: ServerResponse,
    record: TranscriptionRecord,
    pcm: Int16Array,
    fault: TranscriptionFault | undefined,
  ): void {
    const { apiKey, givesSegments, dialect } = this.#options;
    if (apiKey !== undefined && record.authorization !== `Bearer ${apiKey}`) {
      const code = 'invalid_api_key';
      const message = `Incorrect API key provided: ${record.authorization}.`;
      this.#json(response, 401, { error: { message, type: 'invalid_request_error', param: null, code } });
      return;
    }
    switch (fault?.type) {
      case 'status':
        this.#json(response, fault.status, fault.body);
        return;
      case 'dropped':
        response.destroy();
        return;
      case 'truncated':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
        response.write('{"text":" he might', () => response.destroy());
        return;
      case 'answer':
        response.writeHead(200, { 'content-type': fault.mediaType });
        response.end(fault.body);
        return;
      case undefined:
        break;
    }
    const format = record.fields.get('response_format');
    if (format === 'verbose_json' && givesSegments === false) {
      const message =
        "response_format 'verbose_json' is not compatible with this model. Use 'json' or 'text'.";
      const error = {
        message,
        type: 'invalid_request_error',
        param: 'response_format',
        code: 'unsupported_value',
      };
      this.#json(response, 400, { error });
      return;
    }
    const segments = this.#options.hear?.(pcm) ?? [];
    // whisper.cpp ends a line after each segment, wherever it broke the text.
    const text =
      dialect === 'whisper.cpp'
        ? segments.map((segment) => `${segment.text}\n`).join('')
        : segments
            .map((segment) => segment.text)
            .join('')
            .trim();
    if (format !== 'verbose_json') {
      this.#json(response, 200, { text });
      return;
    }
    this.#json(response, 200, {
      task: 'transcribe',
      language: 'english',
      duration: pcm.length / 16_000,
      text,
      segments: segments.map((segment, id) => ({
        id,
        start: 0,
        end: 1,
        text: segment.text,
        tokens: [1, 2],
        temperature: 0,
        avg_logprob: segment.confidence ?? -0.2,
        no_speech_prob: segment.noSpeech ?? 0.02,
      })),
    });
  }

  #json(response: ServerResponse, status: number, body: unknown): void {
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? body : JSON.stringify(body));
  }
}

interface Part {
  readonly fileName: string | undefined;
  readonly type: string;
  readonly content: Buffer;
}

/** Takes a form apart as RFC 7578 says; throws at anything out of place. */
function parseForm(contentType: string, body: Buffer): ReadonlyMap<string, Part> {
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(contentType)?.[1];
  if (boundary === undefined) {
    throw new Error(`a form has no boundary in ${contentType}`);
  }
  const parts = new Map<string, Part>();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line end before it.
  const bytes = Buffer.concat([Buffer.from('\r\n'), body]);
  let at = bytes.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (bytes.subarray(start, start + 2).toString() === '--') {
      return parts;
    }
    const headEnd = bytes.indexOf('\r\n\r\n', start);
    const end = bytes.indexOf(delimiter, headEnd);
    if (headEnd < 0 || end < 0) {
      break;
    }
    const head = bytes.subarray(start, headEnd).toString();
    const name = /content-disposition: form-data; name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined || parts.has(name)) {
      throw new Error('a part has no name, or one that was there');
    }
    parts.set(name, {
      fileName: /; filename="([^"]*)"/i.exec(head)?.[1],
      type: /content-type: ([^\r\n]*)/i.exec(head)?.[1] ?? '',
      content: bytes.subarray(headEnd + 4, end),
    });
    at = end;
  }
  throw new Error('a form does not end with its boundary');
}
