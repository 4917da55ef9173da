/**
 * The call detail record: what is kept of a call when it is over, one per call, with everybody who took part and every
 * leg they had. It says when, who by their place, in which languages, how well and at what cost, and not a word of what
 * was said. What may tell who somebody was begins with `pii`, and is kept only where the operator asked for it.
 *
 * Records outlive the program that wrote them: what changes the meaning of a field is another version.
 */

import { z } from 'zod';
import { COMPONENTS } from '../../engines/support.ts';
import { POLICY_NAMES } from '../../interpret/policy/cut-policy.ts';
import { LISTENED } from '../listening/listened-sound.ts';
import { CALL_KINDS, CALL_MODES } from '../plan.ts';

export const DETAIL_VERSION = 1;

const language = z.string();
const count = z.int().min(0);
/** Ms since the call began. */
const atMs = z.number();
/** So long, in ms. */
const spanMs = z.number().min(0);
const tally = z.record(z.string(), z.number());

/** Of times in ms: half of them, 95 in a hundred and all of them do not exceed these. */
const TIMES = z.object({ p50Ms: z.number(), p95Ms: z.number(), maxMs: z.number() });

const LEG_DETAIL = z
  .object({
    door: z.string().meta({ description: 'by which it came in: `audiosocket 127.0.0.1:5050`' }),
    startMs: atMs,
    endMs: atMs,
    reason: z.string().meta({ description: 'why it ended' }),
    piiDialled: z.string().exactOptional().meta({ description: 'what it was dialled by' }),
    rateHz: z.int().exactOptional(),
    framesIn: count,
    framesOut: count,
    framesMissing: count.meta({ description: 'frames of silence in place of some that were not ready' }),
    dropped: tally.meta({ description: 'pieces of sound, by where' }),
    holds: count,
  })
  .meta({ id: 'LegDetail' });

const PARTY_DETAIL = z
  .object({
    party: z.string(),
    piiName: z.string().exactOptional(),
    languages: z.array(language).min(1).meta({ description: 'what it spoke, the first first' }),
    startMs: atMs,
    endMs: atMs,
    spokenMs: spanMs,
    refusedRecording: z.literal(true).exactOptional().meta({ description: 'nothing it said is kept' }),
    legs: z.array(LEG_DETAIL),
  })
  .meta({ id: 'PartyDetail' });

const DIRECTION_DETAIL = z
  .object({
    from: language,
    to: language,
    utterances: tally.meta({ description: 'by outcome' }),
    segments: count,
    words: count.meta({ description: 'of what was said and rendered' }),
    delay: TIMES.exactOptional().meta({
      description:
        'from the end of speech to the first sound of its last segment; below 0: that began before the end',
    }),
    firstSound: TIMES.exactOptional().meta({
      description: 'from the beginning of speech to the first translated sound',
    }),
    repaired: count.meta({ description: 'numbers and terms that translation had lost and that were put in' }),
    numbersLost: count.exactOptional().meta({
      description: 'utterances whose translation says another number all the same',
    }),
    stale: count.meta({ description: 'segments that were not spoken any more' }),
    failovers: count,
  })
  .meta({ id: 'DirectionDetail' });

const ENGINE_DETAIL = z
  .object({
    component: z.enum(COMPONENTS),
    engine: z.string(),
    from: language,
    to: language
      .exactOptional()
      .meta({ description: 'none for recognition, which is for all languages at once' }),
    characters: count.exactOptional(),
    speechMs: spanMs.exactOptional(),
  })
  .meta({
    id: 'EngineDetail',
    description: 'what an engine was given, which is what its provider charges for',
  });

const LISTENED_DETAIL = z
  .object({
    by: z.string().meta({ description: 'the name of a token of the API' }),
    party: z.string(),
    what: z.enum(LISTENED),
    startMs: atMs,
    endMs: atMs,
  })
  .meta({ id: 'ListenedDetail' });

const COST = z
  .object({
    currency: z.string(),
    amount: z.number(),
    unpriced: z.array(z.string()).meta({ description: 'engines that were used and have no price' }),
  })
  .meta({ id: 'CallCost', description: "by the operator's list of prices" });

export const CALL_DETAIL = z
  .object({
    version: z.literal(DETAIL_VERSION),
    call: z.string().meta({ description: 'as the API shows it' }),
    callId: z.string().exactOptional().meta({
      description: 'its own name, most of the UUIDs of its parties; only in files and the database',
    }),
    linkedid: z.string().exactOptional().meta({ description: "Asterisk's, where it is known" }),
    metadata: z.record(z.string(), z.string()).exactOptional(),
    kind: z.enum(CALL_KINDS),
    mode: z.enum(CALL_MODES),
    policy: z.enum(POLICY_NAMES),
    languages: z.array(language),
    startedAt: z.iso.datetime(),
    answeredAt: z.iso.datetime().exactOptional().meta({ description: 'when two were there' }),
    endedAt: z.iso.datetime(),
    durationMs: spanMs,
    resumed: count.exactOptional().meta({
      description: 'how often it went on at another node by then; legs and figures are those of this node',
    }),
    end: z.object({
      reason: z.string(),
      by: z.string().exactOptional().meta({ description: 'whose leaving ended it' }),
    }),
    parties: z.array(PARTY_DETAIL),
    directions: z.array(DIRECTION_DETAIL),
    engines: z.array(ENGINE_DETAIL),
    contradictedWords: tally.meta({
      description: 'words that were rendered and that the final hearing contradicts, by language',
    }),
    talkOverMs: spanMs,
    deadAirMs: spanMs,
    interruptions: count,
    streamsReplaced: count,
    uninterpreted: count,
    listened: z.array(LISTENED_DETAIL).exactOptional().meta({ description: 'who listened to whom' }),
    cost: COST.exactOptional(),
    transcripts: z
      .array(language)
      .exactOptional()
      .meta({ description: 'languages that there are captions in' }),
  })
  .meta({ id: 'CallDetail' });

export type CallDetail = z.infer<typeof CALL_DETAIL>;
export type PartyDetail = z.infer<typeof PARTY_DETAIL>;
export type LegDetail = z.infer<typeof LEG_DETAIL>;
export type ListenedDetail = z.infer<typeof LISTENED_DETAIL>;
export type DirectionDetail = z.infer<typeof DIRECTION_DETAIL>;
export type EngineDetail = z.infer<typeof ENGINE_DETAIL>;

/** The parties without who they were. */
export function withoutNames({ parties }: Pick<CallDetail, 'parties'>): CallDetail['parties'] {
  return parties.map(({ piiName: _name, legs, ...party }) => ({
    ...party,
    legs: legs.map(({ piiDialled: _dialled, ...leg }) => leg),
  }));
}
