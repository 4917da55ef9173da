/**
 * The edge where a server's call events become trusted `CallEvent`s. An event of a kind that this version does not
 * know is no error: a newer server may send it.
 */

import { z } from 'zod';
import { CALL_EVENT, type CallEvent } from '../call/call-events.ts';

const REFUSAL = z.object({ detail: z.string() });

/** The event in one piece of JSON, or undefined when it is none that is known here. */
export function parseCallEvent(json: string): CallEvent | undefined {
  return CALL_EVENT.safeParse(parseJson(json)).data;
}

/** The sentence of a refusal (RFC 9457), or undefined when the body is something else. */
export function parseRefusal(json: string): string | undefined {
  return REFUSAL.safeParse(parseJson(json)).data?.detail;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
