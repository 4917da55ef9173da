/**
 * Speech synthesis with any server of OpenAI's speech API: Kokoro-FastAPI, speaches, openedai-speech,
 * coqui-ai-TTS, OpenAI itself. Raw PCM is asked for, whose rate the answer mostly does not tell, so it is a
 * setting; a wrong one makes voices too high or too low. The language is nowhere in the request either: it follows
 * from the voice (Kokoro's `ef_dora` is Spanish) or from the text.
 */

import type { Clock } from '../../../base/clock.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { type HttpAnswer, HttpOrigin, jsonBody } from '../../wire/http.ts';
import { refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { checkSoundType } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { requestSpeech } from '../speech-request.ts';
import { voiceNameFor } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import { REFUSAL_HINTS, rateOf, readsOf } from './openai-speech-wire.ts';

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

export class OpenaiSpeechEngine implements TtsEngine {
  readonly name = 'openai-speech';
  readonly #settings: OpenaiSpeechSettings;
  readonly #rateHz: number;
  readonly #server: HttpOrigin;
  readonly #underWay = new UnderWay(this.name);

  constructor(settings: OpenaiSpeechSettings) {
    this.#settings = settings;
    this.#rateHz = settings.rateHz ?? 24_000;
    this.#server = new HttpOrigin({
      name: this.name,
      url: settings.url.replace(/\/(v1\/?)?$/, ''),
      clock: settings.clock,
      unreachableHint: 'start the server or mend OPENAI_SPEECH_URL',
    });
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
      return unanswered(error);
    }
  }

  reads(): Reads {
    return readsOf(this.#server.host, this.#settings.model ?? '');
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    if (!hasWords(request.text)) {
      return noSpeech(this.#rateHz);
    }
    const { clock } = this.#settings;
    return requestSpeech(
      { name: this.name, clock, underWay: this.#underWay },
      request.text,
      signal,
      async (stop) => {
        const answer = await this.#ask(request, stop);
        if (answer.status !== 200) {
          const refused = await answer.refused(['code', 'error', 'type', 'param']);
          throw refusal(this.#server, refused, REFUSAL_HINTS);
        }
        try {
          const contentType = String(answer.headers['content-type'] ?? '');
          checkSoundType(this.name, contentType);
          const rateHz = rateOf(contentType) ?? this.#rateHz;
          return { answer, samples: new AnySampleStream(this.name, rateHz) };
        } catch (error) {
          answer.discard();
          throw error;
        }
      },
    );
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#server.close();
  }

  /** Asks for something small. Any answer will do: not every server lists its models. */
  #findPresent(): Promise<void> {
    return this.#underWay.run(this.#underWay.closed, async (stop) => {
      const answer = await this.#server.send(
        {
          method: 'GET',
          path: '/v1/models',
          headers: this.#authorization(),
          headLimitMs: PRESENCE_LIMIT_MS,
        },
        stop,
      );
      answer.discard();
    });
  }

  #ask(request: TtsRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const body = {
      model: this.#settings.model ?? 'tts-1',
      input: request.text,
      voice: voiceNameFor(this.name, request.voice) ?? DEFAULT_VOICE,
      response_format: 'pcm',
      ...this.#settings.extraBody,
    };
    const json = jsonBody(body);
    return this.#server.send(
      {
        method: 'POST',
        path: '/v1/audio/speech',
        headers: { ...json.headers, ...this.#authorization() },
        body: json.body,
        silenceLimitMs: SPEECH_GAP_LIMIT_MS,
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
