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

export type EngineChoice =
  | { readonly type: 'complete'; readonly engines: DirectionEngines }
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
    capable(lists.stt, `recognise ${from}`, (engine) => engine.supports(from)),
    capable(lists.mt, `translate ${from} to ${to}`, (engine) => engine.supports(from, to)),
    capable(lists.tts, `speak ${to}`, (engine) => engine.supports(to)),
  ]);
  if (stt.type === 'able' && mt.type === 'able' && tts.type === 'able') {
    return {
      type: 'complete',
      engines: { from, to, stt: stt.engines, mt: mt.engines, tts: tts.engines },
    };
  }
  return {
    type: 'incomplete',
    missing: [stt, mt, tts].flatMap((answer) => (answer.type === 'unable' ? answer.reasons : [])),
  };
}

type Capable<Engine> =
  | { readonly type: 'able'; readonly engines: Preferred<Engine> }
  | { readonly type: 'unable'; readonly reasons: readonly string[] };

/** The engines that can do `task`, or why each cannot. */
async function capable<Engine>(
  engines: readonly Engine[],
  task: string,
  ask: (engine: Engine) => Promise<Support>,
): Promise<Capable<Engine>> {
  const answers = await Promise.all(engines.map(async (engine) => ({ engine, support: await ask(engine) })));
  const [first, ...rest] = answers.flatMap(({ engine, support }) => (support.supported ? [engine] : []));
  if (first !== undefined) {
    return { type: 'able', engines: [first, ...rest] };
  }
  const reasons = answers.flatMap(({ support }) => (support.supported ? [] : [`${task}: ${support.reason}`]));
  return { type: 'unable', reasons: reasons.length > 0 ? reasons : [`${task}: no engine was chosen for it`] };
}
