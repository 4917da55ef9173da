/**
 * What is kept of a call beside its sound so that it can be played again: what it was to be, when its legs came and when
 * each frame of theirs did, what engines answered, what the call told. A line of JSON each, in the order in which they
 * were noted; a number that is missing was lost. The schema is the file `engines.jsonl` in the call's folder. Times are
 * ms since the call began.
 */

import { z } from 'zod';
import { POLICY_NAMES } from '../../interpret/policy/cut-policy.ts';
import { CALL_EVENT } from '../call-events.ts';
import { CALL_KINDS, CALL_MODES, ORIGINAL_MODES, PARTY_HEARINGS } from '../plan.ts';

export const NOTES_VERSION = 1;

const ms = z.number();
const party = z.string();
const language = z.string();

const WORD = z.tuple([z.string(), ms, ms]);

const PLAN = z.object({
  kind: z.enum(CALL_KINDS),
  languages: z.array(language),
  mode: z.enum(CALL_MODES),
  translating: z.boolean(),
  policy: z.enum(POLICY_NAMES),
  original: z.enum(ORIGINAL_MODES),
  matchDelay: z.boolean(),
  manner: z.boolean(),
  drafts: z.boolean(),
  codeSwitching: z.boolean(),
  announce: z.boolean(),
  joinTones: z.boolean(),
  maxParties: z.int(),
});

export const CALL_NOTE = z.discriminatedUnion('type', [
  /** The first. */
  z.object({
    n: z.int(),
    type: z.literal('call'),
    version: z.literal(NOTES_VERSION),
    call: z.string(),
    startedAt: z.iso.datetime(),
    /** How far the call's beginning was from a multiple of 20 ms of the clock: by that its frames are paced. */
    phaseMs: ms,
    plan: PLAN,
    /** Whether it was told in words that it is recorded, and how often by a tone. */
    announces: z.boolean(),
    beepMs: ms.exactOptional(),
  }),
  /** A party has a leg, which was accepted a little before. `number` is the one by which its sound is named, from 0 on. */
  z.object({
    n: z.int(),
    type: z.literal('leg'),
    acceptedMs: ms,
    atMs: ms,
    party,
    number: z.int(),
    language,
    original: z.enum(ORIGINAL_MODES).exactOptional(),
    hears: z.enum(PARTY_HEARINGS),
    muted: z.boolean(),
  }),
  z.object({ n: z.int(), type: z.literal('left'), atMs: ms, party }),
  /** Frames of a party's own voice, one after the other from the 20 ms `frame` on: how late each was, in µs. */
  z.object({
    n: z.int(),
    type: z.literal('voice'),
    party,
    frame: z.int(),
    rateHz: z.int(),
    late: z.array(z.int()),
  }),
  /** What those who speak a language are told when their call begins. */
  z.object({
    n: z.int(),
    type: z.literal('announcement'),
    language,
    /** Which `AnnouncedFact`. */
    fact: z.string(),
    rateHz: z.int(),
    /** As mu-law, in base 64. */
    muLaw: z.string(),
  }),
  z.object({
    n: z.int(),
    type: z.literal('mark'),
    atMs: ms,
    party,
    utterance: z.int(),
    mark: z.enum(['began', 'ended']),
  }),
  z.object({
    n: z.int(),
    type: z.literal('heard'),
    atMs: ms,
    party,
    /** Undefined where recognition was lost. */
    utterance: z.int().exactOptional(),
    what: z.enum(['partial', 'stable', 'final', 'likely-end', 'language', 'failed']),
    /** What was heard; of a language its code, of a failure that of the error. */
    text: z.string().exactOptional(),
    words: z.array(WORD).exactOptional(),
  }),
  z.object({
    n: z.int(),
    type: z.literal('engines'),
    atMs: ms,
    party,
    to: language,
    mt: z.string(),
    tts: z.string(),
    reads: z.enum(['everything', 'numbers', 'words']),
    terms: z.array(z.tuple([z.string(), z.string()])),
  }),
  z.object({
    n: z.int(),
    type: z.literal('translation'),
    party,
    from: language,
    to: language,
    text: z.string(),
    midSentence: z.literal(true).exactOptional(),
    askedMs: ms,
    tookMs: ms,
    what: z.enum(['answered', 'known', 'failed', 'unwanted']),
    /** The translation, or the code of the error. */
    answer: z.string().exactOptional(),
  }),
  z.object({
    n: z.int(),
    type: z.literal('speech'),
    party,
    to: language,
    text: z.string(),
    askedMs: ms,
    tookMs: ms,
    what: z.enum(['answered', 'failed', 'unwanted']),
    /** The code of the error. */
    answer: z.string().exactOptional(),
    rateHz: z.int().exactOptional(),
    /** After how many ms each piece of sound came, and how many samples it had. */
    pieces: z.array(z.tuple([ms, z.int()])).exactOptional(),
    /** The pieces one after the other, as mu-law, in base 64. */
    muLaw: z.string().exactOptional(),
  }),
  /** A fused provider renders what a party says from now on, and what speaks for it where it only writes. */
  z.object({
    n: z.int(),
    type: z.literal('translator'),
    atMs: ms,
    party,
    to: language,
    name: z.string(),
    tts: z.string().exactOptional(),
  }),
  /** What it was told of the party, and what it gave. */
  z.object({
    n: z.int(),
    type: z.literal('fused'),
    atMs: ms,
    party,
    to: language,
    what: z.enum(['began', 'ended', 'source', 'target', 'audio', 'caught-up', 'failed']),
    /** Of what it was told. */
    utterance: z.int().exactOptional(),
    /** What was heard or translated; of a failure the code of the error. */
    text: z.string().exactOptional(),
    concluded: z.boolean().exactOptional(),
    rateHz: z.int().exactOptional(),
    /** Sound as mu-law, in base 64. */
    muLaw: z.string().exactOptional(),
  }),
  /** What the call told those who watch it, but for what was heard and not yet final. */
  z.object({ n: z.int(), type: z.literal('event'), event: CALL_EVENT }),
]);

export type CallNote = z.infer<typeof CALL_NOTE>;
