/**
 * Speech recognition by any server with OpenAI's transcription interface: whisper.cpp's server, speaches
 * (faster-whisper), OpenAI itself. It does not stream, so partials come a second or so apart and cost the server the
 * whole utterance each time; sentences come with punctuation, and nearly every language is heard.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { transcriptionEndpoint } from './endpoint.ts';
import { OpenaiTranscriptionStream } from './openai-transcription-stream.ts';
import { TranscriptionClient } from './transcription-client.ts';
import { whisperLanguage } from './whisper-languages.ts';

/** Whisper reads the last 224 tokens of a prompt; a token is three to four letters of English. */
const LONGEST_PROMPT_CHARACTERS = 600;

export interface OpenaiTranscriptionSettings {
  readonly clock: Clock;
  /** The server, `http://HOST:8000`; a URL with a path, such as `http://HOST:8080/inference`, is used as it is. */
  readonly url: string;
  /** Default none, as self-hosted servers need none. */
  readonly apiKey?: Secret;
  /** As the server names it; default `whisper-1`. whisper.cpp has one and does not look. */
  readonly model?: string;
  /** How long the server may take to show that it is there, in ms; default 5,000. */
  readonly openTimeoutMs?: number;
  /** How long one transcription may take, in ms; default 7,000. */
  readonly requestTimeoutMs?: number;
}

export class OpenaiTranscriptionEngine implements SttEngine {
  readonly name = 'openai-transcription';
  /** Word times are left alone: servers that have them take longer when asked. */
  readonly capabilities: SttCapabilities = { stable: false, wordTimes: false, lowestWireRateHz: 8_000 };
  readonly #client: TranscriptionClient;
  readonly #streams = new Set<OpenaiTranscriptionStream>();
  #closing: Promise<void> | undefined;

  /** @throws AppError `bad-option` when the URL or the key cannot be one. */
  constructor(settings: OpenaiTranscriptionSettings) {
    const { clock, url, apiKey, model, openTimeoutMs, requestTimeoutMs } = settings;
    if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey.reveal())) {
      throw new AppError(
        'bad-option',
        'the key of openai-transcription is empty, or has spaces or line ends in it',
      );
    }
    this.#client = new TranscriptionClient({
      clock,
      endpoint: transcriptionEndpoint(url),
      ...(apiKey === undefined ? {} : { apiKey }),
      model: model ?? 'whisper-1',
      openTimeoutMs: openTimeoutMs ?? 5_000,
      requestTimeoutMs: requestTimeoutMs ?? 7_000,
    });
  }

  supports(language: Language): Promise<Support> {
    return Promise.resolve(
      whisperLanguage(language) === undefined
        ? unsupported(`openai-transcription: Whisper does not know the language ${language}`)
        : SUPPORTED,
    );
  }

  async open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    signal.throwIfAborted();
    this.#refuseWhenClosed();
    const language = whisperLanguage(options.language);
    if (language === undefined) {
      throw new AppError(
        'language-unsupported',
        `openai-transcription: Whisper does not know the language ${options.language}`,
      );
    }
    await this.#client.probe(signal);
    this.#refuseWhenClosed();
    const stream: OpenaiTranscriptionStream = new OpenaiTranscriptionStream({
      client: this.#client,
      language,
      prompt: promptOf(options.terms ?? []),
      onEvent: options.onEvent,
      onEnded: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    return stream;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#streams].map((stream) => stream.close())).then(() => {});
    return this.#closing;
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw new AppError('closed', 'openai-transcription: the engine has been closed');
    }
  }
}

/** The terms as a sentence Whisper could have written before, as many as it reads. */
function promptOf(terms: readonly string[]): string {
  let prompt = '';
  for (const term of terms) {
    const longer = prompt === '' ? term : `${prompt}, ${term}`;
    if (longer.length >= LONGEST_PROMPT_CHARACTERS) {
      break;
    }
    prompt = longer;
  }
  return prompt === '' ? '' : `${prompt}.`;
}
