/**
 * What another node needs to go on with a call when its own is gone: 1 to 2 kB of JSON, told at each change. What was said
 * is in it only where the operator lets it travel; the UUIDs that let parties in are not, only what they can be
 * recognised by.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { POLICY_NAMES } from '../interpret/policy/cut-policy.ts';
import { CALL_KINDS, CALL_MODES, EMOTION_SOURCES, ORIGINAL_MODES, PARTY_HEARINGS } from './plan.ts';
import { RECORDED, RECORDING_STARTS, RECORDING_STATES } from './recording/recorder.ts';

/** The most that a record may be, in bytes of JSON: lines are left out first, then terms, then what was written of it. */
export const MOST_RECORD_BYTES = 4_096;

/** Changes when a node of before cannot read what is written now. */
export const RECORD_VERSION = 1;

/** Lines of each party's talk that travel, at most: said, and told. */
export const MOST_LINES = 8;

/** A quarter of a SHA-256 in hexadecimal: 128 bits, so that none is made up to match. */
const KEY_CHARACTERS = 32;

/** Parties that are written down at most, with those that are still to come. */
export const MOST_PLACES = 64;

const short = z.string().max(200);
const language = z.string().max(40);

const PARTY_PLAN = {
  id: short,
  name: short,
  language,
  voice: short.exactOptional(),
  original: z.enum(ORIGINAL_MODES).exactOptional(),
  hears: z.enum(PARTY_HEARINGS),
  muted: z.boolean(),
  refusesRecording: z.literal(true).exactOptional(),
  ownVoiceOff: z.literal(true).exactOptional(),
};

const RECORDED_PARTY = z.readonly(
  z.object({
    /** By what the UUID of its leg is recognised ({@link legKeyOf}); left out where its leg has none. */
    key: z.string().max(KEY_CHARACTERS).exactOptional(),
    ...PARTY_PLAN,
    /** Whether its leg's audio is what its wire says: then the next one's is not doubted. */
    asLabelled: z.literal(true).exactOptional(),
    /** Whether who is there was told that a machine interprets. */
    announced: z.boolean(),
    /** Whether who is there was told that it is recorded; a node of before does not tell it. */
    toldRecorded: z.literal(true).exactOptional(),
    /** Utterances of it that were counted: the next one has the next number. */
    utterances: z.int().min(0),
    /** What was said last, in its language, the oldest first; only where that may travel. */
    lines: z
      .readonly(
        z.object({
          piiSaid: z.readonly(z.array(z.string()).max(MOST_LINES)),
          piiTold: z.readonly(z.array(z.string()).max(MOST_LINES)),
        }),
      )
      .exactOptional(),
  }),
);

/** A place of a call whose leg is still to come. */
const RECORDED_PLACE = z.readonly(
  z.object({
    key: z.string().max(KEY_CHARACTERS),
    ...PARTY_PLAN,
    /** When it is waited for no longer, RFC 3339; left out: when the call is over. */
    expiresAt: z.iso.datetime().exactOptional(),
  }),
);

/** All of a call's plan that is data; keys and what else is left out are those of the node that goes on with it. */
const RECORDED_PLAN = z.readonly(
  z.object({
    kind: z.enum(CALL_KINDS),
    languages: z.readonly(z.array(language).max(64)),
    mode: z.enum(CALL_MODES),
    translating: z.boolean(),
    policy: z.enum(POLICY_NAMES),
    original: z.enum(ORIGINAL_MODES),
    matchDelay: z.boolean(),
    manner: z.boolean().exactOptional(),
    stress: z.boolean().exactOptional(),
    emotion: z
      .readonly(z.object({ by: z.enum(EMOTION_SOURCES), of: z.readonly(z.array(short).max(64)) }))
      .exactOptional(),
    drafts: z.boolean(),
    codeSwitching: z.boolean(),
    voices: z.readonly(z.record(language, short)),
    announce: z.boolean(),
    joinTones: z.boolean(),
    maxParties: z.int().min(1),
    record: z.enum(RECORDED).exactOptional(),
    recordStart: z.enum(RECORDING_STARTS).exactOptional(),
    linkedid: short.exactOptional(),
    traceparent: short.exactOptional(),
    limitMs: z.number().exactOptional(),
    metadata: z.readonly(z.record(z.string(), z.string())).exactOptional(),
    /** By direction, `en es`: agreed terms and their translations. Left out: those of the node that goes on with it. */
    terms: z.readonly(z.record(z.string(), z.readonly(z.record(z.string(), z.string())))).exactOptional(),
  }),
);

export const RESTART_RECORD = z.readonly(
  z.object({
    version: z.literal(RECORD_VERSION),
    callId: short,
    /** What the call is called where it is shown. */
    shownId: short,
    /** When it began, RFC 3339: the zero of its own time, on every node. */
    startedAt: z.iso.datetime(),
    /** Turns that were counted. */
    turn: z.int().min(0),
    /** Its version, so that one that is meant is not another change of before; a node of before does not tell it. */
    changes: z.int().min(0).exactOptional(),
    /** How often it went on at another node. */
    resumed: z.int().min(0),
    plan: RECORDED_PLAN,
    parties: z.readonly(z.array(RECORDED_PARTY).max(MOST_PLACES)),
    /** Who is still to come; a node of before knows nobody so. */
    expected: z.readonly(z.array(RECORDED_PLACE).max(MOST_PLACES)).exactOptional(),
    /** What is kept of its sound now; left out where nothing is, or will be. */
    recording: z.enum(RECORDING_STATES).exactOptional(),
  }),
);

export type RestartRecord = z.infer<typeof RESTART_RECORD>;
export type RecordedParty = z.infer<typeof RECORDED_PARTY>;
export type RecordedPlace = z.infer<typeof RECORDED_PLACE>;
export type RecordedPlan = z.infer<typeof RECORDED_PLAN>;

/** By what a leg that comes with this UUID is recognised by nodes that must not know the UUID itself. */
export function legKeyOf(uuid: string): string {
  return createHash('sha256').update(uuid).digest('hex').slice(0, KEY_CHARACTERS);
}

/** By what the legs of a call are recognised, those that are still to come, too. */
export function legKeysOf({ parties, expected = [] }: RestartRecord): readonly string[] {
  return [...parties, ...expected].flatMap(({ key }) => (key === undefined ? [] : [key]));
}
