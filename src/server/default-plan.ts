/**
 * The plan of every call that has none of its own, from the operator's settings; and the scheme that seats legs by
 * it.
 */

import type { Language } from '../base/language.ts';
import type { KeyRows } from '../call/key-commands.ts';
import type { CallMode, CallPlan, EmotionPlan, GlossaryBook, OriginalMode } from '../call/plan.ts';
import type { Recorded, RecordingStart } from '../call/recording/recorder.ts';
import { PortSeating } from '../call/seating/port-seating.ts';
import { RoomSeating } from '../call/seating/room-seating.ts';
import type { SeatingScheme } from '../call/seating/seating.ts';
import { SuffixSeating } from '../call/seating/suffix-seating.ts';
import type { PolicyName } from '../interpret/policy/cut-policy.ts';

export interface PlanSettings {
  readonly languages: readonly Language[];
  readonly mode: CallMode;
  readonly policy: PolicyName;
  readonly original: OriginalMode;
  readonly matchDelay: boolean;
  readonly manner: boolean;
  readonly stress: boolean;
  readonly emotion: 'off' | EmotionPlan['by'];
  readonly emotionOf: readonly string[];
  readonly drafts: boolean;
  readonly codeSwitching: boolean;
  readonly ttsVoices: ReadonlyMap<Language, string>;
  readonly announcement: boolean;
  readonly keys: KeyRows;
  readonly joinTones: boolean;
  readonly maxParties: number;
  readonly callLimitMs: number | undefined;
  readonly record: Recorded;
  readonly recordStart: RecordingStart;
}

export function defaultPlan(settings: PlanSettings, glossary: GlossaryBook): CallPlan {
  const { languages, mode, policy, original, matchDelay, manner, stress, drafts } = settings;
  const { codeSwitching, joinTones, maxParties } = settings;
  return {
    kind: 'pair',
    translating: true,
    ...{ languages, mode, policy, original, matchDelay, manner, stress, drafts },
    ...{ codeSwitching, joinTones, maxParties },
    emotion: settings.emotion === 'off' ? undefined : { by: settings.emotion, of: settings.emotionOf },
    voices: settings.ttsVoices,
    glossary,
    keys: settings.keys,
    announce: settings.announcement,
    limitMs: settings.callLimitMs,
    record: settings.record,
    recordStart: settings.recordStart,
  };
}

/** How legs find each other: by the last digit of their UUID, by listener, or by the room that their UUID names. */
export type Pairing = 'suffix' | 'port' | 'room';

export function seatingOf(pairing: Pairing, plan: CallPlan): SeatingScheme {
  switch (pairing) {
    case 'suffix':
      return new SuffixSeating(plan);
    case 'port':
      return new PortSeating(plan);
    case 'room':
      return new RoomSeating(plan);
  }
}
