/**
 * Speech synthesis with any server of OpenAI's speech API: Kokoro-FastAPI, speaches, openedai-speech,
 * coqui-ai-TTS, OpenAI itself. Raw PCM is asked for, whose rate the answer mostly does not tell, so it is a
 * setting; a wrong one makes voices too high or too low. The language is nowhere in the request either: it follows
 * from the voice (Kokoro's `ef_dora` is Spanish) or from the text.
 */

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { messageOf } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { HttpOrigin, readAll } from '../http-origin.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { refuseWhenClosed, requestSpeech } from '../speech-request.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import { rateOf, refusal } from './openai-speech-wire.ts';

export interface OpenaiSpeechSettings {
  readonly clock: Clock;
  /** The server, with or without `/v1`: `http://localhost:8880`. */
  readonly url: string;
  /** Sent as a bearer token; servers of one's own mostly want none. */
  readonly apiKey?: Secret;
  /** Default `tts-1`, which most servers know; `kokoro` is Kokoro's own. */
  readonly model?: string;
  /** The rate in Hz of the server's raw PCM when it does not tell it; default 24,000, as OpenAI and Kokoro have. */
  readonly rateHz?: number;
  /** What the voices speak, when it is known; without it, everything is believed. */
  readonly languages?: readonly Language[];
  /**
   * More members of the request's JSON, or others for ours: `{ speed: 1.1 }`; for speaches `{ sample_rate: 16000 }`
   * together with the same `rateHz`.
   */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

/** A voice of OpenAI's, for which the other servers have one of their own. */
const DEFAULT_VOICE = 'alloy';

/** How long the server may take to say that it is there, in ms. */
const PRESENCE_LIMIT_MS = 3_000;

/** The most of an error's body that is read, in bytes. */
const ERROR_LIMIT_BYTES = 65_536;

export class OpenaiSpeechEngine implements TtsEngine {
  readonly name = 'openai-speech';
  readonly #settings: OpenaiSpeechSettings;
  readonly #rateHz: number;
  readonly #server: HttpOrigin;
  readonly #scope = new Scope(() => {});

  constructor(settings: OpenaiSpeechSettings) {
    this.#settings = settings;
    this.#rateHz = settings.rateHz ?? 24_000;
    this.#server = new HttpOrigin(this.name, settings.url.replace(/\/(v1\/?)?$/, ''));
  }

  async supports(language: Language): Promise<Support> {
    const { languages } = this.#settings;
    if (languages !== undefined && !spokenBy(languages, language)) {
      return unsupported(`openai-speech is set up for ${languages.join(', ')} and not for ${language}`);
    }
    try {
      await this.#findPresent();
      return SUPPORTED;
    } catch (error) {
      return unsupported(`${messageOf(error)}; it is the one of OPENAI_SPEECH_URL`);
    }
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    refuseWhenClosed(this.name, this.#scope);
    if (!hasWords(request.text)) {
      return noSpeech(this.#rateHz);
    }
    return requestSpeech(this.name, this.#settings.clock, this.#scope, signal, async (stop) => {
      const answer = await this.#ask(request, stop);
      if (answer.statusCode !== 200) {
        throw refusal(answer.statusCode ?? 0, await readAll(this.name, answer, ERROR_LIMIT_BYTES, stop));
      }
      try {
        const rateHz = rateOf(answer.headers['content-type']) ?? this.#rateHz;
        return { answer, samples: new AnySampleStream(this.name, rateHz) };
      } catch (error) {
        answer.destroy();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#scope.close();
    this.#server.close();
  }

  /** Asks for something small. Any answer will do: not every server lists its models. */
  async #findPresent(): Promise<void> {
    await withDeadline(
      this.#settings.clock,
      PRESENCE_LIMIT_MS,
      `openai-speech: ${this.#server.origin} does not answer within ${PRESENCE_LIMIT_MS} ms; see whether it works`,
      this.#scope.signal,
      async (stop) => {
        const answer = await this.#server.send(
          { method: 'GET', path: '/v1/models', headers: this.#authorization() },
          stop,
        );
        answer.destroy();
      },
    );
  }

  #ask(request: TtsRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const body = {
      model: this.#settings.model ?? 'tts-1',
      input: request.text,
      voice: request.voice ?? DEFAULT_VOICE,
      response_format: 'pcm',
      ...this.#settings.extraBody,
    };
    return this.#server.send(
      {
        method: 'POST',
        path: '/v1/audio/speech',
        headers: { ...this.#authorization(), 'content-type': 'application/json' },
        body: [Buffer.from(JSON.stringify(body))],
      },
      signal,
    );
  }

  #authorization(): Readonly<Record<string, string>> {
    const { apiKey } = this.#settings;
    return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey.reveal()}` };
  }
}

/** Whether one of `languages` is `language`, regions aside: they are a matter of the voice. */
function spokenBy(languages: readonly Language[], language: Language): boolean {
  return languages.some((spoken) => baseLanguage(spoken) === baseLanguage(language));
}
