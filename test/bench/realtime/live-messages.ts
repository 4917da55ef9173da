/**
 * What the live bench and its two helpers, the vendors and the telephones, say to each other over their IPC channels.
 * Arrays cross as they are, which needs the channels' `advanced` serialization.
 */

import type { PhoneFacts, VendorFacts } from './live-facts.ts';
import type { LiveScript } from './live-turns.ts';

/** Bench to vendors: the run; then, once, that it is over. */
export type VendorOrder =
  | { readonly type: 'serve'; readonly script: LiveScript; readonly synthesisers: number }
  | { readonly type: 'report' };

/** Vendors to bench. */
export type VendorReport =
  | {
      readonly type: 'serving';
      readonly deepgramUrl: string;
      readonly deeplUrl: string;
      readonly xttsUrls: readonly string[];
    }
  | { readonly type: 'facts'; readonly facts: VendorFacts };

/** Bench to telephones: the one thing they are asked. */
export interface PhoneOrder {
  readonly type: 'call';
  readonly host: string;
  readonly port: number;
  readonly script: LiveScript;
  /** For each call, of the caller and of the listener. */
  readonly uuids: readonly (readonly [string, string])[];
}

/** Telephones to bench. */
export type PhoneReport =
  | { readonly type: 'connected' }
  | { readonly type: 'finished'; readonly facts: readonly PhoneFacts[] };

export function isVendorOrder(message: unknown): message is VendorOrder {
  return ['serve', 'report'].includes(typeOf(message));
}

export function isVendorReport(message: unknown): message is VendorReport {
  return ['serving', 'facts'].includes(typeOf(message));
}

export function isPhoneOrder(message: unknown): message is PhoneOrder {
  return typeOf(message) === 'call';
}

export function isPhoneReport(message: unknown): message is PhoneReport {
  return ['connected', 'finished'].includes(typeOf(message));
}

function typeOf(message: unknown): string {
  return typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';
}
