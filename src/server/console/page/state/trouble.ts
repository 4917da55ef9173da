/** Why an operator should look at a call. Pure. */

import type { CallPlanFacts, PartyFacts } from './call-model.ts';

/** In the order of how bad it is. */
export type Trouble = 'failing' | 'not interpreted' | 'late' | 'cut off' | 'on hold' | 'alone';

/** What waits for longer, or is heard later, is worth a look, in ms. */
const LATE_MS = 3_000;

export interface CallCondition {
  /** Those who are there. */
  readonly parties: readonly PartyFacts[];
  readonly plan: CallPlanFacts;
  /** How late it is heard, or how much waits, whichever is more, in ms. */
  readonly lateMs: number;
  /** Whether one of the latest utterances could not be interpreted. */
  readonly failed: boolean;
}

/** The worst of it; undefined where nothing is wrong. */
export function troubleOf({ parties, plan, lateMs, failed }: CallCondition): Trouble | undefined {
  const states = parties.map(({ state }) => state);
  if (failed) {
    return 'failing';
  }
  if (isWanted(plan, parties) && states.every((state) => state === 'CONNECTED')) {
    return 'not interpreted';
  }
  if (lateMs > LATE_MS) {
    return 'late';
  }
  if (states.includes('DETACHED')) {
    return 'cut off';
  }
  if (states.includes('SUSPENDED')) {
    return 'on hold';
  }
  return states.includes('RINGING') ? 'alone' : undefined;
}

/** Whether anything is to be interpreted between those who are there. */
function isWanted({ mode, translating }: CallPlanFacts, parties: readonly PartyFacts[]): boolean {
  const languages = new Set(parties.map(({ language }) => language));
  return mode !== 'passthrough' && translating !== false && languages.size > 1;
}
