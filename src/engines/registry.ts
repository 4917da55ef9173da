/**
 * The catalogue of engines by kind and name: the one place that knows which exist. A new adapter is one entry
 * here; nothing above this floor changes but what its settings are read from. The order is that of preference: where
 * nobody chose, the engines that are set up are used in it.
 */

import type { Counted } from '../base/counts.ts';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EmotionReader } from './emotion/emotion-reader.ts';
import { HumeReader } from './emotion/hume/hume-reader.ts';
import {
  type Catalogue,
  type DirectedSettings,
  type EngineEntry,
  type EngineSettings,
  namedOnly,
  needSentence,
  ofProvider,
  ofThisMachine,
} from './engine-entry.ts';
import { ApertiumEngine } from './mt/apertium/apertium-engine.ts';
import { DeeplEngine } from './mt/deepl/deepl-engine.ts';
import { glossaryFor } from './mt/deepl/languages.ts';
import { LibretranslateEngine } from './mt/libretranslate/libretranslate-engine.ts';
import type { MtEngine } from './mt/mt-engine.ts';
import type { Providers } from './providers.ts';
import { ObservedMt, ObservedTts } from './resilience/observed.ts';
import { ObservedStt, ObservedTranslator } from './resilience/observed-streams.ts';
import { DeeplVoiceEngine } from './s2s/deepl-voice/deepl-voice-engine.ts';
import { OpenaiRealtimeEngine } from './s2s/openai-realtime/openai-realtime-engine.ts';
import type { SpeechTranslator } from './s2s/speech-translator.ts';
import { SherpaEmbedder, type SherpaEmbedderSettings } from './speaker/sherpa-embedder.ts';
import type { SpeakerEmbedder } from './speaker/speaker-embedder.ts';
import { DeepgramEngine } from './stt/deepgram/deepgram-engine.ts';
import { OpenaiTranscriptionEngine } from './stt/openai-transcription/openai-transcription-engine.ts';
import { PocketsphinxEngine } from './stt/pocketsphinx/pocketsphinx-engine.ts';
import { SherpaSttEngine } from './stt/sherpa/sherpa-stt-engine.ts';
import type { SttEngine } from './stt/stt-engine.ts';
import { VoskEngine } from './stt/vosk/vosk-engine.ts';
import type { Component } from './support.ts';
import { ChatterboxEngine } from './tts/chatterbox/chatterbox-engine.ts';
import { ElevenlabsEngine } from './tts/elevenlabs/elevenlabs-engine.ts';
import { EspeakNgEngine } from './tts/espeak-ng/espeak-ng-engine.ts';
import { OpenaiSpeechEngine } from './tts/openai-speech/openai-speech-engine.ts';
import { PocketTtsEngine } from './tts/pocket-tts/pocket-tts-engine.ts';
import { SherpaTtsEngine } from './tts/sherpa/sherpa-tts-engine.ts';
import type { TtsEngine } from './tts/tts-engine.ts';
import type { VoiceCloner } from './tts/voice-cloner.ts';
import { XttsEngine } from './tts/xtts/xtts-engine.ts';

/** Recognition engines by name. */
export const STT_ENGINES: Catalogue<SttEngine> = new Map<string, EngineEntry<SttEngine>>([
  [
    'deepgram',
    ofProvider({
      description: 'Deepgram, in its cloud or self-hosted: fast and accurate, with over forty languages.',
      provider: 'deepgram',
      create: (deepgram, { clock }) => new DeepgramEngine({ clock, ...deepgram }),
    }),
  ],
  [
    'vosk',
    ofProvider({
      description: 'Vosk servers of your own: modest hardware, a model per language.',
      provider: 'vosk',
      create: (vosk, { clock }) => new VoskEngine({ clock, ...vosk }),
    }),
  ],
  [
    'openai-transcription',
    ofProvider({
      description:
        'A server of the OpenAI transcription API, such as whisper.cpp or speaches: a second or so later.',
      provider: 'openaiTranscription',
      create: (server, { clock }) => new OpenaiTranscriptionEngine({ clock, ...server }),
    }),
  ],
  [
    'sherpa',
    namedOnly(
      'Neural models on this machine by sherpa-onnx, in the languages they are given for; see --stt-model.',
      ({ clock, sttModels }) => new SherpaSttEngine({ clock, models: sttModels }),
    ),
  ],
  [
    'pocketsphinx',
    ofThisMachine(
      'CMU PocketSphinx on this machine, English unless given models; for wideband legs.',
      ({ clock, sttModels }) => new PocketsphinxEngine({ clock, models: sttModels }),
    ),
  ],
]);

/** Translation engines by name. */
export const MT_ENGINES: Catalogue<MtEngine> = new Map<string, EngineEntry<MtEngine>>([
  [
    'deepl',
    ofProvider({
      description: 'DeepL, with what was said before as context.',
      provider: 'deepl',
      create: (deepl, { clock }) => new DeeplEngine({ clock, ...deepl }),
    }),
  ],
  [
    'libretranslate',
    ofProvider({
      description: 'A LibreTranslate server of your own or a public one.',
      provider: 'libretranslate',
      create: (server, { clock }) => new LibretranslateEngine({ clock, ...server }),
    }),
  ],
  [
    'apertium',
    ofThisMachine(
      'Apertium on this machine, rule-based, for the pairs that are installed.',
      ({ clock }) => new ApertiumEngine({ clock }),
    ),
  ],
]);

/** Synthesis engines by name. */
export const TTS_ENGINES: Catalogue<TtsEngine> = new Map<string, EngineEntry<TtsEngine>>([
  [
    'xtts',
    ofProvider({
      description: 'XTTS v2 on servers of your own, 17 languages; its weights are for non-commercial use.',
      provider: 'xtts',
      create: (xtts, { clock }) => new XttsEngine({ clock, ...xtts }),
    }),
  ],
  [
    'elevenlabs',
    ofProvider({
      description: 'ElevenLabs, over thirty languages with natural voices.',
      provider: 'elevenlabs',
      create: (elevenlabs, { clock }) => new ElevenlabsEngine({ clock, ...elevenlabs }),
    }),
  ],
  [
    'openai-speech',
    ofProvider({
      description: 'A server of the OpenAI speech API, such as Kokoro-FastAPI or speaches.',
      provider: 'openaiSpeech',
      create: (server, { clock }) => new OpenaiSpeechEngine({ clock, ...server }),
    }),
  ],
  [
    'chatterbox',
    ofProvider({
      description: 'Chatterbox on a server of your own, 23 languages, any recorded voice.',
      provider: 'chatterbox',
      create: (server, { clock }) => new ChatterboxEngine({ clock, ...server }),
    }),
  ],
  [
    'pocket-tts',
    ofProvider({
      description:
        'pocket-tts servers of your own, without a graphics card: six languages, any recorded voice.',
      provider: 'pocketTts',
      create: (servers, { clock }) => new PocketTtsEngine({ clock, ...servers }),
    }),
  ],
  [
    'sherpa',
    namedOnly(
      'Neural voices on this machine by sherpa-onnx, in the languages they are given for; see --voice.',
      ({ clock, ttsVoices }) => new SherpaTtsEngine({ clock, voices: ttsVoices ?? new Map() }),
    ),
  ],
  [
    'espeak-ng',
    ofThisMachine(
      'eSpeak NG on this machine, over a hundred languages with a robotic voice.',
      ({ clock }) => new EspeakNgEngine({ clock }),
    ),
  ],
]);

/** Engines that recognise and translate in one go, by name. None is used unless it is asked for. */
export const S2S_ENGINES: Catalogue<SpeechTranslator, DirectedSettings> = new Map<
  string,
  EngineEntry<SpeechTranslator, DirectedSettings>
>([
  [
    'deepl-voice',
    ofProvider({
      description: 'DeepL Voice: recognition and translation in one; a synthesis engine speaks.',
      provider: 'deepl',
      create: ({ apiKey, url, formality, glossaries }, { clock, from, to }) => {
        const glossaryId = glossaryFor(glossaries, from, to);
        return new DeeplVoiceEngine({
          clock,
          apiKey,
          ...(url === undefined ? {} : { url }),
          ...(formality === undefined ? {} : { formality }),
          ...(glossaryId === undefined ? {} : { glossaryId }),
        });
      },
    }),
  ],
  [
    'openai-realtime',
    ofProvider({
      description:
        'OpenAI gpt-realtime-translate: speech in, speech out, in a voice like that of the speaker.',
      provider: 'openaiRealtime',
      create: (openai, { clock }) => new OpenaiRealtimeEngine({ clock, ...openai }),
    }),
  ],
]);

/** What says which emotion is heard in a voice, by name. None is used unless it is asked for. */
export const EMOTION_READERS: Catalogue<EmotionReader> = new Map<string, EngineEntry<EmotionReader>>([
  [
    'hume',
    ofProvider({
      description: "Hume's Expression Measurement.",
      provider: 'hume',
      create: (hume, { clock }) => new HumeReader({ clock, ...hume }),
    }),
  ],
]);

export interface CreateEnginesOptions extends EngineSettings {
  /** Names in order of preference, each once; the same for `mt` and `tts`. */
  readonly stt: readonly string[];
  readonly mt: readonly string[];
  readonly tts: readonly string[];
  readonly log: Log;
}

/** Engines that were asked for, each list in order of preference; all are observed, each is a part that counts. */
export interface Engines extends Counted {
  readonly stt: readonly (SttEngine & Counted)[];
  readonly mt: readonly (MtEngine & Counted)[];
  readonly tts: readonly (TtsEngine & Counted)[];
  /**
   * Of the synthesis engines that make voices of recordings, as far as is known by now: some servers have to be asked
   * first what they support. They close with their engines.
   */
  readonly cloners: readonly VoiceCloner[];
  /** Closes them all. Idempotent. */
  close(): Promise<void>;
}

/** The names of the engines that need nothing or are set up, best first, without those that want to be named. */
export function namesSetUp<Engine, Settings extends EngineSettings>(
  catalogue: Catalogue<Engine, Settings>,
  providers: Providers,
): readonly string[] {
  return [...catalogue]
    .filter(([, entry]) => entry.isNamedOnly !== true && entry.isSetUp(providers))
    .map(([name]) => name);
}

/** Whether an engine runs on this machine and needs no server. */
export function isOfThisMachine(component: Component, name: string): boolean {
  const catalogue = { stt: STT_ENGINES, mt: MT_ENGINES, tts: TTS_ENGINES, s2s: S2S_ENGINES }[component];
  return catalogue.get(name)?.provider === undefined;
}

/**
 * Makes the engines named; none starts until it is used.
 * @throws AppError `engine-unknown` listing the names there are; `bad-option` naming the variable that is missing.
 */
export function createEngines(options: CreateEnginesOptions): Engines {
  // All names are checked before the first engine is made.
  const entries = {
    stt: entriesOf('stt', STT_ENGINES, options.stt, options),
    mt: entriesOf('mt', MT_ENGINES, options.mt, options),
    tts: entriesOf('tts', TTS_ENGINES, options.tts, options),
  };
  const stt = entries.stt.map((entry) => new ObservedStt(entry.create(options), options));
  const mt = entries.mt.map((entry) => new ObservedMt(entry.create(options), options));
  const tts = entries.tts.map((entry) => new ObservedTts(entry.create(options), options));
  options.log.debug({ stt: options.stt, mt: options.mt, tts: options.tts }, 'engines chosen');
  return {
    stt,
    mt,
    tts,
    get cloners() {
      return tts.flatMap(({ cloner }) => cloner ?? []);
    },
    counts: {},
    parts: [...stt, ...mt, ...tts],
    close: async () => {
      await Promise.all([...stt, ...mt, ...tts].map((engine) => engine.close()));
    },
  };
}

/** What tells voices apart, by the model in a file; its owner closes it. It starts nothing until it is asked. */
export function createSpeakerEmbedder(settings: SherpaEmbedderSettings): SpeakerEmbedder {
  return new SherpaEmbedder(settings);
}

/**
 * Makes the speech translator of one direction; its owner closes it.
 * @throws as {@link createEngines}.
 */
export function createSpeechTranslator(name: string, settings: DirectedSettings): SpeechTranslator & Counted {
  const [entry] = entriesOf('speech-to-speech', S2S_ENGINES, [name], settings);
  if (entry === undefined) {
    throw new AppError('engine-unknown', 'no speech-to-speech engine was named');
  }
  return new ObservedTranslator(entry.create(settings), settings);
}

/** @throws as {@link createEngines}. */
export function createEmotionReader(name: string, settings: EngineSettings): EmotionReader | undefined {
  const [entry] = entriesOf('emotion', EMOTION_READERS, [name], settings);
  return entry?.create(settings);
}

function entriesOf<Engine, Settings extends EngineSettings>(
  kind: string,
  catalogue: Catalogue<Engine, Settings>,
  names: readonly string[],
  { providers = {} }: EngineSettings,
): readonly EngineEntry<Engine, Settings>[] {
  return [...new Set(names)].map((name) => {
    const entry = catalogue.get(name);
    if (entry === undefined) {
      throw new AppError(
        'engine-unknown',
        `there is no ${kind} engine "${name}"; there is: ${[...catalogue.keys()].join(', ')}`,
      );
    }
    if (!entry.isSetUp(providers)) {
      throw new AppError('bad-option', `${name} ${needSentence(entry.needs ?? '')}`);
    }
    return entry;
  });
}
