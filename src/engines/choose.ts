/**
 * Which of the engines serve one direction of a call, asked once before calls come. The whole ordered list of
 * those that can is kept, not only the first: the rest is what failover turns to.
 */

import type { Language } from '../base/language.ts';
import type { MtEngine } from './mt/mt-engine.ts';
import type { SttEngine } from './stt/stt-engine.ts';
import type { Support } from './support.ts';
import type { TtsEngine } from './tts/tts-engine.ts';

/** At least one engine, in order of preference. */
export type Preferred<Engine> = readonly [Engine, ...Engine[]];

/** The engines that serve speech in `from` to be heard in `to`. */
export interface DirectionEngines {
  readonly from: Language;
  readonly to: Language;
  readonly stt: Preferred<SttEngine>;
  readonly mt: Preferred<MtEngine>;
  readonly tts: Preferred<TtsEngine>;
}

/** What an engine is for; `s2s` does the work of `stt` and `mt`, and perhaps of `tts`. */
export type Component = 'stt' | 'mt' | 'tts' | 's2s';

/** An engine that is in a list and not used. */
export interface LeftOut {
  readonly component: Component;
  readonly engine: string;
  /** For the operator: what is missing or broken, and what to do. */
  readonly reason: string;
}

export type EngineChoice =
  /** `unable` has the engines of the lists that cannot serve the direction. */
  | {
      readonly type: 'complete';
      readonly engines: DirectionEngines;
      readonly unable: readonly LeftOut[];
    }
  /** `missing` has a line for the operator for each thing that no engine does. */
  | { readonly type: 'incomplete'; readonly missing: readonly string[] };

/** What to choose from, each list in order of preference. */
export interface EngineLists {
  readonly stt: readonly SttEngine[];
  readonly mt: readonly MtEngine[];
  readonly tts: readonly TtsEngine[];
}

/** Asks every engine; throws nothing of its own. */
export async function chooseEngines(lists: EngineLists, from: Language, to: Language): Promise<EngineChoice> {
  const [stt, mt, tts] = await Promise.all([
    askAll('stt', lists.stt, (engine) => engine.supports(from)),
    askAll('mt', lists.mt, (engine) => engine.supports(from, to)),
    chooseSpeakers(lists.tts, to),
  ]);
  if (stt.able !== undefined && mt.able !== undefined && tts.able !== undefined) {
    return {
      type: 'complete',
      engines: { from, to, stt: stt.able, mt: mt.able, tts: tts.able },
      unable: [...stt.unable, ...mt.unable, ...tts.unable],
    };
  }
  return {
    type: 'incomplete',
    missing: [
      ...missingOf(stt, `recognise ${from}`),
      ...missingOf(mt, `translate ${from} to ${to}`),
      ...missingOf(tts, `speak ${to}`),
    ],
  };
}

/** Engines that can do something, in order of preference, and those that cannot. */
export interface Able<Engine> {
  /** Undefined when there is none. */
  readonly able: Preferred<Engine> | undefined;
  readonly unable: readonly LeftOut[];
}

/** Asks every synthesis engine whether it speaks `language`. */
export function chooseSpeakers(engines: readonly TtsEngine[], language: Language): Promise<Able<TtsEngine>> {
  return askAll('tts', engines, (engine) => engine.supports(language));
}

/** The engines for which `keep` is true; undefined when there are none. */
export function preferred<Engine>(
  engines: readonly Engine[],
  keep: (engine: Engine) => boolean = () => true,
): Preferred<Engine> | undefined {
  const [first, ...rest] = engines.filter(keep);
  return first === undefined ? undefined : [first, ...rest];
}

/** Sentences on why nothing does `task`; none when something does. */
export function missingOf(answers: Able<unknown>, task: string): readonly string[] {
  if (answers.able !== undefined) {
    return [];
  }
  return answers.unable.length > 0
    ? answers.unable.map(({ reason }) => `${task}: ${reason}`)
    : [`${task}: no engine was chosen for it`];
}

async function askAll<Engine extends { readonly name: string }>(
  component: Component,
  engines: readonly Engine[],
  ask: (engine: Engine) => Promise<Support>,
): Promise<Able<Engine>> {
  const answers = await Promise.all(engines.map(async (engine) => ({ engine, support: await ask(engine) })));
  return {
    able: preferred(answers.flatMap(({ engine, support }) => (support.supported ? [engine] : []))),
    unable: answers.flatMap(({ engine, support }) =>
      support.supported ? [] : [{ component, engine: engine.name, reason: support.reason }],
    ),
  };
}
