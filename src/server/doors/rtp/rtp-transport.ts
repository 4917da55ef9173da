/**
 * One leg over RTP. RTP has neither beginning nor end: who it is was told before its first packet, and that it is over
 * is told by who made it; no packets only means that nothing is said. Its frames are paced by us, and leave by the
 * socket that all legs share, because Asterisk locks the address they come from.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { LegTransport, LegTransportSink } from '../../../call/leg-transport.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { RtpSound, type UnheardPacket } from '../../../media/hear/rtp-sound.ts';
import type { RtpPacket } from '../../../protocol/rtp/packet.ts';
import type { RtpFormat } from '../../../protocol/rtp/payloads.ts';
import { RtpStream } from './rtp-stream.ts';

export interface RtpTransportOptions {
  readonly remote: string;
  readonly address: string;
  readonly format: RtpFormat;
  readonly facts: ArrivalFacts;
  readonly clock: Clock;
  /** Sends a packet, or says that it cannot be. */
  readonly send: (packet: Uint8Array) => boolean;
  /** Called once when the leg is over, before its sink hears of it. */
  readonly over: () => void;
}

export class RtpTransport implements LegTransport {
  readonly remote: string;
  readonly address: string;
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  readonly #options: RtpTransportOptions;
  readonly #stream: RtpStream;
  readonly #sound: RtpSound;
  #sink: LegTransportSink | undefined;
  #over = false;

  constructor(options: RtpTransportOptions) {
    this.#options = options;
    this.remote = options.remote;
    this.address = options.address;
    this.#stream = new RtpStream(options.format);
    this.#sound = new RtpSound((pcm, rateHz) => {
      this.counts.bytesIn += pcm.length;
      this.#sink?.frame(pcm, rateHz);
    });
  }

  get parts(): readonly Counted[] {
    return [this.#sound];
  }

  get heldMs(): number {
    return this.#sound.delayMs;
  }

  codecAt(rateHz: number): string {
    return rateHz === this.#stream.rateHz ? this.#options.format : `slin at ${rateHz} Hz`;
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    sink.spokenToOnlyAt(this.#stream.rateHz);
    sink.arrived(this.#options.facts);
  }

  /** A packet has come from the leg; says why it cannot be heard. */
  received(packet: RtpPacket): UnheardPacket | undefined {
    return this.#over ? undefined : this.#sound.put(packet, this.#options.clock.nowMs());
  }

  press(key: string): void {
    this.#sink?.key(key);
  }

  look(): void {
    this.#sound.play(this.#options.clock.nowMs());
  }

  send(pcm: Uint8Array): void {
    if (this.#over) {
      return;
    }
    const taken = this.#options.send(this.#stream.packet(pcm, this.#options.clock.nowMs()));
    this.counts.bytesOut += taken ? pcm.length : 0;
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
