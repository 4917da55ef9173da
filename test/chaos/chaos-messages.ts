/** What the harness and its two helpers, the vendors and the telephones, say to each other. Times are the machine's. */

import { typeOf } from '../bench/vendor-messages.ts';
import type { ChaosScript } from './chaos-script.ts';
import type { VendorChange } from './vendor-faults.ts';

export type ChaosVendorOrder =
  | { readonly type: 'serve'; readonly script: ChaosScript; readonly changes: readonly VendorChange[] }
  | { readonly type: 'change'; readonly changes: readonly VendorChange[] };

export type ChaosVendorReport =
  | { readonly type: 'serving'; readonly environment: Readonly<Record<string, string>> }
  | { readonly type: 'changed' };

/** A word of the script, when the caller's telephone sent it. */
export interface SaidFact {
  readonly id: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A word that a listener heard to its end. */
export interface HeardFact {
  readonly id: number;
  readonly atMs: number;
}

/** What the telephones of one call did and heard. */
export interface ChaosCallFacts {
  readonly said: readonly SaidFact[];
  /** Translated, in the order in which they were heard. */
  readonly translated: readonly HeardFact[];
  /** As the caller said them. */
  readonly original: readonly HeardFact[];
  /** When the listener heard each frame, and whether there was sound in it. */
  readonly heardMs: Float64Array;
  readonly loud: Uint8Array;
  /** When the caller heard each frame. */
  readonly callerHeardMs: Float64Array;
  /** Why a leg ended before its time; empty when none did. */
  readonly lost: readonly string[];
}

export function isChaosVendorOrder(message: unknown): message is ChaosVendorOrder {
  return ['serve', 'change'].includes(typeOf(message));
}

export function isChaosVendorReport(message: unknown): message is ChaosVendorReport {
  return ['serving', 'changed'].includes(typeOf(message));
}
