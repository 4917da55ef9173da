/**
 * What interprets each direction of the configuration. `serve` refuses to start over a direction that nothing can
 * interpret, unless it was told to let such voices through.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { InterpreterBook } from '../call/call.ts';
import { CascadeFactory } from '../interpret/cascade.ts';
import type { InterpreterFactory } from '../interpret/interpreter.ts';
import type { Closers } from './closers.ts';
import { type Direction, directionsOf } from './config/directions.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { EngineTrials } from './engine-trials.ts';

/**
 * Chooses, tries and warms the engines of every direction; adds to `closers` what ends them.
 * @throws AppError `language-unsupported` naming everything that is missing.
 */
export async function openInterpreters(
  config: ServeConfig,
  log: Log,
  clock: Clock,
  closers: Closers,
  signal: AbortSignal,
): Promise<InterpreterBook> {
  const factories = new Map<string, InterpreterFactory>();
  const directions = directionsOf(config);
  if (directions.length === 0) {
    return () => undefined;
  }
  const trials = new EngineTrials(config, clock, log);
  closers.add(() => trials.close());
  const unserved: string[] = [];
  for (const direction of directions) {
    const trial = await trials.try(direction, signal);
    if (trial.type === 'served') {
      const [stt] = trial.engines.stt;
      const [mt] = trial.engines.mt;
      const [tts] = trial.engines.tts;
      const voice = config.ttsVoices.get(direction.to);
      factories.set(
        keyOf(direction),
        new CascadeFactory({ stt, mt, tts, ...(voice === undefined ? {} : { voice }) }, clock),
      );
      log.info({ ...direction, stt: stt.name, mt: mt.name, tts: tts.name }, 'interpreting');
    } else {
      unserved.push(...trial.reasons);
      log.warn({ ...direction, reasons: trial.reasons }, 'nothing interprets this direction');
    }
  }
  if (unserved.length > 0 && config.untranslatable === 'refuse') {
    throw new AppError('language-unsupported', explain(unserved));
  }
  return (from, to) => factories.get(keyOf({ from, to }));
}

function keyOf({ from, to }: Direction): string {
  return `${from} ${to}`;
}

function explain(reasons: readonly string[]): string {
  return [
    'not every direction can be interpreted:',
    ...reasons.map((reason) => `  ${reason}`),
    'mend that, or let these voices be heard as they are with --untranslatable passthrough, or translate only ' +
      'what the first party says with --mode unidirectional',
  ].join('\n');
}
