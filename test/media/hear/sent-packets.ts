/** A sender of RTP and a network that delays and loses, on told time and with chance that is always the same. */

import { JitterBuffer, type JitterPacket, type JitterPiece } from '../../../src/media/hear/jitter-buffer.ts';
import { seededRandom } from '../../asterisk/audio.ts';

/** A packet of a clock of 8,000 Hz; its payload says which it is. */
export function packet(number: number, changes: Partial<JitterPacket> = {}): JitterPacket {
  return {
    sequence: number & 0xffff,
    timestamp: (number * 160) >>> 0,
    ssrc: 7,
    payloadType: 0,
    payload: Uint8Array.of(number >> 16, number >> 8, number),
    clockHz: 8_000,
    durationMs: 20,
    ...changes,
  };
}

export function numberOf({ payload: [high = 0, middle = 0, low = 0] }: JitterPacket): number {
  return (high << 16) | (middle << 8) | low;
}

export interface Arriving {
  readonly packet: JitterPacket;
  readonly atMs: number;
}

export interface Network {
  readonly packets: number;
  /** The first packet's number; sequence and timestamp follow it. */
  readonly first?: number;
  /** Share of packets that never arrive. */
  readonly loss?: number;
  /** Each is delayed by up to so much, in ms. */
  readonly jitterMs?: number;
  /** How long the sender takes for 20 ms, in ms. */
  readonly everyMs?: number;
  /** Whether a packet is sent at all. */
  readonly sent?: (number: number) => boolean;
}

export function arrivals({ packets, first = 0, ...network }: Network): Arriving[] {
  const { loss = 0, jitterMs = 0, everyMs = 20, sent = () => true } = network;
  const next = seededRandom(1);
  const arriving: Arriving[] = [];
  let sequence = first;
  for (let index = 0; index < packets; index += 1) {
    const lost = next() < loss;
    const atMs = 1_000 + index * everyMs + next() * jitterMs;
    if (sent(index)) {
      if (!lost) {
        arriving.push({ packet: packet(first + index, { sequence: sequence & 0xffff }), atMs });
      }
      sequence += 1;
    }
  }
  return arriving.sort((one, other) => one.atMs - other.atMs);
}

export interface Heard {
  /** Numbers of the packets that were heard, in order; what was made up is `-1`, what was left out is not there. */
  readonly numbers: number[];
  readonly skipped: number;
  /** How long a packet waited at the most after the first second, in ms. */
  readonly longestMs: number;
  readonly buffer: JitterBuffer;
}

/** Hears what arrives, asked each 20 ms and at each arrival. @param quiet whether what sounds then is quiet. */
export function hear(arriving: readonly Arriving[], quiet: (atMs: number) => boolean = () => false): Heard {
  const buffer = new JitterBuffer();
  const numbers: number[] = [];
  let skipped = 0;
  let longestMs = 0;
  const take = (nowMs: number): void => {
    for (let piece = buffer.take(nowMs); piece !== undefined; piece = buffer.take(nowMs)) {
      skipped += keep(piece, numbers);
      buffer.quiet = quiet(nowMs);
    }
  };
  let tickMs = 1_013;
  for (const { packet: arrived, atMs } of arriving) {
    for (; tickMs < atMs; tickMs += 20) {
      take(tickMs);
    }
    buffer.put(arrived, atMs);
    take(atMs);
    longestMs = atMs > 2_000 ? Math.max(longestMs, buffer.delayMs) : 0;
  }
  for (const endMs = tickMs + 500; tickMs < endMs; tickMs += 20) {
    take(tickMs);
  }
  return { numbers, skipped, longestMs, buffer };
}

function keep(piece: JitterPiece, numbers: number[]): number {
  if (piece.type === 'missing') {
    numbers.push(-1);
    return 0;
  }
  if (piece.skipped) {
    return 1;
  }
  numbers.push(numberOf(piece.packet));
  return 0;
}
