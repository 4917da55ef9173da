/**
 * Speech synthesis with Chatterbox on a Chatterbox-TTS-Server of one's own, in English or 23 languages, as anybody whose
 * recording the server has. All its speech carries an inaudible mark that it was synthesised (PerTh).
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { HttpOrigin, jsonBody } from '../../wire/http.ts';
import { member, parseJson } from '../../wire/json.ts';
import { HEAD_LIMIT_MS, SPEECHES_LIMIT } from '../../wire/limits.ts';
import { Once } from '../../wire/once.ts';
import { refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { checkSoundType } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { requestSpeech, type SpeechAnswer } from '../speech-request.ts';
import { renderingFor, type VoiceTraits } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { VoiceCloner } from '../voice-cloner.ts';
import { ChatterboxCloner } from './chatterbox-cloner.ts';
import { chatterboxLanguage, languagesOf, REFUSAL_HINTS, speechBody, TRAITS } from './chatterbox-wire.ts';

export interface ChatterboxSettings {
  readonly clock: Clock;
  /** `http://localhost:8004`. */
  readonly url: string;
}

/** The rate in Hz of its speech where the answer does not tell it. */
const CHATTERBOX_HZ = 24_000;

export class ChatterboxEngine implements TtsEngine {
  readonly name = 'chatterbox';
  readonly traits: VoiceTraits = TRAITS;
  readonly cloner: VoiceCloner;
  readonly #settings: ChatterboxSettings;
  readonly #server: HttpOrigin;
  readonly #underWay = new UnderWay(this.name, SPEECHES_LIMIT);
  /** The file of a voice that comes with the server. */
  readonly #ownVoice = new Once(() => this.#findOwnVoice());

  /** @throws AppError `bad-option` when the address is none. */
  constructor(settings: ChatterboxSettings) {
    this.#settings = settings;
    this.#server = new HttpOrigin({
      name: this.name,
      url: settings.url,
      clock: settings.clock,
      unreachableHint: 'start the server or mend CHATTERBOX_URL',
    });
    this.cloner = new ChatterboxCloner(this.#server, this.#underWay);
  }

  /** Its rules for numbers are for English only. */
  reads(): Reads {
    return 'words';
  }

  async supports(language: Language): Promise<Support> {
    try {
      const spoken = languagesOf(member(await this.#get('/api/model-info'), 'supported_languages'));
      await this.#ownVoice.get();
      return spoken === undefined || spoken.includes(chatterboxLanguage(language))
        ? SUPPORTED
        : unsupported(`the Chatterbox model does not speak ${language}; it speaks ${spoken.join(', ')}`);
    } catch (error) {
      return unanswered(error);
    }
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    if (!hasWords(request.text)) {
      return noSpeech(CHATTERBOX_HZ);
    }
    const { clock } = this.#settings;
    return requestSpeech({ name: this.name, clock, underWay: this.#underWay }, request.text, signal, (stop) =>
      this.#ask(request, stop),
    );
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#server.close();
  }

  async #ask({ text, language, voice }: TtsRequest, signal: AbortSignal): Promise<SpeechAnswer> {
    const needsNone = voice?.name !== undefined || renderingFor(this.name, voice) !== undefined;
    const late = 'chatterbox: the list of its voices did not come in time';
    // The list has the engine's signal: a text that gives up leaves it to those who wait with it.
    const own = needsNone
      ? ''
      : await withDeadline(this.#settings.clock, HEAD_LIMIT_MS, late, signal, () => this.#ownVoice.get());
    const answer = await this.#server.send(
      {
        method: 'POST',
        path: '/tts',
        ...jsonBody(speechBody(text, language, voice, own)),
        silenceLimitMs: SPEECH_GAP_LIMIT_MS,
      },
      signal,
    );
    if (answer.status !== 200) {
      const error = refusal(this.#server, await answer.refused([]), REFUSAL_HINTS);
      // The server says so of nothing else.
      throw error.status === 404 && needsNone ? new AppError('voice-refused', error.message, error) : error;
    }
    try {
      checkSoundType(this.name, String(answer.headers['content-type'] ?? ''));
    } catch (error) {
      answer.discard();
      throw error;
    }
    return { answer, samples: new AnySampleStream(this.name, CHATTERBOX_HZ) };
  }

  async #findOwnVoice(): Promise<string> {
    const voices = await this.#get('/get_predefined_voices');
    const [first] = Array.isArray(voices) ? voices : [];
    const file = member(first, 'filename');
    if (typeof file !== 'string') {
      throw new AppError(
        'engine-refused',
        `chatterbox: ${this.#server.host} has no voices of its own: put a WAV file into its folder voices`,
      );
    }
    return file;
  }

  /** The JSON of a short answer. @throws AppError of category `engine`. */
  #get(path: string): Promise<unknown> {
    return this.#underWay.run(this.#underWay.closed, async (stop) => {
      const answer = await this.#server.send({ method: 'GET', path }, stop);
      if (answer.status !== 200) {
        throw refusal(this.#server, await answer.refused([]), REFUSAL_HINTS);
      }
      const json = parseJson(await answer.readAll());
      if (json === undefined) {
        throw new AppError('engine-bad-answer', `chatterbox: ${this.#server.host} gives no JSON at ${path}`);
      }
      return json;
    });
  }
}
