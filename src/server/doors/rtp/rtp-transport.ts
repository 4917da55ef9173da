/**
 * One leg over RTP: headers, and who may be heard; what packets carry is the leg's media thread's. RTP has neither beginning nor end: who it is was told before its first packet, and that it is over
 * is told by who made it; no packets only means that nothing is said, unless whoever made it is away, too. Its frames are paced by us, and leave by the
 * socket that all legs share, because Asterisk locks the address they come from.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { LegTransport, LegTransportSink } from '../../../call/leg-transport.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { LONGEST_PACKET_BYTES } from '../../../media/ring/leg-memory.ts';
import { parseRtp, type RtpFault } from '../../../protocol/rtp/packet.ts';
import { payloadTime, type RtpFormat, SENT_AS, type UnheardPayload } from '../../../protocol/rtp/payloads.ts';
import { RtpStream } from './rtp-stream.ts';

/**
 * A leg ends that nothing was heard of for so long, in ms: no packet came, and nobody was there to say that it is gone.
 * A phone on hold sends nothing either, but ARI is seldom away for a minute.
 */
const NO_SIGN_MS = 60_000;
/** From its beginning, in ms, until it is said that no packet has come yet. */
const SILENT_MS = 10_000;

/** Why a packet from where a leg is expected is not heard. */
export type UnheardPacket = RtpFault | UnheardPayload;

export interface RtpTransportOptions {
  readonly remote: string;
  readonly address: string;
  readonly format: RtpFormat;
  readonly facts: ArrivalFacts;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether who made it would know by now if it were gone. */
  readonly supervised: () => boolean;
  /** Sends a packet, or says that it cannot be. */
  readonly send: (packet: Uint8Array) => boolean;
  /** Called once when the leg is over, before its sink hears of it. */
  readonly over: () => void;
}

export class RtpTransport implements LegTransport {
  readonly remote: string;
  readonly address: string;
  readonly rtp: RtpFormat;
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  readonly #options: RtpTransportOptions;
  readonly #stream: RtpStream;
  #sink: LegTransportSink | undefined;
  #over = false;
  /** When something was heard of it last, from here or from who made it. */
  #signMs: number;
  /** When it is said that nothing has come; undefined: something has, or it was said. */
  #silentAtMs: number | undefined;

  constructor(options: RtpTransportOptions) {
    this.#options = options;
    this.remote = options.remote;
    this.address = options.address;
    this.rtp = options.format;
    this.#signMs = options.clock.nowMs();
    this.#silentAtMs = this.#signMs + SILENT_MS;
    this.#stream = new RtpStream(options.format);
  }

  codecAt(rateHz: number): string {
    return rateHz === SENT_AS[this.rtp].rateHz ? this.rtp : `slin at ${rateHz} Hz`;
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    sink.arrived(this.#options.facts);
  }

  /** A packet has come from where the leg is; says why it cannot be heard. */
  received(bytes: Uint8Array): UnheardPacket | undefined {
    if (this.#over) {
      return undefined;
    }
    const packet = parseRtp(bytes);
    if (typeof packet === 'string') {
      return packet;
    }
    const time = payloadTime(packet.payloadType, packet.payload.length);
    if (typeof time === 'string') {
      return time;
    }
    if (bytes.length > LONGEST_PACKET_BYTES) {
      return 'too-long';
    }
    this.counts.bytesIn += packet.payload.length;
    this.#signMs = this.#options.clock.nowMs();
    this.#silentAtMs = undefined;
    this.#sink?.packet(bytes);
    return undefined;
  }

  press(key: string): void {
    this.#sink?.key(key);
  }

  look(): void {
    const { clock, log, supervised } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#silentAtMs !== undefined && nowMs >= this.#silentAtMs) {
      this.#silentAtMs = undefined;
      log.warn(
        { remote: this.remote },
        'no packet has come yet from a leg over RTP: its phone is silent, or --ari-media-address is not where Asterisk can send UDP to',
      );
    }
    if (supervised()) {
      this.#signMs = nowMs;
    } else if (nowMs - this.#signMs >= NO_SIGN_MS && !this.#over) {
      log.warn(
        { remote: this.remote },
        'nothing was heard of a leg over RTP for 60 s while ARI was away; it ends',
      );
      this.end('no-sign-of-life');
    }
  }

  send(payload: Uint8Array): void {
    if (this.#over) {
      return;
    }
    const taken = this.#options.send(this.#stream.packet(payload, this.#options.clock.nowMs()));
    this.counts.bytesOut += taken ? payload.length : 0;
    this.counts.socketDropped += taken ? 0 : 1;
  }

  hangUp(): void {
    this.end('hung-up');
  }

  /** The leg is over. Idempotent. */
  end(reason: string): void {
    if (!this.#over) {
      this.#over = true;
      this.#options.over();
      // Never from inside the call that asks for it.
      queueMicrotask(() => {
        this.#sink?.closed(reason);
        this.#sink = undefined;
      });
    }
  }
}
