/**
 * Which engines serve each direction of the configuration, found out before the first call: every engine is asked,
 * and tried for real, which also leaves it warm. What cannot be interpreted is known here, with the reason; so is every
 * engine that was to be used and is not.
 */

import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import {
  chooseEngines,
  chooseSpeakers,
  type DirectionEngines,
  type LeftOut,
  missingOf,
  type Preferred,
  preferred,
} from '../engines/choose.ts';
import { createEngines, createSpeechTranslator, type Engines } from '../engines/registry.ts';
import type { SpeechTranslator } from '../engines/s2s/speech-translator.ts';
import { type TryOutResult, tryOutEngines, tryOutSpeakers, tryOutTranslator } from '../engines/try-out.ts';
import type { TtsEngine } from '../engines/tts/tts-engine.ts';
import type { Direction } from './config/directions.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** What interprets a direction: only engines that work, in order of preference. */
export type WorkingEngines =
  | ({ readonly type: 'cascade' } & DirectionEngines)
  /** `tts` speaks for a translator that only writes. */
  | {
      readonly type: 'fused';
      readonly translator: SpeechTranslator;
      readonly tts: Preferred<TtsEngine> | undefined;
    };

export type DirectionTrial =
  | {
      readonly type: 'served';
      readonly engines: WorkingEngines;
      readonly results: readonly TryOutResult[];
      /** Engines that failed, and those that cannot serve the direction and would have gone before one that does. */
      readonly leftOut: readonly LeftOut[];
    }
  /** A sentence for each thing that is missing or does not work. */
  | { readonly type: 'unserved'; readonly reasons: readonly string[] };

/** The engines of a configuration. Its owner closes it. */
export class EngineTrials {
  readonly #config: ServeConfig;
  readonly #engines: Engines;
  readonly #translators: SpeechTranslator[] = [];
  readonly #clock: Clock;

  /**
   * Makes the engines that `config` names; starts none.
   * @throws AppError `engine-unknown`, or `bad-option` for one that lacks its key or address.
   */
  constructor(config: ServeConfig, clock: Clock, log: Log) {
    const { tts, sttModels, providers } = config;
    const { stt, mt } = config.interpreter === 'cascade' ? config : { stt: [], mt: [] };
    this.#config = config;
    this.#engines = createEngines({ stt, mt, tts, sttModels, providers, clock, log });
    this.#clock = clock;
  }

  /** Every synthesis engine of the configuration, best first, whether it works or not. */
  get speakers(): readonly TtsEngine[] {
    return this.#engines.tts;
  }

  /**
   * Finds and tries the engines of `direction`.
   * @throws AppError `bad-option` when the interpreter lacks its key; the signal's reason when it aborts.
   */
  try(direction: Direction, signal: AbortSignal): Promise<DirectionTrial> {
    return this.#config.interpreter === 'cascade'
      ? this.#tryCascade(direction, signal)
      : this.#tryFused(this.#config.interpreter, direction, signal);
  }

  /** Ends all engines. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#engines.close(), ...this.#translators.map((translator) => translator.close())]);
  }

  async #tryCascade({ from, to }: Direction, signal: AbortSignal): Promise<DirectionTrial> {
    const choice = await chooseEngines(this.#engines, from, to);
    if (choice.type === 'incomplete') {
      return { type: 'unserved', reasons: choice.missing };
    }
    const results = await tryOutEngines(choice.engines, this.#engines.tts, this.#clock, signal);
    const failed = failuresOf(results);
    const stt = workingOf('stt', choice.engines.stt, failed);
    const mt = workingOf('mt', choice.engines.mt, failed);
    const tts = workingOf('tts', choice.engines.tts, failed);
    if (stt === undefined || mt === undefined || tts === undefined) {
      const working = { stt, mt, tts, s2s: undefined };
      const lacking = ({ component }: LeftOut): boolean => working[component] === undefined;
      return {
        type: 'unserved',
        reasons: [
          ...failed.filter(lacking).map(failureSentence),
          ...choice.unable.filter(lacking).map(({ reason }) => reason),
        ],
      };
    }
    const used = { stt: stt[0].name, mt: mt[0].name, tts: tts[0].name };
    const passedOver = choice.unable.filter(
      ({ component, engine }) => component !== 's2s' && this.#goesBefore(component, engine, used[component]),
    );
    return {
      type: 'served',
      engines: { type: 'cascade', from, to, stt, mt, tts },
      results,
      leftOut: [...passedOver, ...failed],
    };
  }

  async #tryFused(name: string, { from, to }: Direction, signal: AbortSignal): Promise<DirectionTrial> {
    const { sttModels, providers } = this.#config;
    const settings = { from, to, sttModels, providers, clock: this.#clock };
    const translator = createSpeechTranslator(name, settings);
    this.#translators.push(translator);
    const support = await translator.supports(from, to);
    const speakers = translator.speaks ? undefined : await chooseSpeakers(this.#engines.tts, to);
    const reasons = [
      ...(support.supported ? [] : [support.reason]),
      ...(speakers === undefined ? [] : missingOf(speakers, `speak ${to}`)),
    ];
    if (reasons.length > 0) {
      return { type: 'unserved', reasons };
    }
    const able = speakers?.able ?? [];
    const results = [
      ...(await tryOutSpeakers(able, to, this.#clock, signal)),
      await tryOutTranslator(translator, from, to, this.#clock, signal),
    ];
    const failed = failuresOf(results);
    const tts = workingOf('tts', able, failed);
    if (failed.some(({ component }) => component === 's2s') || (!translator.speaks && tts === undefined)) {
      return { type: 'unserved', reasons: failed.map(failureSentence) };
    }
    const passedOver = (speakers?.unable ?? []).filter(
      ({ engine }) => tts !== undefined && this.#goesBefore('tts', engine, tts[0].name),
    );
    return {
      type: 'served',
      engines: { type: 'fused', translator, tts },
      results,
      leftOut: [...passedOver, ...failed],
    };
  }

  /** Whether the operator prefers `engine` to the one that is `used`. */
  #goesBefore(component: 'stt' | 'mt' | 'tts', engine: string, used: string): boolean {
    const names = this.#engines[component].map(({ name }) => name);
    return names.indexOf(engine) < names.indexOf(used);
  }
}

function failuresOf(results: readonly TryOutResult[]): readonly LeftOut[] {
  return results.flatMap(({ component, engine, error }) =>
    error === undefined ? [] : [{ component, engine, reason: messageOf(error) }],
  );
}

function workingOf<Engine extends { readonly name: string }>(
  component: LeftOut['component'],
  engines: readonly Engine[],
  failed: readonly LeftOut[],
): Preferred<Engine> | undefined {
  return preferred(
    engines,
    ({ name }) => !failed.some((each) => each.component === component && each.engine === name),
  );
}

function failureSentence({ engine, reason }: LeftOut): string {
  return `${engine} failed when it was tried: ${reason}`;
}
