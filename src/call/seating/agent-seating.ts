/**
 * Who dials a number that an agent answers has a call of its own with it. The agent speaks the caller's language, or one
 * of its own, and then the two are interpreted for each other.
 */

import type { Language } from '../../base/language.ts';
import { plainNumber } from '../../voices/voices-by-number.ts';
import { type CallPlan, partyOf } from '../plan.ts';
import { type Arrival, idOfPlace, type Refusal, refused, type Seat, withoutUuid } from './seating.ts';

export interface DialledAgent {
  /** Whose agent it is: `elevenlabs`. */
  readonly engine: string;
  /** As its provider calls it, or `--agent-file` does. */
  readonly agent: string;
  /** What it speaks; undefined: what the caller does. */
  readonly language: Language | undefined;
}

export interface AnsweringAgents {
  /** By {@link plainNumber}. */
  readonly byDialled: ReadonlyMap<string, DialledAgent>;
  /** Who answers everybody who is to meet nobody else. */
  readonly others?: DialledAgent | undefined;
}

export const NO_AGENTS: AnsweringAgents = { byDialled: new Map() };

export function agentByDialled(
  { byDialled }: AnsweringAgents,
  dialled: string | undefined,
): DialledAgent | undefined {
  const plain = dialled === undefined ? undefined : plainNumber(dialled);
  return plain === undefined ? undefined : byDialled.get(plain);
}

/** What a call is called that who comes with `uuid` has with an agent. */
export function agentCallId(uuid: string): string {
  return `agent-${uuid}`;
}

/**
 * @param language what the caller speaks, where the extension says so; else the first language of the door.
 * @param plan of every call, but for its languages.
 */
export function seatWithAgent(
  { facts: { uuid }, door }: Arrival,
  language: Language | undefined,
  { engine, agent, language: own }: DialledAgent,
  plan: CallPlan,
): Seat | Refusal {
  if (uuid === undefined) {
    return withoutUuid(door);
  }
  const spoken = language ?? door.languages[0] ?? own;
  if (spoken === undefined) {
    return refused(
      'no-language',
      'nobody says what is spoken by who comes in here: write --pair, or a language after the agent',
    );
  }
  const agentSpeaks = own ?? spoken;
  const wish = { agent, variables: { caller_language: spoken } };
  return {
    type: 'seat',
    callId: agentCallId(uuid),
    party: partyOf(idOfPlace(0), spoken, 'caller'),
    plan: {
      ...plan,
      kind: 'pair',
      languages: [...new Set([spoken, agentSpeaks])],
      agents: [{ party: partyOf(idOfPlace(1), agentSpeaks, 'agent'), engine, wish }],
    },
  };
}
