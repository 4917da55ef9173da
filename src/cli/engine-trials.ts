/**
 * Which engines serve each direction of the configuration, found out before the first call: every engine is asked,
 * and tried for real, which also leaves it warm. What cannot be interpreted is known here, with the reason.
 */

import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { chooseEngines, type DirectionEngines, type Preferred } from '../engines/choose.ts';
import { createEngines, type Engines } from '../engines/registry.ts';
import { type TryOutResult, tryOutEngines } from '../engines/try-out.ts';
import type { Direction } from './config/directions.ts';
import type { ServeConfig } from './config/serve-config.ts';

export type DirectionTrial =
  | {
      readonly type: 'served';
      /** Only the engines that work, in order of preference. */
      readonly engines: DirectionEngines;
      readonly results: readonly TryOutResult[];
    }
  /** A sentence for each thing that is missing or does not work. */
  | { readonly type: 'unserved'; readonly reasons: readonly string[] };

/** The engines of a configuration. Its owner closes it. */
export class EngineTrials {
  readonly #engines: Engines;
  readonly #clock: Clock;

  /** Makes the engines that `config` names; starts none. @throws AppError `engine-unknown`. */
  constructor(config: ServeConfig, clock: Clock, log: Log) {
    const { stt, mt, tts, sttModels } = config;
    this.#engines = createEngines({ stt, mt, tts, sttModels, clock, log });
    this.#clock = clock;
  }

  /** Finds and tries the engines of `direction`. @throws the signal's reason when it aborts. */
  async try({ from, to }: Direction, signal: AbortSignal): Promise<DirectionTrial> {
    const choice = await chooseEngines(this.#engines, from, to);
    if (choice.type === 'incomplete') {
      return { type: 'unserved', reasons: choice.missing };
    }
    const results = await tryOutEngines(choice.engines, this.#engines.tts, this.#clock, signal);
    const failed = results.filter((result) => result.error !== undefined);
    const works = (component: TryOutResult['component'], name: string): boolean =>
      !failed.some((result) => result.component === component && result.engine === name);
    const stt = preferred(choice.engines.stt, (engine) => works('stt', engine.name));
    const mt = preferred(choice.engines.mt, (engine) => works('mt', engine.name));
    const tts = preferred(choice.engines.tts, (engine) => works('tts', engine.name));
    if (stt === undefined || mt === undefined || tts === undefined) {
      return {
        type: 'unserved',
        reasons: failed.map(({ engine, error }) => `${engine} failed when it was tried: ${messageOf(error)}`),
      };
    }
    return { type: 'served', engines: { from, to, stt, mt, tts }, results };
  }

  /** Ends all engines. Idempotent. */
  close(): Promise<void> {
    return this.#engines.close();
  }
}

function preferred<Engine>(
  engines: Preferred<Engine>,
  works: (engine: Engine) => boolean,
): Preferred<Engine> | undefined {
  const [first, ...rest] = engines.filter(works);
  return first === undefined ? undefined : [first, ...rest];
}
