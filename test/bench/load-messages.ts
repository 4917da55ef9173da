/**
 * What the benchmark and its load generator say to each other over the IPC channel. Arrays cross as they are,
 * which needs the channel's `advanced` serialization.
 */

import type { RtpFormat } from '../../src/protocol/rtp/payloads.ts';
import type { LegRecord } from './leg-record.ts';

/** Benchmark to generator: the one thing it is asked. */
export interface LoadOrder {
  readonly type: 'load';
  readonly host: string;
  readonly port: number;
  /** An even number; legs 2n and 2n+1 are a call. */
  readonly legs: number;
  readonly rateHz: number;
  /** Legs over RTP, in this format; undefined: AudioSocket. */
  readonly rtp: RtpFormat | undefined;
  /** Whose voice a leg should hear: its partner's, or from an echo its own. */
  readonly hears: 'partner' | 'itself';
  /** How long the legs talk after all of them are connected. */
  readonly seconds: number;
  /** How many more arrive at once at mid-run, and talk as soon as all are connected; an even number, 0 for none. */
  readonly newcomers: number;
}

/** Generator to benchmark. */
export type LoadReport =
  /** Every leg is connected, or lost, since `atMs` on the machine's monotonic clock. */
  | { readonly type: 'connected'; readonly atMs: number }
  /** The newcomers call the server, at `atMs`. */
  | { readonly type: 'arriving'; readonly atMs: number }
  /**
   * The legs have talked for as long as was ordered and have hung up: what those heard that were there from the start,
   * and how long each newcomer waited for its first frame, in ms; NaN for who heard none.
   */
  | {
      readonly type: 'finished';
      readonly records: readonly LegRecord[];
      readonly firstFramesMs: readonly number[];
      readonly newcomersLost: number;
    };

export function isLoadOrder(message: unknown): message is LoadOrder {
  return typeOf(message) === 'load';
}

export function isLoadReport<T extends LoadReport['type']>(
  message: unknown,
  type: T,
): message is Extract<LoadReport, { type: T }> {
  return typeOf(message) === type;
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
}
