/**
 * One request to a transcription server: `POST` of a WAV file as a form, JSON back. It speaks to OpenAI, speaches and
 * whisper.cpp's server, and learns two things about the one it has: whether it gives segments (`verbose_json`), and
 * whether it is whisper.cpp, which computes what nobody asked for unless it is told not to. What a server
 * says of an error is not passed on, because it may quote the key.
 * Sources: https://platform.openai.com/docs/api-reference/audio/createTranscription and
 * https://github.com/ggml-org/whisper.cpp/tree/master/examples/server
 */

import { z } from 'zod';
import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, codeOf } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import type { TranscriptionEndpoint } from './endpoint.ts';
import { parseTranscript, spokenText } from './transcript.ts';

/** An answer with every token of 28 s is some 100 KB. */
const LONGEST_ANSWER_BYTES = 1 << 20;

export interface TranscriptionClientOptions {
  readonly clock: Clock;
  readonly endpoint: TranscriptionEndpoint;
  readonly apiKey?: Secret;
  readonly model: string;
  /** How long the server may take to show that it is there, in ms. */
  readonly openTimeoutMs: number;
  /** How long one transcription may take, in ms. */
  readonly requestTimeoutMs: number;
}

export interface TranscriptionRequest {
  /** A whole file. */
  readonly wav: Buffer;
  /** Whisper's code of the language. */
  readonly language: string;
  /** Text that might have come before, for its words; empty for none. */
  readonly prompt: string;
}

type Format = 'verbose_json' | 'json';

interface Answer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

const ERROR = z.object({ error: z.object({ code: z.string().regex(/^[a-z][a-z_]{0,39}$/) }) });
const LOADING = z.object({ status: z.literal('loading model') });

export class TranscriptionClient {
  readonly #options: TranscriptionClientOptions;
  /** Undefined until one has worked. */
  #format: Format | undefined;
  #isWhisperCpp = false;

  constructor(options: TranscriptionClientOptions) {
    this.#options = options;
  }

  /**
   * Looks whether a server is there; any answer will do, as not all have something to say about their health.
   * @throws AppError `engine-start-failed`, `engine-overloaded` or `engine-timeout`.
   */
  async probe(signal: AbortSignal): Promise<void> {
    const { clock, endpoint, openTimeoutMs } = this.#options;
    const late = `openai-transcription: the server at ${endpoint.shown} did not answer within ${openTimeoutMs} ms`;
    const answer = await withDeadline(clock, openTimeoutMs, late, signal, (inner) =>
      this.#exchange(endpoint.healthUrl, {}, inner).catch((error: unknown) => {
        inner.throwIfAborted();
        throw new AppError(
          'engine-start-failed',
          `openai-transcription: no server answers at ${endpoint.shown} (${networkCode(error)}): check OPENAI_TRANSCRIPTION_URL, and that the server runs`,
          networkCause(error),
        );
      }),
    );
    if (answer.status === 503) {
      throw this.#refusal(answer);
    }
  }

  /**
   * The text of what is spoken in a file; empty when nothing is.
   * @throws AppError `engine-refused`, `engine-overloaded`, `engine-died`, `engine-bad-answer` or `engine-timeout`; the
   * signal's reason when it aborts first.
   */
  transcribe(request: TranscriptionRequest, signal: AbortSignal): Promise<string> {
    const { clock, endpoint, requestTimeoutMs } = this.#options;
    const late = `openai-transcription: the server at ${endpoint.shown} gave no text within ${requestTimeoutMs} ms; a smaller model or a faster machine would`;
    return withDeadline(clock, requestTimeoutMs, late, signal, async (inner) => {
      const tried = this.#format ?? 'verbose_json';
      const answer = await this.#post(request, tried, inner);
      if (answer.status !== 400 && answer.status !== 422) {
        return this.#read(answer, tried, request.language);
      }
      if (this.#format !== undefined) {
        throw this.#refusal(answer);
      }
      // Some models give no segments, and their servers refuse to be asked for them.
      return this.#read(await this.#post(request, 'json', inner), 'json', request.language);
    });
  }

  async #post(request: TranscriptionRequest, format: Format, signal: AbortSignal): Promise<Answer> {
    const { endpoint, apiKey, model } = this.#options;
    const form = new FormData();
    form.set('file', new Blob([request.wav], { type: 'audio/wav' }), 'speech.wav');
    form.set('model', model);
    form.set('language', request.language);
    form.set('response_format', format);
    form.set('temperature', '0');
    if (request.prompt !== '') {
      form.set('prompt', request.prompt);
    }
    if (this.#isWhisperCpp) {
      // Telling every language's probability doubles the work; tokens for sounds are not speech.
      form.set('no_language_probabilities', 'true');
      form.set('suppress_nst', 'true');
    }
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey.reveal()}` };
    try {
      return await this.#exchange(endpoint.url, { method: 'POST', headers, body: form }, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof AppError
        ? error
        : new AppError(
            'engine-died',
            `openai-transcription: the connection to ${endpoint.shown} failed (${networkCode(error)})`,
            networkCause(error),
          );
    }
  }

  async #exchange(url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    if (response.headers.get('server') === 'whisper.cpp') {
      this.#isWhisperCpp = true;
    }
    const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of response.body ?? []) {
      bytes += piece.length;
      if (bytes > LONGEST_ANSWER_BYTES) {
        throw this.#badAnswer(`an answer of more than ${LONGEST_ANSWER_BYTES} bytes`);
      }
      pieces.push(piece);
    }
    return { status: response.status, mediaType, body: Buffer.concat(pieces).toString() };
  }

  #read(answer: Answer, format: Format, language: string): string {
    if (answer.status !== 200) {
      throw this.#refusal(answer);
    }
    if (!/^application\/(?:[\w.-]+\+)?json$/.test(answer.mediaType)) {
      throw this.#badAnswer(
        `${/^[\w.+-]+\/[\w.+-]+$/.test(answer.mediaType) ? answer.mediaType : 'something'} instead of JSON; check the path in OPENAI_TRANSCRIPTION_URL`,
      );
    }
    const transcript = parseTranscript(answer.body);
    if (transcript === undefined) {
      throw this.#badAnswer('JSON that is no transcription');
    }
    this.#format = format;
    return spokenText(transcript, language);
  }

  #badAnswer(what: string): AppError {
    return new AppError(
      'engine-bad-answer',
      `openai-transcription: the server at ${this.#options.endpoint.shown} sent ${what}`,
    );
  }

  #refusal(answer: Answer): AppError {
    const { status } = answer;
    const { endpoint, apiKey, model } = this.#options;
    const json = parseJson(answer.body);
    const code = ERROR.safeParse(json).data?.error.code;
    const says = `openai-transcription: ${endpoint.shown} answers with HTTP status ${status}${code === undefined ? '' : ` (${code})`}`;
    switch (status) {
      case 401:
      case 403:
        return new AppError(
          'engine-refused',
          apiKey === undefined ? `${says}: it wants a key` : `${says}: it does not take this key`,
        );
      case 402:
        return new AppError('engine-refused', `${says}: the account has no credit left`);
      case 404:
        return new AppError(
          'engine-refused',
          `${says}: check the path in OPENAI_TRANSCRIPTION_URL, and that the server has the model ${model}`,
        );
      case 400:
      case 413:
      case 415:
      case 422:
        return new AppError('engine-refused', `${says}: it does not take such a request; its log says why`);
      case 429:
        return code === 'insufficient_quota'
          ? new AppError('engine-refused', `${says}: the account has no credit left`)
          : new AppError('engine-overloaded', `${says}: it takes no more requests now`);
      case 503:
        return new AppError(
          'engine-overloaded',
          LOADING.safeParse(json).success
            ? `${says}: it is still loading its model`
            : `${says}: it takes no requests now`,
        );
      default:
        return new AppError('engine-bad-answer', says);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the network said: fetch wraps it in an error that says nothing, and that may quote a header. */
function networkCause(error: unknown): Error | undefined {
  return error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
}

function networkCode(error: unknown): string {
  return codeOf(networkCause(error));
}
