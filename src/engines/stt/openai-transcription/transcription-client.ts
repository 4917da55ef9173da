/**
 * One request to a transcription server: `POST` of a WAV file as a form, JSON back. It speaks to OpenAI, speaches and
 * whisper.cpp's server, and learns two things about the one it has: whether it gives segments (`verbose_json`), and
 * whether it is whisper.cpp, which computes what nobody asked for unless it is told not to. What a server
 * says of an error is not passed on, because it may quote the key.
 * Sources: https://platform.openai.com/docs/api-reference/audio/createTranscription and
 * https://github.com/ggml-org/whisper.cpp/tree/master/examples/server
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { authorization } from '../../wire/authorization.ts';
import { type HttpAsk, HttpOrigin } from '../../wire/http.ts';
import { member, parseJson } from '../../wire/json.ts';
import { multipartBody } from '../../wire/multipart.ts';
import { reasonWord, refusal } from '../../wire/refusal.ts';
import type { HeardSound } from '../made-up.ts';
import type { TranscriptionEndpoint } from './endpoint.ts';
import { parseTranscript, type Spoken, spokenOf } from './transcript.ts';

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
  /** What is in the file. */
  readonly sound: HeardSound;
}

type Format = 'verbose_json' | 'json';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const NAME = 'openai-transcription';

export class TranscriptionClient {
  readonly #options: TranscriptionClientOptions;
  readonly #origin: HttpOrigin;
  /** Undefined until one has worked. */
  #format: Format | undefined;
  #isWhisperCpp = false;

  constructor(options: TranscriptionClientOptions) {
    const { clock, endpoint } = options;
    this.#options = options;
    this.#origin = new HttpOrigin({
      name: NAME,
      url: new URL(endpoint.url).origin,
      clock,
      unreachableHint: 'check OPENAI_TRANSCRIPTION_URL, and that the server runs',
    });
  }

  /**
   * Looks whether a server is there; any answer will do, as not all have something to say about their health.
   * @throws AppError `engine-start-failed`, `engine-overloaded` or `engine-timeout`.
   */
  async probe(signal: AbortSignal): Promise<void> {
    const { clock, endpoint, openTimeoutMs } = this.#options;
    const late = `${NAME}: the server at ${endpoint.shown} did not answer within ${openTimeoutMs} ms`;
    const answer = await withDeadline(clock, openTimeoutMs, late, signal, (inner) =>
      this.#exchange({ method: 'GET', path: pathOf(endpoint.healthUrl) }, inner),
    );
    if (answer.status === 503) {
      throw this.#refusal(answer);
    }
  }

  /**
   * What is spoken in a file; an empty text when nothing is.
   * @throws AppError `engine-refused`, `engine-overloaded`, `engine-died`, `engine-bad-answer` or `engine-timeout`; the
   * signal's reason when it aborts first.
   */
  transcribe(request: TranscriptionRequest, signal: AbortSignal): Promise<Spoken> {
    const { clock, endpoint, requestTimeoutMs } = this.#options;
    const late = `${NAME}: the server at ${endpoint.shown} gave no text within ${requestTimeoutMs} ms; a smaller model or a faster machine would`;
    return withDeadline(clock, requestTimeoutMs, late, signal, async (inner) => {
      const tried = this.#format ?? 'verbose_json';
      const answer = await this.#post(request, tried, inner);
      if (answer.status !== 400 && answer.status !== 422) {
        return this.#read(answer, tried, request);
      }
      if (this.#format !== undefined) {
        throw this.#refusal(answer);
      }
      // Some models give no segments, and their servers refuse to be asked for them.
      return this.#read(await this.#post(request, 'json', inner), 'json', request);
    });
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  #post(request: TranscriptionRequest, format: Format, signal: AbortSignal): Promise<Answer> {
    const { endpoint, apiKey, model } = this.#options;
    const texts = {
      model,
      language: request.language,
      response_format: format,
      temperature: '0',
      ...(request.prompt === '' ? {} : { prompt: request.prompt }),
      // Telling every language's probability doubles the work; tokens for sounds are not speech.
      ...(this.#isWhisperCpp ? { no_language_probabilities: 'true', suppress_nst: 'true' } : {}),
    };
    const form = multipartBody([
      ...Object.entries(texts).map(([name, value]) => ({ name, value })),
      { name: 'file', fileName: 'speech.wav', type: 'audio/wav', bytes: request.wav },
    ]);
    const key = apiKey === undefined ? {} : { authorization: authorization(NAME, 'Bearer', apiKey) };
    const headers = { ...form.headers, ...key };
    return this.#exchange({ method: 'POST', path: pathOf(endpoint.url), headers, body: form.body }, signal);
  }

  async #exchange(ask: HttpAsk, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#origin.send(ask, signal);
    this.#isWhisperCpp ||= answer.headers.server === 'whisper.cpp';
    return { status: answer.status, headers: answer.headers, body: await answer.readAll() };
  }

  #read(answer: Answer, format: Format, { sound }: TranscriptionRequest): Spoken {
    if (answer.status !== 200) {
      throw this.#refusal(answer);
    }
    const mediaType = String(answer.headers['content-type']).split(';')[0]?.trim().toLowerCase() ?? '';
    if (!/^application\/(?:[\w.-]+\+)?json$/.test(mediaType)) {
      throw this.#badAnswer(
        `${/^[\w.+-]+\/[\w.+-]+$/.test(mediaType) ? mediaType : 'something'} instead of JSON; check the path in OPENAI_TRANSCRIPTION_URL`,
      );
    }
    const transcript = parseTranscript(answer.body.toString());
    if (transcript === undefined) {
      throw this.#badAnswer('JSON that is no transcription');
    }
    this.#format = format;
    return spokenOf(transcript, sound);
  }

  #badAnswer(what: string): AppError {
    const { shown } = this.#options.endpoint;
    return new AppError('engine-bad-answer', `${NAME}: the server at ${shown} sent ${what}`);
  }

  #refusal({ status, headers, body }: Answer): AppError {
    const { apiKey, model } = this.#options;
    const answer = { status, headers, reason: reasonWord(body, ['code']) };
    const isLoading = member(parseJson(body), 'status') === 'loading model';
    return refusal({ name: NAME, host: this.#origin.host }, answer, {
      key: apiKey === undefined ? 'it wants a key' : 'it does not take this one',
      missing: `check the path in OPENAI_TRANSCRIPTION_URL, and that the server has the model ${model}`,
      request: 'its log says why',
      ...(isLoading ? { busy: 'it is still loading its model' } : {}),
    });
  }
}

/** The path of an address, with its query. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
