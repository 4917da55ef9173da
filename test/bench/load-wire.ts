/**
 * How a generated leg's frames go over its wire: messages of AudioSocket, or packets of RTP. Frames that are coded bear
 * no marker, since it would not survive; they are coded once for all legs, so that the generator's work is not theirs.
 */

import { frameBytes } from '../../src/base/units.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { HEADER_BYTES } from '../../src/protocol/audiosocket/kinds.ts';
import { buildRtp, RTP_HEADER_BYTES } from '../../src/protocol/rtp/packet.ts';
import { PayloadEncoder, type RtpFormat, SENT_AS } from '../../src/protocol/rtp/payloads.ts';
import { writeMarker } from './frame-marker.ts';
import { TONE_FRAMES } from './tone-clock.ts';

/** Of every format that a leg over RTP is spoken to in. */
const FRAME_TICKS = 160;

export interface VoiceWire {
  /** What is written for frame `frame`; good until the next call. */
  message(frame: number): Uint8Array;
}

/** @param tone payloads of {@link TONE_FRAMES} consecutive frames. */
export function audioSocketVoice(leg: number, rateHz: number, tone: readonly Uint8Array[]): VoiceWire {
  const message = encodeAudio(new Uint8Array(frameBytes(rateHz)), rateHz);
  return {
    message: (frame) => {
      message.set(tone[frame % TONE_FRAMES] ?? [], HEADER_BYTES);
      writeMarker(message, HEADER_BYTES, leg, frame);
      return message;
    },
  };
}

/** @param payloads of {@link codedTone}. */
export function rtpVoice(leg: number, format: RtpFormat, payloads: readonly Uint8Array[]): VoiceWire {
  const header = {
    payloadType: SENT_AS[format].payloadType,
    marker: false,
    sequence: 0,
    timestamp: 0,
    ssrc: leg + 1,
  };
  const packet = buildRtp(header, payloads[0] ?? new Uint8Array(0));
  const view = new DataView(packet.buffer);
  const payload = packet.subarray(RTP_HEADER_BYTES);
  return {
    message: (frame) => {
      view.setUint16(2, frame % 2 ** 16);
      view.setUint32(4, (frame * FRAME_TICKS) % 2 ** 32);
      payload.set(payloads[frame % TONE_FRAMES] ?? []);
      if (format === 'slin') {
        writeMarker(payload, 0, leg, frame);
        swapBytes(payload);
      }
      return packet;
    },
  };
}

/** What {@link rtpVoice} sends of a tone: linear audio as it is, since its marker is yet to be written. */
export function codedTone(format: RtpFormat, tone: readonly Uint8Array[]): readonly Uint8Array[] {
  if (format === 'slin') {
    return tone;
  }
  const encoder = new PayloadEncoder(format);
  return tone.map((bytes) => encoder.encode(new Int16Array(Uint8Array.from(bytes).buffer)));
}

/** From the order of a machine to that of the network, or back, in place. */
export function swapBytes(pcm: Uint8Array): void {
  for (let at = 0; at + 1 < pcm.length; at += 2) {
    const low = pcm[at] ?? 0;
    pcm[at] = pcm[at + 1] ?? 0;
    pcm[at + 1] = low;
  }
}
