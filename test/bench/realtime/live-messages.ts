/**
 * What the live bench and its two helpers, the vendors and the telephones, say to each other over their IPC channels.
 * Arrays cross as they are, which needs the channels' `advanced` serialization.
 */

import { type VendorOrder as Order, type VendorReport as Report, typeOf } from '../vendor-messages.ts';
import type { VendorFacts } from './live-facts.ts';
import type { LiveScript } from './live-turns.ts';

export type VendorOrder = Order<LiveScript>;

export type VendorReport = Report<VendorFacts>;

export function isVendorOrder(message: unknown): message is VendorOrder {
  return ['serve', 'report'].includes(typeOf(message));
}

export function isVendorReport(message: unknown): message is VendorReport {
  return ['serving', 'facts'].includes(typeOf(message));
}
