/** Writes down what another node would need to go on with a call: {@link RestartRecord}. */

import type { Party } from './party.ts';
import type { CallPlan, PartyPlan } from './plan.ts';
import type { RecordingState } from './recording/recorder.ts';
import {
  MOST_LINES,
  MOST_PLACES,
  MOST_RECORD_BYTES,
  RECORD_VERSION,
  type RecordedParty,
  type RecordedPlace,
  type RecordedPlan,
  type RestartRecord,
} from './restart-record.ts';
import type { ExpectedPlace } from './seating/seating.ts';

/** Agreed terms that travel, at most, of all directions together; where there are more, each node has its own. */
const MOST_TERMS = 40;

/** What of a call is written down. */
export interface RecordableCall {
  readonly id: string;
  readonly shownId: string;
  readonly startedAt: Date;
  readonly plan: CallPlan;
  readonly parties: ReadonlyMap<string, Party>;
  /** See {@link Call.expected}. */
  readonly expected: readonly ExpectedPlace[];
  readonly recording: RecordingState;
  /** How often it went on at another node by now. */
  readonly resumed: number;
  /** Turns that were counted. */
  readonly turns: number;
  /** See {@link Call.version}. */
  readonly version: number;
}

/** What is left out of a record to keep it small, in this order. */
const CUTS: readonly Cut[] = [
  { lines: MOST_LINES, terms: true, metadata: true },
  { lines: 4, terms: true, metadata: true },
  { lines: 2, terms: true, metadata: true },
  { lines: 0, terms: true, metadata: true },
  { lines: 0, terms: false, metadata: true },
  { lines: 0, terms: false, metadata: false },
];

interface Cut {
  readonly lines: number;
  readonly terms: boolean;
  readonly metadata: boolean;
}

/**
 * @param withLines whether what was said may be in it.
 * @returns the record, and whether something was left out to keep it below {@link MOST_RECORD_BYTES}; what cannot be left
 * out of a conference may be more.
 */
export function recordOf(
  call: RecordableCall,
  withLines: boolean,
): { readonly record: RestartRecord; readonly cut: boolean } {
  let cut = false;
  let record: RestartRecord | undefined;
  for (const allowed of CUTS) {
    record = written(call, withLines ? allowed : { ...allowed, lines: 0 });
    if (Buffer.byteLength(JSON.stringify(record)) <= MOST_RECORD_BYTES) {
      return { record, cut };
    }
    cut = true;
  }
  return { record: record ?? written(call, { lines: 0, terms: false, metadata: false }), cut };
}

function written(call: RecordableCall, cut: Cut): RestartRecord {
  const {
    id: callId,
    shownId,
    startedAt,
    plan,
    parties,
    expected,
    recording,
    resumed,
    turns,
    version,
  } = call;
  return {
    version: RECORD_VERSION,
    ...{ callId, shownId, startedAt: startedAt.toISOString(), turn: turns, changes: version, resumed },
    plan: planOf(plan, cut),
    parties: [...parties.values()].map((party) => partyOf(party, cut.lines)),
    ...(expected.length === 0
      ? {}
      : { expected: expected.slice(0, Math.max(0, MOST_PLACES - parties.size)).map(placeOf) }),
    ...(recording === 'off' ? {} : { recording }),
  };
}

function planOf(plan: CallPlan, cut: Cut): RecordedPlan {
  const { kind, languages, mode, translating, policy, original, matchDelay, manner, stress, emotion } = plan;
  const { drafts, codeSwitching, voices, announce, joinTones, maxParties } = plan;
  const { record, recordStart, linkedid, traceparent, limitMs, metadata } = plan;
  const terms = cut.terms ? termsOf(plan) : undefined;
  return {
    ...{ kind, languages, mode, translating, policy, original, matchDelay },
    ...(manner === undefined ? {} : { manner }),
    ...(stress === undefined ? {} : { stress }),
    ...(emotion === undefined ? {} : { emotion }),
    ...{ drafts, codeSwitching, voices: Object.fromEntries(voices), announce, joinTones, maxParties },
    ...(record === undefined ? {} : { record }),
    ...(recordStart === undefined ? {} : { recordStart }),
    ...(linkedid === undefined ? {} : { linkedid }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(limitMs === undefined ? {} : { limitMs }),
    ...(metadata === undefined || !cut.metadata ? {} : { metadata }),
    ...(terms === undefined ? {} : { terms }),
  };
}

/** Undefined where there are none, or more than travel. */
function termsOf({ languages, glossary }: CallPlan): RecordedPlan['terms'] {
  const directions = languages.flatMap((from) =>
    languages.filter((to) => to !== from).map((to) => ({ key: `${from} ${to}`, ...glossary(from, to) })),
  );
  const count = directions.reduce((sum, { terms }) => sum + terms.size, 0);
  return count === 0 || count > MOST_TERMS
    ? undefined
    : Object.fromEntries(directions.map(({ key, terms }) => [key, Object.fromEntries(terms)]));
}

function partyOf(party: Party, lines: number): RecordedParty {
  const { key, plan, asLabelled, facts, utterances } = party;
  return {
    ...(key === undefined ? {} : { key }),
    ...partyPlanOf(plan),
    ...(asLabelled ? { asLabelled } : {}),
    announced: facts.has('interpreter'),
    ...(facts.has('recording') ? { toldRecorded: true } : {}),
    utterances,
    ...(lines === 0
      ? {}
      : {
          lines: {
            piiSaid: party.lines.saidLately().slice(-lines),
            piiTold: party.lines.heard().slice(-lines),
          },
        }),
  };
}

function placeOf({ key, party, expiresAt }: ExpectedPlace): RecordedPlace {
  const expires = expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() };
  return { key, ...partyPlanOf(party), ...expires };
}

function partyPlanOf(plan: PartyPlan) {
  const { id, name, language, voice, original, hears, muted, refusesRecording, ownVoiceOff } = plan;
  return {
    ...{ id, name, language },
    ...(voice === undefined ? {} : { voice }),
    ...(original === undefined ? {} : { original }),
    ...{ hears, muted },
    ...(refusesRecording === true ? { refusesRecording } : {}),
    ...(ownVoiceOff === true ? { ownVoiceOff } : {}),
  };
}
