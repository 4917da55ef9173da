/**
 * What a harness and the process of its telephones say to each other, whatever they say on the calls and note of
 * them.
 */

import { typeOf } from '../vendor-messages.ts';

/** Harness to telephones: the one thing they are asked. */
export interface PhoneOrder<Script> {
  readonly type: 'call';
  readonly host: string;
  readonly port: number;
  readonly script: Script;
  /** For each call, of the caller and of the listener. */
  readonly uuids: readonly (readonly [string, string])[];
}

/** Telephones to harness. */
export type PhoneReport<Facts> =
  | { readonly type: 'connected' }
  | { readonly type: 'finished'; readonly facts: readonly Facts[] };

export function isPhoneOrder<Script>(message: unknown): message is PhoneOrder<Script> {
  return typeOf(message) === 'call';
}

export function isPhoneReport<Facts>(message: unknown): message is PhoneReport<Facts> {
  return ['connected', 'finished'].includes(typeOf(message));
}
