/**
 * The messages of Hume's Expression Measurement in real time (in limited release, November 2026): binary frames of
 * 16-bit PCM at 16 kHz up, JSON down. Sound must not come faster than it is said.
 * Source: https://dev.hume.ai/expression-measurement/docs/audio/realtime
 */

import { z } from 'zod';
import { parseJson } from '../../wire/json.ts';

export const HUME_URL = 'wss://api.cloud.hume.ai';
export const HUME_PATH = '/v1/expression/audio/realtime';

const SCORES = z.array(z.object({ name: z.string(), probability: z.number() }));

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session.created') }),
  z.object({ type: z.literal('measurement.result'), expressions: SCORES }),
  z.object({ type: z.literal('error'), code: z.string() }),
]);

/** What is known by its name; the other messages say when speech begins and ends, which we know. */
export type HumeMessage = z.infer<typeof MESSAGE>;

/** The message, `unknown` where it is one that we have no use for; undefined where it is no JSON. */
export function decodeMessage(text: string): HumeMessage | { readonly type: 'unknown' } | undefined {
  const json = parseJson(text);
  if (json === undefined) {
    return undefined;
  }
  const parsed = MESSAGE.safeParse(json);
  return parsed.success ? parsed.data : { type: 'unknown' };
}

/** Errors after which the session goes on; the sound that they are about is not measured. */
export const PASSING_ERRORS: ReadonlySet<string> = new Set(['invalid_audio_frame', 'rate_limited']);
