/**
 * Speech recognition by any server with OpenAI's transcription interface: whisper.cpp's server, speaches
 * (faster-whisper), OpenAI itself. It does not stream, so partials come a second or so apart and cost the server the
 * whole utterance each time; sentences come with punctuation, and nearly every language is heard.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { Tally } from '../../../base/tally.ts';
import { OpenStreams } from '../../open-streams.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { MadeUp } from '../made-up.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { UtteranceStream } from '../utterance-stream.ts';
import { WholeRecogniser } from '../whole/whole-recogniser.ts';
import { transcriptionEndpoint } from './endpoint.ts';
import { TranscriptionClient } from './transcription-client.ts';
import { whisperLanguage } from './whisper-languages.ts';

/** What most servers have under this name. */
export const TRANSCRIPTION_MODEL_DEFAULT = 'whisper-1';

/** Whisper reads the last 224 tokens of a prompt; a token is three to four letters of English. */
const LONGEST_PROMPT_CHARACTERS = 600;

/** Audio goes to the utterance as it comes, so none ever waits before it. */
const AUDIO = {
  chunkMs: 20,
  backlogLimitMs: Number.POSITIVE_INFINITY,
  answerTimeoutMs: Number.POSITIVE_INFINITY,
};

export interface OpenaiTranscriptionSettings {
  readonly clock: Clock;
  /** The server, `http://HOST:8000`; a URL with a path, such as `http://HOST:8080/inference`, is used as it is. */
  readonly url: string;
  /** Default none, as self-hosted servers need none. */
  readonly apiKey?: Secret;
  /** As the server names it; default {@link TRANSCRIPTION_MODEL_DEFAULT}. whisper.cpp has one and does not look. */
  readonly model?: string;
  /** How long the server may take to show that it is there, in ms; default 5,000. */
  readonly openTimeoutMs?: number;
  /** How long one transcription may take, in ms; default 7,000. */
  readonly requestTimeoutMs?: number;
}

export class OpenaiTranscriptionEngine implements SttEngine {
  readonly name = 'openai-transcription';
  /** Words have no times: servers that have them take longer when asked. */
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 8_000 };
  readonly madeUp = new Tally<MadeUp>();
  readonly #client: TranscriptionClient;
  readonly #clock: Clock;
  readonly #streams = new OpenStreams<UtteranceStream>(this.name);

  /** @throws AppError `bad-option` when the URL or the key cannot be one. */
  constructor(settings: OpenaiTranscriptionSettings) {
    const { clock, url, apiKey, model, openTimeoutMs, requestTimeoutMs } = settings;
    if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey.reveal())) {
      throw new AppError(
        'bad-option',
        'the key of openai-transcription is empty, or has spaces or line ends in it',
      );
    }
    this.#clock = clock;
    this.#client = new TranscriptionClient({
      clock,
      endpoint: transcriptionEndpoint(url),
      ...(apiKey === undefined ? {} : { apiKey }),
      model: model ?? TRANSCRIPTION_MODEL_DEFAULT,
      openTimeoutMs: openTimeoutMs ?? 5_000,
      requestTimeoutMs: requestTimeoutMs ?? 7_000,
    });
  }

  supports(language: Language): Promise<Support> {
    return Promise.resolve(
      whisperLanguage(language) === undefined ? unsupported(lacking(language)) : SUPPORTED,
    );
  }

  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  async close(): Promise<void> {
    await this.#streams.close();
    await this.#client.close();
  }

  async #open(options: SttStreamOptions, signal: AbortSignal): Promise<UtteranceStream> {
    const language = whisperLanguage(options.language);
    if (language === undefined) {
      throw new AppError('language-unsupported', lacking(options.language));
    }
    const { madeUp } = this;
    const client = this.#client;
    await client.probe(signal);
    const prompt = promptOf(options.terms ?? []);
    return UtteranceStream.start(
      { name: this.name, clock: this.#clock, onEvent: options.onEvent, ...AUDIO },
      (stream) =>
        new WholeRecogniser(stream, {
          madeUp,
          hear: async (audio, wanted) => {
            const request = { wav: audio.wav(), sound: audio.sound, language, prompt };
            return { ...(await client.transcribe(request, wanted)), words: [] };
          },
        }),
    );
  }
}

function lacking(language: Language): string {
  return `openai-transcription: Whisper does not know the language ${language}`;
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
