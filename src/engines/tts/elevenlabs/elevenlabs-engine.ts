/**
 * Speech synthesis with ElevenLabs, one HTTP request per segment, its sound streamed while it is made, at the rate
 * of the listener's leg so that nobody resamples.
 *
 * HTTP and not the WebSocket (`stream-input`): a segment is whole when it is spoken, and the socket pays when text
 * comes in pieces. It would have to be opened ahead, kept from its 20 s of idleness and renewed, its sound comes as
 * base64 inside JSON, and an abandoned segment means closing it; while a kept HTTP connection takes the next
 * request at once and says in a status what went wrong. Intonation carries on through `previous_text`.
 */

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import type { Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { HttpOrigin, readAll } from '../http-origin.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { PcmStream } from '../sample-stream.ts';
import { refuseWhenClosed, requestSpeech } from '../speech-request.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import {
  type ElevenlabsBody,
  elevenlabsLanguage,
  modelSpeaks,
  modelTakesLanguage,
  pcmRateFor,
  refusal,
} from './elevenlabs-wire.ts';

export interface ElevenlabsSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Default `https://api.elevenlabs.io`; residencies have their own, such as `https://api.eu.residency.elevenlabs.io`. */
  readonly url?: string;
  /** Default `eleven_flash_v2_5`, the fastest. */
  readonly model?: string;
}

/** George, a premade voice that every account has and that speaks all languages of the model. */
const DEFAULT_VOICE = 'JBFqnCBsd6RMkjVDRZzb';

/** The most of an error's body that is read, in bytes. */
const ERROR_LIMIT_BYTES = 65_536;

export class ElevenlabsEngine implements TtsEngine {
  readonly name = 'elevenlabs';
  readonly #settings: ElevenlabsSettings;
  readonly #model: string;
  readonly #server: HttpOrigin;
  readonly #scope = new Scope(() => {});

  constructor(settings: ElevenlabsSettings) {
    this.#settings = settings;
    this.#model = settings.model ?? 'eleven_flash_v2_5';
    this.#server = new HttpOrigin(this.name, settings.url ?? 'https://api.elevenlabs.io');
  }

  async supports(language: Language): Promise<Support> {
    if (this.#settings.apiKey.reveal() === '') {
      return unsupported('elevenlabs needs a key; set ELEVENLABS_API_KEY');
    }
    return modelSpeaks(this.#model, language)
      ? SUPPORTED
      : unsupported(`the ElevenLabs model ${this.#model} does not speak ${language}`);
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    refuseWhenClosed(this.name, this.#scope);
    const rateHz = pcmRateFor(request.wantedRateHz);
    if (!hasWords(request.text)) {
      return noSpeech(rateHz);
    }
    const voice = request.voice ?? DEFAULT_VOICE;
    return requestSpeech(this.name, this.#settings.clock, this.#scope, signal, async (stop) => {
      const answer = await this.#ask(request, voice, rateHz, stop);
      if (answer.statusCode !== 200) {
        throw refusal(
          answer.statusCode ?? 0,
          await readAll(this.name, answer, ERROR_LIMIT_BYTES, stop),
          voice,
        );
      }
      return { answer, samples: new PcmStream(rateHz) };
    });
  }

  async close(): Promise<void> {
    await this.#scope.close();
    this.#server.close();
  }

  #ask(request: TtsRequest, voice: string, rateHz: number, signal: AbortSignal): Promise<IncomingMessage> {
    const body: ElevenlabsBody = {
      text: request.text,
      model_id: this.#model,
      ...(modelTakesLanguage(this.#model) ? { language_code: elevenlabsLanguage(request.language) } : {}),
      ...(request.previousText === undefined ? {} : { previous_text: request.previousText }),
    };
    return this.#server.send(
      {
        method: 'POST',
        path: `/v1/text-to-speech/${encodeURIComponent(voice)}/stream?output_format=pcm_${rateHz}`,
        headers: { 'xi-api-key': this.#settings.apiKey.reveal(), 'content-type': 'application/json' },
        body: [Buffer.from(JSON.stringify(body))],
      },
      signal,
    );
  }
}
