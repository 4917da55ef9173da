/**
 * What a call tells those who watch it: captions, the console, call records. The schemas are the source: types follow
 * from them, and whoever reads events from a wire checks them by them. Everything spoken is under keys that begin with
 * `pii`; whoever passes these on answers for it. Times are ms since the call began (its first leg was accepted).
 */

import { z } from 'zod';
import { POLICY_NAMES } from '../interpret/policy/cut-policy.ts';
import { PARTY_STATE_NAMES } from './leg-states.ts';
import { LISTENED } from './listening/listened-sound.ts';
import { CALL_MODES, ORIGINAL_MODES } from './plan.ts';
import { RECORDING_STATES } from './recording/recorder.ts';

const ms = z.number();
const optionalMs = z.number().exactOptional();
/** Within the call: `a`, `b` … or what the dialplan made up. */
const party = z.string();
const utterance = z.int().min(0);
const language = z.string();

/** What can become of an utterance in one language. */
export const OUTCOMES = ['spoken', 'nothing-said', 'left-alone', 'failed', 'not-played'] as const;

const UTTERANCE_REPORT = z.readonly(
  z.object({
    /** Who spoke. */
    party,
    utterance,
    outcome: z.enum(OUTCOMES),
    source: z.readonly(z.object({ language, piiText: z.string(), startMs: ms, endMs: ms })),
    /** In one other language. When the first listener heard it, and the last to its end; no times when nobody did. */
    target: z.readonly(z.object({ language, piiText: z.string(), startMs: optionalMs, endMs: optionalMs })),
    /** Segments it was spoken in. */
    segments: z.int().min(0),
    /** From the beginning of speech to its first translated sound, in ms. */
    startOffsetMs: optionalMs,
    /**
     * Where the time between the end of speech and the first sound of the last segment went, in ms; the parts add up to
     * `endToEndMs`. A stage that did not happen is left out, and one that was over before it was needed took none. When
     * the speaker was still speaking there is nothing to divide, and `endToEndMs` is negative.
     */
    stages: z.readonly(
      z.object({
        endpointMs: optionalMs,
        sttMs: optionalMs,
        mtMs: optionalMs,
        ttsMs: optionalMs,
        playoutMs: optionalMs,
        endToEndMs: optionalMs,
      }),
    ),
  }),
);

/** Where the time between cutting a segment off and its first sound went, in ms; what was done ahead took none. */
const SEGMENT_STAGES = z.readonly(
  z.object({
    mtMs: ms,
    ttsMs: ms,
    /** Waiting for what was spoken before it, and for its frame. */
    queueMs: ms,
  }),
);

export const CALL_EVENT = z.readonly(
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('party-state'),
      atMs: ms,
      party,
      name: z.string(),
      language,
      state: z.enum(PARTY_STATE_NAMES),
    }),
    /** Nobody has come to the place of a party that was added, before its `ttlSeconds` were over. */
    z.object({ type: z.literal('party-unattended'), atMs: ms, party, name: z.string(), language }),
    /** Somebody else is at a party's place, or what is known of who is there has changed. */
    z.object({
      type: z.literal('party-changed'),
      atMs: ms,
      party,
      name: z.string(),
      language,
      /** Nothing of what it says in this call is to be kept. */
      refusesRecording: z.literal(true).exactOptional(),
    }),
    /** The call is to be another from now on. */
    z.object({
      type: z.literal('call-changed'),
      atMs: ms,
      mode: z.enum(CALL_MODES),
      translating: z.boolean(),
      policy: z.enum(POLICY_NAMES),
      original: z.enum(ORIGINAL_MODES),
      matchDelay: z.boolean(),
    }),
    z.object({
      type: z.literal('heard'),
      atMs: ms,
      party,
      utterance,
      final: z.boolean(),
      piiText: z.string(),
      /** Of what is final, where they are known: a line for each word, from and to in ms, and the word. */
      piiWordTimes: z.string().exactOptional(),
    }),
    /** A segment begins to be heard, by all who listen in `language`. */
    z.object({
      type: z.literal('spoken'),
      atMs: ms,
      party,
      utterance,
      language,
      piiText: z.string(),
      /** What it translates. */
      piiSource: z.string().exactOptional(),
      stages: SEGMENT_STAGES.exactOptional(),
    }),
    /** Somebody spoke and nothing could render it in `language`: it was heard as it is, if at all. */
    z.object({ type: z.literal('uninterpreted'), atMs: ms, party, language }),
    z.object({ type: z.literal('utterance'), atMs: ms, report: UTTERANCE_REPORT }),
    /** What becomes of something that a party is told because somebody asked for it. */
    z.object({
      type: z.literal('saying'),
      atMs: ms,
      party,
      saying: z.string(),
      state: z.enum(['queued', 'started', 'finished', 'dropped']),
      /** Why it was not heard to its end. */
      reason: z.string().exactOptional(),
      piiText: z.string(),
    }),
    /** The call is kept from now on, or is not, for now or for good. */
    z.object({ type: z.literal('recording'), atMs: ms, state: z.enum(RECORDING_STATES) }),
    /** Somebody listens to a party from now on, or no more. */
    z.object({
      type: z.literal('listened'),
      atMs: ms,
      party,
      /** The name of a token of the API. */
      by: z.string(),
      what: z.enum(LISTENED),
      /** Tells it from other listenings of the call. */
      listening: z.int(),
      state: z.enum(['began', 'ended']),
    }),
    /** The call goes on here, after its node was lost or has handed it over; `times`: how often that was so by now. */
    z.object({ type: z.literal('resumed'), atMs: ms, times: z.int().min(1) }),
    /** The call is to be kept, and is not, since the disk has too little room; or is again. */
    z.object({ type: z.literal('recording-full'), atMs: ms, full: z.boolean() }),
    /** A key of its telephone. */
    z.object({ type: z.literal('key'), atMs: ms, party, piiKey: z.string() }),
    z.object({ type: z.literal('ended'), atMs: ms }),
  ]),
);

export type CallEvent = z.infer<typeof CALL_EVENT>;

/** What became of one utterance in one language, complete: what reports and call records are made of. */
export type UtteranceReport = z.infer<typeof UTTERANCE_REPORT>;

export type SegmentStages = z.infer<typeof SEGMENT_STAGES>;
