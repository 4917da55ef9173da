/**
 * Speech synthesis with any server of OpenAI's speech API: Kokoro-FastAPI, speaches, openedai-speech,
 * coqui-ai-TTS, OpenAI itself. Raw PCM is asked for, whose rate the answer mostly does not tell, so it is a
 * setting; a wrong one makes voices too high or too low. The language is nowhere in the request either: it follows
 * from the voice (Kokoro's `ef_dora` is Spanish) or from the text.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { codesOf } from '../../languages.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { type HttpAnswer, HttpOrigin, jsonBody } from '../../wire/http.ts';
import { SPEECHES_LIMIT } from '../../wire/limits.ts';
import { refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { checkSoundType } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { requestSpeech } from '../speech-request.ts';
import type { VoiceTraits } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { VoiceCloner } from '../voice-cloner.ts';
import { OpenaiCloner } from './openai-cloner.ts';
import { type Dialect, dialectOf, speechBody, traitsOf } from './openai-dialect.ts';
import { REASON_NAMES, REFUSAL_HINTS, rateOf, readsOf } from './openai-speech-wire.ts';

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

/** How long the server may take to say that it is there, in ms. */
const PRESENCE_LIMIT_MS = 3_000;

/** The longest list of models that is read, in bytes; OpenAI's is some 20 KB. */
const MODELS_LIMIT_BYTES = 262_144;

export class OpenaiSpeechEngine implements TtsEngine {
  readonly name = 'openai-speech';
  readonly #settings: OpenaiSpeechSettings;
  readonly #rateHz: number;
  readonly #server: HttpOrigin;
  readonly #underWay = new UnderWay(this.name, SPEECHES_LIMIT);
  /** What the server speaks, as it answered last. */
  #dialect: Dialect;
  #cloner: VoiceCloner | undefined;

  constructor(settings: OpenaiSpeechSettings) {
    this.#settings = settings;
    this.#rateHz = settings.rateHz ?? 24_000;
    this.#server = new HttpOrigin({
      name: this.name,
      url: settings.url.replace(/\/(v1\/?)?$/, ''),
      clock: settings.clock,
      unreachableHint: 'start the server or mend OPENAI_SPEECH_URL',
    });
    this.#dialect = { type: 'plain' };
  }

  get traits(): VoiceTraits {
    return traitsOf(this.#dialect, this.#settings.model);
  }

  /** Once it has been asked what it supports: most servers make no voices. */
  get cloner(): VoiceCloner | undefined {
    return this.#cloner;
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
          const refused = await answer.refused(REASON_NAMES);
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

  /** Asks for something small. Any answer will do, not every server lists its models; one that does shows what it is. */
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
      this.#learn(dialectOf(this.#server.host, answer.headers, await beginningOf(answer)));
    });
  }

  #learn(dialect: Dialect): void {
    if (dialect.type !== this.#dialect.type) {
      this.#cloner =
        dialect.type === 'plain'
          ? undefined
          : new OpenaiCloner(dialect.type, this.#server, this.#underWay, () => this.#authorization());
    }
    this.#dialect = dialect;
  }

  #ask(request: TtsRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const json = jsonBody(speechBody(this.#dialect, request, this.#settings));
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

/** What is told of the models; nothing where it does not come, or is too long: the server is there all the same. */
async function beginningOf(answer: HttpAnswer): Promise<Buffer> {
  try {
    return await answer.readAll(MODELS_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof AppError && error.category === 'engine') {
      return Buffer.alloc(0);
    }
    throw error;
  }
}

/** Whether one of `languages` is `language`, regions aside: they are a matter of the voice. */
function spokenBy(languages: readonly Language[], language: Language): boolean {
  const codes = codesOf(language);
  return languages.some((spoken) => codesOf(spoken).some((code) => codes.includes(code)));
}
