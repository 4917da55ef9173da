/**
 * Speech recognition on this machine with the neural models of sherpa-onnx: no key, no network, many languages. A
 * model is a folder that the operator has downloaded; it is loaded on the first `open`, in a process that all legs of
 * the language share, and that ends by itself when it does not like something.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError, messageOf } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import { Tally } from '../../../base/tally.ts';
import { codesOf, setFor } from '../../languages.ts';
import { OpenStreams } from '../../open-streams.ts';
import { askModel } from '../../sherpa/ask-model.ts';
import { findInstallation } from '../../sherpa/installation.ts';
import { ModelPool, type ModelPoolOptions } from '../../sherpa/model-pool.ts';
import type { ModelProcess } from '../../sherpa/model-process.ts';
import { type HeardTokens, heardOf, MESSAGE, pcmBytes } from '../../sherpa/model-wire.ts';
import { findRecogniser, type RecogniserModel } from '../../sherpa/recogniser-models.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { type MadeUp, madeUpBy } from '../made-up.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { UtteranceStream } from '../utterance-stream.ts';
import type { UtteranceAudio } from '../whole/utterance-audio.ts';
import { type WholeHeard, WholeRecogniser } from '../whole/whole-recogniser.ts';
import { SherpaStreamRecogniser } from './sherpa-stream-recogniser.ts';
import { heardWords } from './token-words.ts';

/** Sound goes to a process five times as seldom as it comes: models take 80 ms of it at a time, and mostly more. */
const CHUNK_MS = 100;

/** What whole utterances are asked about again for: see {@link WholeRecogniser}. */
const NEW_SHARE = 0.5;

/** Legs at once, over all languages: some hundred MB of what models remember, and more than this machine hears. */
const MOST_STREAMS = 64;

export interface SherpaSttSettings extends ModelPoolOptions {
  readonly clock: Clock;
  /** Folders of models by language. */
  readonly models: ReadonlyMap<Language, string>;
  /** The most sound that waits per stream, in ms; default 20,000, so that an utterance that is given again fits. */
  readonly backlogLimitMs?: number;
  /** The most streams at once; default 64. */
  readonly maxStreams?: number;
}

export class SherpaSttEngine implements SttEngine {
  readonly name = 'sherpa';
  /** What a model hears of a telephone's band is its own matter, and the README's. */
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 8_000 };
  readonly madeUp = new Tally<MadeUp>();
  readonly #settings: SherpaSttSettings;
  readonly #pool: ModelPool;
  readonly #streams = new OpenStreams<UtteranceStream>(this.name);

  constructor(settings: SherpaSttSettings) {
    this.#settings = settings;
    this.#pool = new ModelPool(settings);
  }

  async supports(language: Language): Promise<Support> {
    const folder = this.#folderFor(language);
    if (folder === undefined) {
      return unsupported(lacking(language));
    }
    const installation = await findInstallation();
    if (installation.type === 'missing') {
      return unsupported(`sherpa: ${installation.reason}`);
    }
    try {
      await findRecogniser(folder, language);
      return SUPPORTED;
    } catch (error) {
      return unsupported(`sherpa: ${messageOf(error)}`);
    }
  }

  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  /** The process ids of the models that run, for diagnosis. */
  async processIds(): Promise<readonly number[]> {
    return (await this.#pool.running()).flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  async close(): Promise<void> {
    await this.#streams.close();
    await this.#pool.close();
  }

  async #open({ language, onEvent }: SttStreamOptions, signal: AbortSignal): Promise<UtteranceStream> {
    const {
      clock,
      maxStreams = MOST_STREAMS,
      backlogLimitMs = 20_000,
      answerTimeoutMs = 10_000,
    } = this.#settings;
    if (this.#streams.size >= maxStreams) {
      throw new AppError('engine-overloaded', 'sherpa: as many legs are recognised as may be at once');
    }
    const folder = this.#folderFor(language);
    if (folder === undefined) {
      throw new AppError('language-unsupported', lacking(language));
    }
    // Looked at each time: what lies there may have been mended, or broken, since.
    const model = await findRecogniser(folder, language);
    const process = await this.#pool.get(pooled(folder, language, model), signal);
    const code = baseLanguage(language);
    const isStream = model.hears === 'streams';
    // What hears whole utterances keeps its sound by itself, bounded.
    const limits = isStream
      ? { chunkMs: CHUNK_MS, backlogLimitMs, answerTimeoutMs }
      : { chunkMs: 20, backlogLimitMs: Number.POSITIVE_INFINITY, answerTimeoutMs: Number.POSITIVE_INFINITY };
    return UtteranceStream.start({ name: this.name, clock, onEvent, ...limits }, (stream) =>
      isStream
        ? new SherpaStreamRecogniser(stream, process, { language: code, isUpperCase: model.isUpperCase })
        : new WholeRecogniser(stream, {
            madeUp: this.madeUp,
            newShare: NEW_SHARE,
            hear: (audio, wanted) => hearWhole(process, model, audio, wanted),
          }),
    );
  }

  #folderFor(language: Language): string | undefined {
    return setFor(this.#settings.models, language);
  }
}

async function hearWhole(
  process: ModelProcess,
  { isUpperCase }: RecogniserModel,
  audio: UtteranceAudio,
  signal: AbortSignal,
): Promise<WholeHeard> {
  const { sound } = audio;
  const payload = pcmBytes(audio.pcm());
  const tokens = await askModel<HeardTokens>(
    process,
    MESSAGE.hear,
    payload,
    (message) => (message.type === MESSAGE.final ? heardOf(message.payload) : undefined),
    signal,
  );
  const heard = heardWords(tokens, isUpperCase, sound.lengthMs);
  const why = madeUpBy({ text: heard.text, sound });
  return why === undefined ? { ...heard, madeUp: [] } : { text: '', words: [], madeUp: [why] };
}

function pooled(folder: string, language: Language, model: RecogniserModel): Parameters<ModelPool['get']>[0] {
  const { hears, config, isToldLanguage, leadMs, tailMs } = model;
  return {
    key: isToldLanguage ? `${folder} ${codesOf(language)[0]}` : folder,
    shown: folder,
    order: { use: hears, config, leadMs, tailMs },
  };
}

function lacking(language: Language): string {
  return `sherpa has no model for ${language}; give one with --stt-model ${language}=DIR, from the README's table of models`;
}
