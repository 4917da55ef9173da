/** What the bench and its two helpers, the vendors and the telephones of a run with rooms, say to each other. */

import { typeOf, type VendorOrder, type VendorReport } from '../vendor-messages.ts';
import type { PhoneRecord, RoomVendorFacts } from './room-facts.ts';
import type { RoomScript } from './room-script.ts';

export type RoomVendorOrder = VendorOrder<RoomScript>;

export type RoomVendorReport = VendorReport<RoomVendorFacts>;

/** Bench to telephones: who calls, and that it is over. */
export type RoomPhoneOrder =
  | {
      readonly type: 'call';
      readonly host: string;
      readonly port: number;
      readonly script: RoomScript;
      /** Of each speaker, in the order of the script. */
      readonly uuids: readonly string[];
    }
  | { readonly type: 'finish' };

/** Telephones to bench. */
export type RoomPhoneReport =
  | { readonly type: 'connected' }
  | { readonly type: 'finished'; readonly records: readonly PhoneRecord[] };

export function isRoomVendorOrder(message: unknown): message is RoomVendorOrder {
  return ['serve', 'report'].includes(typeOf(message));
}

export function isRoomVendorReport(message: unknown): message is RoomVendorReport {
  return ['serving', 'facts'].includes(typeOf(message));
}

export function isRoomPhoneOrder(message: unknown): message is RoomPhoneOrder {
  return ['call', 'finish'].includes(typeOf(message));
}

export function isRoomPhoneReport(message: unknown): message is RoomPhoneReport {
  return ['connected', 'finished'].includes(typeOf(message));
}
