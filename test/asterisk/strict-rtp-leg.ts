/**
 * A stand-in for an external media channel of a real Asterisk 22 over RTP, with a UDP socket of its own: it sends
 * packets of one format, takes only the static payload types Asterisk takes, and only from the first address it heard.
 * What it was sent is kept as facts.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { buildRtp, parseRtp, type RtpPacket } from '../../src/protocol/rtp/packet.ts';
import {
  type DecodedPayload,
  PayloadDecoder,
  PayloadEncoder,
  type RtpFormat,
  SENT_AS,
} from '../../src/protocol/rtp/payloads.ts';
import { concatPcm } from './audio.ts';

/** What Asterisk takes by static numbers, whatever the channel's format. */
const TAKEN = [0, 8, 9, 10, 11];

/** Whose stream each of them sends. */
export const PHONE_SSRC = 0xa57e_215c;

export class StrictRtpLeg {
  /** Packets that were taken. */
  readonly packets: RtpPacket[] = [];
  /** What Asterisk drops without a word: no RTP, another type, another source. */
  readonly dropped: string[] = [];
  readonly port: number;
  readonly rateHz: number;
  readonly #socket: Socket;
  readonly #server: { readonly host: string; readonly port: number };
  readonly #encoder: PayloadEncoder;
  readonly #payloadType: number;
  readonly #decoder = new PayloadDecoder();
  readonly #heard: DecodedPayload[] = [];
  #locked: string | undefined;
  #closed = false;
  #sequence = 65_530;
  #timestamp = 4_294_967_000;

  static async open(
    server: { readonly host: string; readonly port: number },
    format: RtpFormat,
  ): Promise<StrictRtpLeg> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => {
      socket.bind({ address: '127.0.0.1', port: 0 }, resolve);
    });
    return new StrictRtpLeg(socket, server, format);
  }

  private constructor(
    socket: Socket,
    server: { readonly host: string; readonly port: number },
    format: RtpFormat,
  ) {
    this.#socket = socket;
    this.#server = server;
    this.port = socket.address().port;
    this.#encoder = new PayloadEncoder(format);
    this.#payloadType = SENT_AS[format].payloadType;
    this.rateHz = this.#encoder.rateHz;
    socket.on('message', (bytes, from) => this.#take(bytes, from));
  }

  get remote(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** What was heard, one packet after the other. */
  get pcm(): Int16Array {
    return concatPcm(...this.#heard.map(({ pcm }) => pcm));
  }

  /** Sends one packet of `pcm`. */
  say(pcm: Int16Array): void {
    const header = {
      payloadType: this.#payloadType,
      // Asterisk never sets it.
      marker: false,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      ssrc: PHONE_SSRC,
    };
    this.#sequence = (this.#sequence + 1) % 2 ** 16;
    this.#timestamp = (this.#timestamp + (pcm.length * 8_000) / this.rateHz) % 2 ** 32;
    this.send(buildRtp(header, this.#encoder.encode(pcm)));
  }

  /** A silence of `ms`, in which nothing is sent: its timestamps go on. */
  rest(ms: number): void {
    this.#timestamp = (this.#timestamp + ms * 8) % 2 ** 32;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#server.port, this.#server.host);
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#socket.close();
    }
  }

  #take(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const from = `${address}:${port}`;
    this.#locked ??= from;
    const packet = parseRtp(bytes);
    if (typeof packet === 'string') {
      this.dropped.push(packet);
    } else if (from !== this.#locked) {
      this.dropped.push('another source');
    } else if (!TAKEN.includes(packet.payloadType)) {
      this.dropped.push(`payload type ${packet.payloadType}`);
    } else {
      this.packets.push(packet);
      const decoded = this.#decoder.decode(packet.payloadType, packet.payload);
      if (decoded !== undefined) {
        this.#heard.push(decoded);
      }
    }
  }
}
