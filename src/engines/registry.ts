/**
 * The catalogue of engines by kind and name: the one place that knows which exist. A new adapter is one entry
 * here; nothing above this floor changes.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { ApertiumEngine } from './mt/apertium/apertium-engine.ts';
import type { MtEngine } from './mt/mt-engine.ts';
import { PocketsphinxEngine } from './stt/pocketsphinx/pocketsphinx-engine.ts';
import type { SttEngine } from './stt/stt-engine.ts';
import { EspeakNgEngine } from './tts/espeak-ng/espeak-ng-engine.ts';
import type { TtsEngine } from './tts/tts-engine.ts';

/** Everything that the engines' factories may be told. */
export interface EngineSettings {
  readonly clock: Clock;
  /** Directories of recognition models by language, for engines that load models from files. */
  readonly sttModels: ReadonlyMap<Language, string>;
}

/** An engine one can ask for by name. */
export interface EngineEntry<Engine> {
  /** One sentence for the operator. */
  readonly description: string;
  /** Makes the engine; starts nothing. */
  readonly create: (settings: EngineSettings) => Engine;
}

type Catalogue<Engine> = ReadonlyMap<string, EngineEntry<Engine>>;

/** Recognition engines by name. */
export const STT_ENGINES: Catalogue<SttEngine> = new Map<string, EngineEntry<SttEngine>>([
  [
    'pocketsphinx',
    {
      description: 'CMU PocketSphinx on this machine, English unless given models; for wideband legs.',
      create: ({ clock, sttModels }) => new PocketsphinxEngine({ clock, models: sttModels }),
    },
  ],
]);

/** Translation engines by name. */
export const MT_ENGINES: Catalogue<MtEngine> = new Map<string, EngineEntry<MtEngine>>([
  [
    'apertium',
    {
      description: 'Apertium on this machine, rule-based, for the pairs that are installed.',
      create: ({ clock }) => new ApertiumEngine({ clock }),
    },
  ],
]);

/** Synthesis engines by name. */
export const TTS_ENGINES: Catalogue<TtsEngine> = new Map<string, EngineEntry<TtsEngine>>([
  [
    'espeak-ng',
    {
      description: 'eSpeak NG on this machine, over a hundred languages with a robotic voice.',
      create: ({ clock }) => new EspeakNgEngine({ clock }),
    },
  ],
]);

export interface CreateEnginesOptions extends EngineSettings {
  /** Names in order of preference, each once; the same for `mt` and `tts`. */
  readonly stt: readonly string[];
  readonly mt: readonly string[];
  readonly tts: readonly string[];
  readonly log: Log;
}

/** Engines that were asked for, each list in order of preference. */
export interface Engines {
  readonly stt: readonly SttEngine[];
  readonly mt: readonly MtEngine[];
  readonly tts: readonly TtsEngine[];
  /** Closes them all. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes the engines named; none starts until it is used.
 * @throws AppError `engine-unknown` listing the names there are.
 */
export function createEngines(options: CreateEnginesOptions): Engines {
  const stt = createEach('stt', STT_ENGINES, options.stt, options);
  const mt = createEach('mt', MT_ENGINES, options.mt, options);
  const tts = createEach('tts', TTS_ENGINES, options.tts, options);
  options.log.debug({ stt: options.stt, mt: options.mt, tts: options.tts }, 'engines chosen');
  return {
    stt,
    mt,
    tts,
    close: async () => {
      await Promise.all([...stt, ...mt, ...tts].map((engine) => engine.close()));
    },
  };
}

function createEach<Engine>(
  kind: string,
  catalogue: Catalogue<Engine>,
  names: readonly string[],
  settings: EngineSettings,
): readonly Engine[] {
  // All names are checked before the first engine is made.
  const entries = [...new Set(names)].map((name) => {
    const entry = catalogue.get(name);
    if (entry === undefined) {
      throw new AppError(
        'engine-unknown',
        `there is no ${kind} engine "${name}"; there is: ${[...catalogue.keys()].join(', ')}`,
      );
    }
    return entry;
  });
  return entries.map((entry) => entry.create(settings));
}
