/**
 * Speech synthesis with ElevenLabs, one HTTP request per segment, its sound streamed while it is made, at the rate
 * of the listener's leg so that nobody resamples.
 *
 * HTTP and not the WebSocket (`stream-input`): a segment is whole when it is spoken, and the socket pays when text
 * comes in pieces. It would have to be opened ahead, kept from its 20 s of idleness and renewed, its sound comes as
 * base64 inside JSON, and an abandoned segment means closing it; while a kept HTTP connection takes the next
 * request at once and says in a status what went wrong. Intonation carries on through `previous_text`, where the model
 * takes it. Models that stream over the Text-to-Dialogue socket alone go over that (`dialogue-line.ts`).
 */

import type { Clock } from '../../../base/clock.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { type HttpAnswer, HttpOrigin, jsonBody } from '../../wire/http.ts';
import { SPEECHES_LIMIT } from '../../wire/limits.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { checkNoText } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { requestSpeech, type SpeechAnswer } from '../speech-request.ts';
import { type VoiceTraits, voiceNameFor, within } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { VoiceCloner } from '../voice-cloner.ts';
import type { DialogueVoice } from './dialogue-line.ts';
import { DialogueLines } from './dialogue-lines.ts';
import { ElevenlabsCloner } from './elevenlabs-cloner.ts';
import {
  capitalisedText,
  type ElevenlabsBody,
  elevenlabsLanguage,
  modelGoesByDialogue,
  modelReads,
  modelSpeaks,
  modelTakesLanguage,
  modelTakesPrevious,
  modelTraits,
  pcmRateFor,
  REASON_NAMES,
  speechRefusal,
  taggedText,
} from './elevenlabs-wire.ts';

export interface ElevenlabsSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /**
   * Default `https://api.elevenlabs.io`; residencies have their own, such as
   * `https://api.eu.residency.elevenlabs.io`.
   */
  readonly url?: string;
  /** Default `eleven_flash_v2_5`, the fastest. */
  readonly model?: string;
}

/** George, a premade voice that every account has and that speaks all languages of the model. */
const DEFAULT_VOICE = 'JBFqnCBsd6RMkjVDRZzb';

export class ElevenlabsEngine implements TtsEngine {
  readonly name = 'elevenlabs';
  readonly cloner: VoiceCloner;
  readonly #settings: ElevenlabsSettings;
  readonly #model: string;
  readonly #server: HttpOrigin;
  readonly #underWay = new UnderWay(this.name, SPEECHES_LIMIT);
  readonly #lines: DialogueLines;

  constructor(settings: ElevenlabsSettings) {
    this.#settings = settings;
    this.#model = settings.model ?? 'eleven_flash_v2_5';
    const { clock, apiKey, url = 'https://api.elevenlabs.io' } = settings;
    this.#lines = new DialogueLines({ clock, url, apiKey, model: this.#model }, this.#underWay);
    this.#server = new HttpOrigin({
      name: this.name,
      url,
      clock,
      unreachableHint:
        'check the network, the name service and the firewall, and ELEVENLABS_URL if it is set',
    });
    this.cloner = new ElevenlabsCloner(this.#server, apiKey, this.#underWay);
  }

  get traits(): VoiceTraits {
    return modelTraits(this.#model);
  }

  async supports(language: Language): Promise<Support> {
    if (this.#settings.apiKey.reveal() === '') {
      return unsupported('elevenlabs needs a key; set ELEVENLABS_API_KEY');
    }
    return modelSpeaks(this.#model, language)
      ? SUPPORTED
      : unsupported(`the ElevenLabs model ${this.#model} does not speak ${language}`);
  }

  reads(): Reads {
    return modelReads(this.#model);
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    const rateHz = pcmRateFor(request.wantedRateHz);
    if (!hasWords(request.text)) {
      return noSpeech(rateHz);
    }
    const voice = voiceNameFor(this.name, request.voice) ?? DEFAULT_VOICE;
    const { clock } = this.#settings;
    return requestSpeech(
      { name: this.name, clock, underWay: this.#underWay },
      request.text,
      signal,
      (stop) =>
        modelGoesByDialogue(this.#model)
          ? this.#dialogue(request, { voice, rateHz }, stop)
          : this.#stream(request, { voice, rateHz }, stop),
    );
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#lines.close();
    await this.#server.close();
  }

  async #dialogue(request: TtsRequest, voice: DialogueVoice, stop: AbortSignal): Promise<SpeechAnswer> {
    const text = this.#textOf(request);
    const pieces = (): AsyncIterable<Buffer> => this.#lines.say(text, voice, stop);
    return { answer: { pieces }, samples: new AnySampleStream(this.name, voice.rateHz) };
  }

  /** With what the model takes of how it is to be said. */
  #textOf({ text, stressed, voice, language }: TtsRequest): string {
    const { emotion, stress } = this.traits;
    const stressing = stress === true ? capitalisedText(text, stressed, language) : text;
    return taggedText(stressing, emotion === true ? voice?.emotion : undefined);
  }

  async #stream(
    request: TtsRequest,
    { voice, rateHz }: DialogueVoice,
    stop: AbortSignal,
  ): Promise<SpeechAnswer> {
    const answer = await this.#ask(request, voice, rateHz, stop);
    if (answer.status !== 200) {
      const refused = await answer.refused(REASON_NAMES);
      throw speechRefusal(this.#server, refused, voice);
    }
    try {
      // PCM is called audio/mpeg here, too.
      checkNoText(this.name, String(answer.headers['content-type'] ?? ''));
    } catch (error) {
      answer.discard();
      throw error;
    }
    return { answer, samples: new AnySampleStream(this.name, rateHz) };
  }

  #ask(request: TtsRequest, voice: string, rateHz: number, signal: AbortSignal): Promise<HttpAnswer> {
    const { previousText } = request;
    const speed = within(request.voice?.speed, this.traits.speed);
    const body: ElevenlabsBody = {
      text: this.#textOf(request),
      model_id: this.#model,
      ...(modelTakesLanguage(this.#model) ? { language_code: elevenlabsLanguage(request.language) } : {}),
      ...(previousText === undefined || !modelTakesPrevious(this.#model)
        ? {}
        : { previous_text: previousText }),
      ...(speed === undefined ? {} : { voice_settings: { speed } }),
    };
    const json = jsonBody(body);
    return this.#server.send(
      {
        method: 'POST',
        path: `/v1/text-to-speech/${encodeURIComponent(voice)}/stream?output_format=pcm_${rateHz}`,
        headers: { ...json.headers, 'xi-api-key': this.#settings.apiKey.reveal() },
        body: json.body,
        silenceLimitMs: SPEECH_GAP_LIMIT_MS,
      },
      signal,
    );
  }
}
