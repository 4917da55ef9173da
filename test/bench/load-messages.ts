/**
 * What the benchmark and its load generator say to each other over the IPC channel. Arrays cross as they are,
 * which needs the channel's `advanced` serialization.
 */

import type { LegRecord } from './leg-record.ts';

/** Benchmark to generator: the one thing it is asked. */
export interface LoadOrder {
  readonly type: 'load';
  readonly host: string;
  readonly port: number;
  /** An even number; legs 2n and 2n+1 are a call. */
  readonly legs: number;
  readonly rateHz: number;
  /** How long the legs talk after all of them are connected. */
  readonly seconds: number;
}

/** Generator to benchmark. */
export type LoadReport =
  /** Every leg is connected, or lost, since `atMs` on the machine's monotonic clock. */
  | { readonly type: 'connected'; readonly atMs: number }
  /** The legs have talked for as long as was ordered and have hung up. */
  | { readonly type: 'finished'; readonly records: readonly LegRecord[] };

export function isLoadOrder(message: unknown): message is LoadOrder {
  return typeOf(message) === 'load';
}

export function isLoadReport(message: unknown): message is LoadReport {
  const type = typeOf(message);
  return type === 'connected' || type === 'finished';
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
}
