/**
 * What the API tells of as it happens: the events of calls, each with the call it is of, and what is so of engines. One
 * schema is document and client's type.
 */

import { z } from 'zod';
import { CALL_EVENT, type CallEvent } from '../../../call/call-events.ts';
import { CALL_DETAIL } from '../../../call/detail/call-detail.ts';
import { RECOVERY_TIERS } from '../../../engines/resilience/recovery-steps.ts';
import { COMPONENTS } from '../../../engines/support.ts';

const component = z.enum(COMPONENTS);

const ENGINE_EVENT = z.discriminatedUnion('type', [
  /** It is not asked, or after others only; or it is asked again. */
  z.object({
    type: z.literal('engine'),
    component,
    engine: z.string(),
    state: z.enum(['benched', 'back']),
    /** Why it is benched: the kind of the fault. */
    fault: z.string().exactOptional(),
  }),
  /** Something was done so that calls go on. */
  z.object({
    type: z.literal('recovery'),
    component,
    tier: z.enum(RECOVERY_TIERS),
    engine: z.string(),
    /** Who was asked in its place. */
    to: z.string().exactOptional(),
    success: z.boolean(),
    tookMs: z.number(),
    code: z.string(),
  }),
]);

/** What is kept of a call that is over is on the disk. */
const RECORD_EVENT = z.object({ type: z.literal('record'), record: CALL_DETAIL });

/** A registered call is forgotten: nobody came to it before its `ttlSeconds` were over. */
const UNATTENDED_EVENT = z.object({ type: z.literal('unattended') });

/** Events that are not kept any more were asked for: what is known of calls is to be asked for anew. */
const MISSED_EVENT = z.object({ type: z.literal('missed') });

/** When it happened. */
const at = z.iso.datetime();

export const API_EVENT = z
  .union([
    z.intersection(z.object({ call: z.string(), at }), CALL_EVENT),
    z.intersection(z.object({ call: z.string(), at }), RECORD_EVENT),
    z.intersection(z.object({ call: z.string(), at }), UNATTENDED_EVENT),
    z.intersection(z.object({ at }), ENGINE_EVENT),
    z.intersection(z.object({ at }), MISSED_EVENT),
  ])
  .meta({
    id: 'Event',
    description:
      'Of a call: its id, and atMs, ms since it began. `unattended`: nobody came to a registered call before its ' +
      '`ttlSeconds` were over, and it is forgotten. What begins with "pii" was said or dialled; it is empty for who ' +
      'has no scope "captions". A hearing that is not final is replaced by the next one of its utterance.',
  });

const ofCall = z.object({ call: z.string() });

/** An event as `--webhook` gets it. */
export const WEBHOOK_EVENT = z
  .object({
    type: z.string().meta({ description: 'as in data' }),
    timestamp: z.iso.datetime().meta({ description: 'when it happened' }),
    data: z.union([
      z.intersection(ofCall, CALL_EVENT),
      z.intersection(ofCall, RECORD_EVENT),
      z.intersection(ofCall, UNATTENDED_EVENT),
      ENGINE_EVENT,
    ]),
  })
  .meta({
    id: 'WebhookEvent',
    description: 'What was said or dialled is never in it: what begins with "pii" is empty.',
  });

export type EngineEvent = z.infer<typeof ENGINE_EVENT>;
/** What is logged, without when and of which call. */
export type ApiEvent =
  | CallEvent
  | z.infer<typeof RECORD_EVENT>
  | z.infer<typeof UNATTENDED_EVENT>
  | EngineEvent
  | z.infer<typeof MISSED_EVENT>;

const CALL_TYPES = CALL_EVENT.unwrap().options.map((option) => option.shape.type.value);
const ENGINE_TYPES = ENGINE_EVENT.options.map((option) => option.shape.type.value);

/** What can be asked for by `types`. */
export const EVENT_TYPES: readonly string[] = [
  ...CALL_TYPES,
  RECORD_EVENT.shape.type.value,
  UNATTENDED_EVENT.shape.type.value,
  ...ENGINE_TYPES,
];

/** The same without anything that was said or dialled. */
export function withoutSpeech<Event extends ApiEvent>(event: Event): Event {
  return JSON.parse(JSON.stringify(event, (key, value) => (key.startsWith('pii') ? '' : value)));
}

/** Whether it is replaced by another that is to come: then nobody needs it later. */
export function isPassing(event: ApiEvent): boolean {
  return event.type === 'heard' && !event.final;
}
