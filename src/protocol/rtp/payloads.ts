/**
 * What the payload types of RTP carry, as Asterisk uses them. It sends linear audio at 8 kHz as type 10, against RFC
 * 3551, and wider ones under numbers of its own; it takes only types up to 34, so 8 kHz linear, G.711 and G.722 are all
 * that it can be sent. Linear audio is in network order. Source: Asterisk's main/rtp_engine.c and res_rtp_asterisk.c.
 */

import { samplesToMs } from '../../base/units.ts';
import { decodeG711, encodeG711 } from '../g711.ts';
import { G722Decoder } from '../g722.ts';
import { G722Encoder } from '../g722-encoder.ts';

/** What legs over RTP are spoken to in. */
export const RTP_FORMATS = ['ulaw', 'alaw', 'slin', 'g722'] as const;

export type RtpFormat = (typeof RTP_FORMATS)[number];

/** What packets of a format say that they are, and the rate in Hz of the sound that is coded. */
export const SENT_AS: Readonly<Record<RtpFormat, { readonly payloadType: number; readonly rateHz: number }>> =
  {
    ulaw: { payloadType: 0, rateHz: 8_000 },
    alaw: { payloadType: 8, rateHz: 8_000 },
    slin: { payloadType: 10, rateHz: 8_000 },
    g722: { payloadType: 9, rateHz: 16_000 },
  };

type Codec = 'mu-law' | 'a-law' | 'g722' | 'linear';

interface PayloadKind {
  readonly codec: Codec;
  /** Of the sound, in Hz. */
  readonly rateHz: number;
  /** Of the timestamps, in Hz. */
  readonly clockHz: number;
  readonly bytesPerTick: number;
}

/** G.722's timestamps count at 8 kHz though it has twice the samples: a mistake of RFC 1890 that was kept. */
const KINDS: ReadonlyMap<number, PayloadKind> = new Map([
  [0, { codec: 'mu-law', rateHz: 8_000, clockHz: 8_000, bytesPerTick: 1 }],
  [8, { codec: 'a-law', rateHz: 8_000, clockHz: 8_000, bytesPerTick: 1 }],
  [9, { codec: 'g722', rateHz: 16_000, clockHz: 8_000, bytesPerTick: 1 }],
  [10, linear(8_000)],
  [11, linear(8_000)],
  [118, linear(16_000)],
  [122, linear(12_000)],
  [123, linear(24_000)],
  [126, linear(48_000)],
]);

function linear(rateHz: number): PayloadKind {
  return { codec: 'linear', rateHz, clockHz: rateHz, bytesPerTick: 2 };
}

/** The longest payload that is taken, in ms: phones send 10 to 60 ms at a time. */
const LONGEST_PAYLOAD_MS = 200;

/** Why a payload is not heard. */
export type UnheardPayload = 'unknown-payload' | 'empty' | 'too-long';

/** How long a payload of so many bytes lasts, and on which clock; or why it cannot be heard. */
export function payloadTime(
  payloadType: number,
  bytes: number,
): { readonly clockHz: number; readonly durationMs: number } | UnheardPayload {
  const kind = KINDS.get(payloadType);
  if (kind === undefined) {
    return 'unknown-payload';
  }
  const { clockHz, bytesPerTick } = kind;
  const ticks = Math.floor(bytes / bytesPerTick);
  const durationMs = samplesToMs(ticks, clockHz);
  if (ticks === 0) {
    return 'empty';
  }
  return durationMs > LONGEST_PAYLOAD_MS ? 'too-long' : { clockHz, durationMs };
}

/** Whether a payload sounds the same whatever came before it: after a loss one of G.722 does not for some 60 ms. */
export function decodesAlone(payloadType: number): boolean {
  return KINDS.get(payloadType)?.codec !== 'g722';
}

/** Sound of one payload. */
export interface DecodedPayload {
  /** Belongs to the receiver. */
  readonly pcm: Int16Array;
  readonly rateHz: number;
}

/** Decodes one stream, whose packets it is given in order. */
export class PayloadDecoder {
  #g722 = new G722Decoder();

  /** Another stream begins. */
  reset(): void {
    this.#g722 = new G722Decoder();
  }

  /** Undefined for a payload type that cannot be heard. A rest that is no whole sample is left out. */
  decode(payloadType: number, payload: Uint8Array): DecodedPayload | undefined {
    const kind = KINDS.get(payloadType);
    if (kind === undefined) {
      return undefined;
    }
    const { codec, rateHz } = kind;
    switch (codec) {
      case 'mu-law':
      case 'a-law':
        return { pcm: decodeG711(payload, codec), rateHz };
      case 'g722':
        return { pcm: this.#g722.decode(payload), rateHz };
      case 'linear':
        return { pcm: fromNetworkOrder(payload), rateHz };
    }
  }
}

/** Encodes one stream. */
export class PayloadEncoder {
  /** The rate in Hz of what is to be encoded. */
  readonly rateHz: number;
  readonly #encode: (pcm: Int16Array) => Uint8Array;

  constructor(format: RtpFormat) {
    this.rateHz = SENT_AS[format].rateHz;
    switch (format) {
      case 'ulaw':
        this.#encode = (pcm) => encodeG711(pcm, 'mu-law');
        break;
      case 'alaw':
        this.#encode = (pcm) => encodeG711(pcm, 'a-law');
        break;
      case 'slin':
        this.#encode = toNetworkOrder;
        break;
      case 'g722': {
        const encoder = new G722Encoder();
        this.#encode = (pcm) => encoder.encode(pcm);
        break;
      }
    }
  }

  /** The payload of `pcm`; it belongs to the caller. */
  encode(pcm: Int16Array): Uint8Array {
    return this.#encode(pcm);
  }
}

function fromNetworkOrder(payload: Uint8Array): Int16Array {
  const pcm = new Int16Array(payload.length >> 1);
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = ((payload[2 * i] ?? 0) << 8) | (payload[2 * i + 1] ?? 0);
  }
  return pcm;
}

function toNetworkOrder(pcm: Int16Array): Uint8Array {
  const payload = new Uint8Array(2 * pcm.length);
  for (let i = 0; i < pcm.length; i += 1) {
    const sample = pcm[i] ?? 0;
    payload[2 * i] = sample >> 8;
    payload[2 * i + 1] = sample;
  }
  return payload;
}
