/**
 * One RTP stream as sound: packets in as they arrive, frames of 20 ms out when they are due. The jitter buffer says
 * what sounds when, its packets are decoded in their order, what is missing is made up for.
 */

import type { Counted } from '../../base/counts.ts';
import { FRAME_MS } from '../../base/units.ts';
import type { RtpPacket } from '../../protocol/rtp/packet.ts';
import {
  type DecodedPayload,
  decodesAlone,
  PayloadDecoder,
  payloadTime,
  type UnheardPayload,
} from '../../protocol/rtp/payloads.ts';
import { bytesOf, peakOf, SILENCE_PEAK } from '../dsp/sound.ts';
import { Concealment } from './concealment.ts';
import { JitterBuffer, type JitterPacket, type JitterPiece } from './jitter-buffer.ts';
import { Reblocker } from './reblocker.ts';

/** What has no more than a tenth of the loudest sample of late, 20 dB less, is quiet. */
const QUIET_SHARE = 0.1;
/** How much of the loudest sample is left 20 ms later: half of it in 1.4 s. */
const LOUDEST_KEPT = 0.99;

export class RtpSound implements Counted {
  readonly #buffer = new JitterBuffer();
  readonly #decoder = new PayloadDecoder();
  readonly #concealment = new Concealment();
  readonly #reblocker: Reblocker;
  #ssrc: number | undefined;
  #loudest = 0;
  /** A packet that was decoded before its time, to know where what is made up before it leads. */
  #ahead: { readonly packet: JitterPacket; readonly decoded: DecodedPayload | undefined } | undefined;
  /** What was left out before the next packet. */
  #leftOut: Int16Array | undefined;

  /** @param onFrame hears each frame; its bytes are good only during the call. */
  constructor(onFrame: (pcm: Uint8Array, rateHz: number) => void) {
    this.#reblocker = new Reblocker(onFrame);
  }

  get counts(): JitterBuffer['counts'] {
    return this.#buffer.counts;
  }

  /** How long packets wait at the moment, in ms. */
  get delayMs(): number {
    return this.#buffer.delayMs;
  }

  /** Takes a packet, copying its payload, and plays what is due; says why one cannot be heard. */
  put(packet: RtpPacket, nowMs: number): UnheardPayload | undefined {
    const time = payloadTime(packet.payloadType, packet.payload.length);
    if (typeof time === 'string') {
      return time;
    }
    const { sequence, timestamp, ssrc, payloadType, payload } = packet;
    const { clockHz, durationMs } = time;
    // Spread, the three would cost as much as all that follows.
    this.#buffer.put(
      { sequence, timestamp, ssrc, payloadType, payload: payload.slice(), clockHz, durationMs },
      nowMs,
    );
    this.play(nowMs);
    return undefined;
  }

  /** Plays what is due. Call it each 20 ms. */
  play(nowMs: number): void {
    for (let piece = this.#buffer.take(nowMs); piece !== undefined; piece = this.#buffer.take(nowMs)) {
      this.#play(piece);
    }
  }

  #play(piece: JitterPiece): void {
    if (piece.type === 'missing') {
      const made = this.#concealment.makeUp(piece.durationMs);
      if (made !== undefined) {
        const next = this.#known(piece.next);
        if (next?.rateHz === made.rateHz) {
          this.#concealment.leadInto(made.pcm, next.pcm);
        }
        this.#reblocker.push(bytesOf(made.pcm), made.rateHz);
      }
      return;
    }
    const { packet, skipped } = piece;
    const decoded = this.#decode(packet);
    if (decoded === undefined) {
      return;
    }
    const { pcm, rateHz } = decoded;
    this.#judge(pcm, packet.durationMs);
    if (skipped) {
      this.#leftOut ??= pcm;
      return;
    }
    if (this.#leftOut !== undefined) {
      this.#concealment.join(this.#leftOut, pcm);
      this.#leftOut = undefined;
    }
    this.#concealment.heard(pcm, rateHz);
    this.#reblocker.push(bytesOf(pcm), rateHz);
  }

  /** How what comes after a loss sounds, where that is known before it is heard. */
  #known(next: JitterPacket | undefined): DecodedPayload | undefined {
    if (next === undefined || !decodesAlone(next.payloadType)) {
      return undefined;
    }
    this.#ahead = { packet: next, decoded: this.#decode(next) };
    return this.#ahead.decoded;
  }

  /** The sound of a packet, which is decoded once. */
  #decode(packet: JitterPacket): DecodedPayload | undefined {
    if (this.#ahead?.packet === packet) {
      return this.#ahead.decoded;
    }
    if (packet.ssrc !== this.#ssrc) {
      this.#ssrc = packet.ssrc;
      this.#decoder.reset();
    }
    return this.#decoder.decode(packet.payloadType, packet.payload);
  }

  /** Whether this is quiet enough for a packet more or less. */
  #judge(pcm: Int16Array, durationMs: number): void {
    const peak = peakOf(pcm);
    this.#loudest = Math.max(peak, this.#loudest * LOUDEST_KEPT ** (durationMs / FRAME_MS));
    this.#buffer.quiet = peak <= Math.max(SILENCE_PEAK, QUIET_SHARE * this.#loudest);
  }
}
