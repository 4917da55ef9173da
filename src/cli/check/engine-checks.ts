/**
 * Whether each direction of the configuration can be interpreted, tried with the real engines: each engine of each
 * list, in each language, with the voice that is written for it. Times are told, and so is every engine that is not
 * used, and why. A direction that cannot be is a warning when that is accepted (`--untranslatable passthrough`); a
 * voice or a model that is written and does not work is a mistake in any case.
 */

import { systemClock } from '../../base/clock.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { TryOutResult } from '../../engines/try-out.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import type { DirectionTrial, LeftOut, TaskState } from '../../server/interpreting/direction-trial.ts';
import { type Direction, directionsOf } from '../../server/interpreting/directions.ts';
import type { TrialTask } from '../../server/interpreting/trial-tasks.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, type CheckItem, fails, ok, warning } from './check-item.ts';
import { clonerItems } from './cloner-checks.ts';
import { voiceItems } from './voice-checks.ts';

type Served = Extract<DirectionTrial, { type: 'served' }>;

/** What is needed of the engines' trials. */
export interface EngineTester {
  readonly tasks: readonly TrialTask[];
  tryAll(signal: AbortSignal): Promise<void>;
  of(direction: Direction): Omit<Served, 'engines'> | Exclude<DirectionTrial, Served>;
  stateOf(task: TrialTask): TaskState;
  /** What makes voices of recordings, once all has been tried. */
  readonly cloners: readonly VoiceCloner[];
  /** Every synthesis engine of the configuration, best first. */
  readonly voices: readonly TtsEngine[];
  close(): Promise<void>;
}

/** Makes the engines, tries them side by side and closes them again. */
export function checkEngines(config: ServeConfig, makeTester: () => EngineTester): Check {
  return async function* (signal) {
    const directions = directionsOf(config);
    if (directions.length === 0) {
      yield ok('engines', 'none are needed in passthrough');
      return;
    }
    let tester: EngineTester;
    try {
      tester = makeTester();
    } catch (error) {
      yield fails('engines', messageOf(error));
      return;
    }
    try {
      await tester.tryAll(signal);
      for (const direction of directions) {
        yield* directionItems(config, tester, direction);
      }
      yield* writtenItems('--voice', config.ttsVoices, 'tts', 'speak', tester);
      const spoken = new Set(directions.map(({ to }) => to));
      yield* voiceItems(config, spoken, tester.voices, systemClock, signal);
      yield* writtenItems('--stt-model', config.sttModels, 'stt', 'recognise', tester);
      yield* clonerItems(tester.cloners, signal);
    } catch (error) {
      if (isAbort(error)) {
        throw error;
      }
      yield fails('engines', messageOf(error));
    } finally {
      await tester.close();
    }
  };
}

function directionItems(
  { untranslatable }: ServeConfig,
  tester: EngineTester,
  direction: Direction,
): readonly CheckItem[] {
  const subject = `${direction.from} to ${direction.to}`;
  const trial = tester.of(direction);
  switch (trial.type) {
    case 'pending':
      return [fails(subject, 'its engines were not tried')];
    case 'unserved': {
      const reasons = trial.reasons.join('; ');
      const voice = "the speaker's own voice would be heard";
      const item =
        untranslatable === 'passthrough'
          ? warning(subject, `${reasons}; ${voice}`)
          : fails(subject, trial.passing ? `${reasons}; until it is back ${voice}` : reasons);
      return [item, ...leftOutItems(subject, trial.failed)];
    }
    case 'served':
      return [
        ok(subject, trial.worked.map(formatResult).join(', ')),
        ...leftOutItems(subject, [...trial.passedOver, ...trial.failed]),
        ...trial.notNeeded.map((each) => ok(subject, `${nameOf(each)} is not for this: ${each.reason}`)),
      ];
  }
}

function leftOutItems(subject: string, leftOut: readonly LeftOut[]): readonly CheckItem[] {
  return leftOut.map((each) => warning(subject, `${nameOf(each)} is left out: ${each.reason}`));
}

/** Whether what is written for a language works with some engine; silent about languages that are not used. */
function* writtenItems(
  flag: string,
  written: ReadonlyMap<Language, string>,
  component: string,
  verb: string,
  tester: EngineTester,
): Iterable<CheckItem> {
  for (const [language, value] of written) {
    const tried = tester.tasks.flatMap((task) =>
      task.component === component && task.task === `${verb} ${language}`
        ? [{ engine: task.engine, state: tester.stateOf(task) }]
        : [],
    );
    const working = tried.filter(({ state }) => state.type === 'works').map(({ engine }) => engine);
    const subject = `${flag} ${language}`;
    if (working.length > 0) {
      yield ok(subject, `${value}: ${working.join(', ')}`);
    } else if (tried.length > 0) {
      const reasons = tried.flatMap(({ state }) => ('reason' in state ? [state.reason] : []));
      yield fails(subject, `${value} works with no engine: ${reasons.join('; ')}`);
    }
  }
}

function nameOf({ component, engine }: LeftOut): string {
  return `${component} ${engine}`;
}

function formatResult({ component, engine, ms }: TryOutResult): string {
  return `${component} ${engine} ${Math.round(ms)} ms`;
}
