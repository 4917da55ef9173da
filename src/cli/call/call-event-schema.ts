/**
 * The edge where a server's call events become trusted `CallEvent`s. An event of a kind that this version does not
 * know is no error: a newer server may send it.
 */

import { z } from 'zod';
import type { CallEvent } from '../../call/call-events.ts';

const ms = z.number();
const optionalMs = z.number().exactOptional();

const UTTERANCE_REPORT = z.object({
  leg: z.int().min(0),
  utterance: z.int().min(0),
  outcome: z.enum(['spoken', 'nothing-said', 'left-alone', 'failed', 'not-played']),
  source: z.object({ language: z.string(), piiText: z.string(), startMs: ms, endMs: ms }),
  target: z.object({
    language: z.string(),
    piiText: z.string(),
    startMs: optionalMs,
    endMs: optionalMs,
  }),
  segments: z.int().min(0),
  startOffsetMs: optionalMs,
  stages: z.object({
    endpointMs: optionalMs,
    sttMs: optionalMs,
    mtMs: optionalMs,
    ttsMs: optionalMs,
    playoutMs: optionalMs,
    endToEndMs: optionalMs,
  }),
});

const SEGMENT_STAGES = z.object({ mtMs: ms, ttsMs: ms, queueMs: ms });

const CALL_EVENT: z.ZodType<CallEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('leg-state'),
    atMs: ms,
    leg: z.int(),
    state: z.enum(['IDLE', 'RINGING', 'CONNECTED', 'TRANSLATING', 'DISCONNECTING', 'DISCONNECTED', 'ERROR']),
    language: z.string(),
  }),
  z.object({
    type: z.literal('heard'),
    atMs: ms,
    leg: z.int(),
    utterance: z.int(),
    final: z.boolean(),
    piiText: z.string(),
  }),
  z.object({
    type: z.literal('spoken'),
    atMs: ms,
    leg: z.int(),
    utterance: z.int(),
    piiText: z.string(),
    piiSource: z.string().exactOptional(),
    stages: SEGMENT_STAGES.exactOptional(),
  }),
  z.object({ type: z.literal('utterance'), atMs: ms, report: UTTERANCE_REPORT }),
  z.object({ type: z.literal('ended'), atMs: ms }),
]);

const REFUSAL = z.object({ error: z.string() });

/** The event in one piece of JSON, or undefined when it is none that is known here. */
export function parseCallEvent(json: string): CallEvent | undefined {
  return CALL_EVENT.safeParse(parseJson(json)).data;
}

/** The sentence of a refusal `{"error": "..."}`, or undefined when the body is something else. */
export function parseRefusal(json: string): string | undefined {
  return REFUSAL.safeParse(parseJson(json)).data?.error;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
