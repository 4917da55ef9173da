/**
 * The interpreter under test, made as the product makes it: the one place that knows its constructor.
 */

import type { Clock } from '../../../src/base/clock.ts';
import type { CascadeEngines } from '../../../src/interpret/cascade/cascade.ts';
import { CascadeFactory } from '../../../src/interpret/cascade/cascade-factory.ts';
import type { InterpreterFactory } from '../../../src/interpret/interpreter.ts';

export const POLICIES = ['turn', 'sentence', 'clause'] as const;

/** When to speak: at the end of a turn, of a sentence, of a clause. */
export type Policy = (typeof POLICIES)[number];

/** @param drafts whether to work ahead; what the baselines did not do before there was such a thing. */
export function makeFactory(
  engines: CascadeEngines,
  clock: Clock,
  policy: Policy,
  drafts: boolean,
): InterpreterFactory {
  return new CascadeFactory(engines, clock, { policy, drafts });
}
