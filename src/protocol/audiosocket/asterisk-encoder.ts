/**
 * What Asterisk says to a server: the UUID, audio of any payload length, and keys. For programs that play the
 * part of Asterisk; the server never uses it.
 */

import { encodeAudio } from './encoder.ts';
import { HEADER_BYTES, KIND_DTMF, KIND_UUID, UUID_BYTES } from './kinds.ts';

/** Encodes the first message of a connection. @throws RangeError unless `uuid` has 16 bytes. */
export function encodeUuid(uuid: Uint8Array): Buffer {
  if (uuid.length !== UUID_BYTES) {
    throw new RangeError(`a UUID has ${UUID_BYTES} bytes, not ${uuid.length}`);
  }
  const message = Buffer.alloc(HEADER_BYTES + UUID_BYTES);
  message[0] = KIND_UUID;
  message[2] = UUID_BYTES;
  message.set(uuid, HEADER_BYTES);
  return message;
}

/** Encodes one key: 0 to 9, *, #, A to D. */
export function encodeDtmf(digit: string): Buffer {
  if (!/^[0-9*#A-D]$/.test(digit)) {
    throw new RangeError('a DTMF key is one of 0 to 9, *, # and A to D');
  }
  return Buffer.from([KIND_DTMF, 0, 1, digit.charCodeAt(0)]);
}

/** Encodes what a channel's read delivered: any packet time, so any even length. */
export const encodeChannelAudio: (pcm: Uint8Array, rateHz: number) => Buffer = encodeAudio;
