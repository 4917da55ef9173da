/**
 * Speech synthesis on this machine with the neural voices of sherpa-onnx: no key, no network. A voice is a folder that
 * the operator has downloaded; it is loaded when it is first spoken with, in a process that all calls share, which
 * speaks one segment after the other, a sentence at a time.
 */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../base/clock.ts';
import { AppError, messageOf } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { codesOf, setFor } from '../../languages.ts';
import { findInstallation } from '../../sherpa/installation.ts';
import { ModelPool, type ModelPoolOptions } from '../../sherpa/model-pool.ts';
import { modelSpeech } from '../../sherpa/model-speech.ts';
import { findVoice, type VoiceModel } from '../../sherpa/voice-models.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { Once } from '../../wire/once.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { loadedVoice } from '../loaded-voice.ts';
import { PcmStream } from '../sample-stream.ts';
import { requestSpeech } from '../speech-request.ts';
import { renderingFor, type SpokenVoice, type VoiceTraits, voiceNameFor } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import { SherpaCloner } from './sherpa-cloner.ts';
import { parseVoicePlace, speakerNumber, type VoicePlace } from './voice-place.ts';
import { VoiceRecordings } from './voice-recordings.ts';

/** Segments at once: they are spoken one after the other, so the last of more would come too late anyway. */
const MOST_SEGMENTS = 32;

/** What is known of models, some 200 bytes each. */
const MOST_MODELS = 256;

/** How many times as fast as it is by itself a voice speaks well. */
const SLOWEST = 0.5;
const FASTEST = 2;

export interface SherpaTtsSettings extends ModelPoolOptions {
  readonly clock: Clock;
  /** Voices by language, each a folder with `#` and a speaker after it, or not. */
  readonly voices: ReadonlyMap<Language, string>;
}

export class SherpaTtsEngine implements TtsEngine {
  readonly name = 'sherpa';
  readonly traits: VoiceTraits = { speed: { least: SLOWEST, most: FASTEST } };
  readonly #cloner: SherpaCloner;
  readonly #settings: SherpaTtsSettings;
  readonly #pool: ModelPool;
  readonly #underWay = new UnderWay(this.name, MOST_SEGMENTS);
  readonly #recordings = new VoiceRecordings();
  /** By folder and language. */
  readonly #models = new LRUCache<string, Once<VoiceModel>>({ max: MOST_MODELS });
  #imitates = false;

  constructor(settings: SherpaTtsSettings) {
    this.#settings = settings;
    // Listeners wait for a voice; recognition has time while somebody speaks.
    this.#pool = new ModelPool({ niceness: 2, ...settings });
    this.#cloner = new SherpaCloner((ref) => this.#recordings.forget(ref));
  }

  /** Once a language was asked for whose voice speaks like a recording. */
  get cloner(): SherpaCloner | undefined {
    return this.#imitates ? this.#cloner : undefined;
  }

  /** Segments are spoken one after the other, so a draft is made only where nobody waits. */
  get hasRoom(): boolean {
    return this.#underWay.count === 0;
  }

  get voicesKept(): number {
    return this.#recordings.size;
  }

  /** Voices read numbers each in its own way, and some not at all. */
  reads(): Reads {
    return 'words';
  }

  async supports(language: Language): Promise<Support> {
    const place = this.#placeFor(language);
    if (place === undefined) {
      return unsupported(lacking(language));
    }
    const installation = await findInstallation();
    if (installation.type === 'missing') {
      return unsupported(`sherpa: ${installation.reason}`);
    }
    try {
      const { imitates } = await findVoice(place.folder, language);
      this.#imitates ||= imitates;
      return SUPPORTED;
    } catch (error) {
      return unsupported(`sherpa: ${messageOf(error)}`);
    }
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    const { text, language, voice } = request;
    const place = this.#placeOf(voice, language);
    const model = await this.#modelIn(place.folder, language);
    const order = { use: 'speak', config: model.config, leadMs: 0, tailMs: 0 } as const;
    const key = model.isToldLanguage ? keyOf(place.folder, language) : place.folder;
    const process = await this.#pool.get({ key, shown: place.folder, order }, signal);
    const { rateHz, speakers } = process.facts;
    if (!hasWords(text)) {
      return noSpeech(rateHz);
    }
    const { clock } = this.#settings;
    const recording = model.imitates
      ? await this.#recordings.get(place, renderingFor(this.name, voice), (load) =>
          loadedVoice(this.name, load, clock, this.#underWay.closed),
        )
      : undefined;
    const said = {
      text,
      speaker: recording === undefined ? speakerNumber(place, model, speakers) : 0,
      speed: Math.min(FASTEST, Math.max(SLOWEST, voice?.speed ?? 1)),
      recording,
    };
    return requestSpeech(
      { name: this.name, clock, underWay: this.#underWay },
      text,
      signal,
      async (stop) => ({
        answer: { pieces: (limitBytes) => modelSpeech(process, said, limitBytes, stop) },
        samples: new PcmStream(rateHz),
      }),
    );
  }

  /** The process ids of the voices that are loaded, for diagnosis. */
  async processIds(): Promise<readonly number[]> {
    return (await this.#pool.running()).flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#pool.close();
  }

  /** Looked at once: a segment waits for no disk. */
  #modelIn(folder: string, language: Language): Promise<VoiceModel> {
    const key = keyOf(folder, language);
    const found = this.#models.get(key) ?? new Once(() => findVoice(folder, language));
    this.#models.set(key, found);
    return found.get();
  }

  #placeFor(language: Language): VoicePlace | undefined {
    const { voices } = this.#settings;
    const text = setFor(voices, language);
    return text === undefined ? undefined : parseVoicePlace(text);
  }

  /** A rendering that has a recording says how the language's own model is to sound, and not which model. */
  #placeOf(voice: SpokenVoice | undefined, language: Language): VoicePlace {
    const rendering = renderingFor(this.name, voice);
    const name = rendering?.load === undefined ? voiceNameFor(this.name, voice) : undefined;
    const place = name === undefined ? this.#placeFor(language) : parseVoicePlace(name);
    if (place === undefined) {
      throw new AppError('language-unsupported', lacking(language));
    }
    return place;
  }
}

function keyOf(folder: string, language: Language): string {
  return `${folder} ${codesOf(language)[0]}`;
}

function lacking(language: Language): string {
  return `sherpa has no voice for ${language}; give one with --voice ${language}=DIR, from the README's table of models`;
}
