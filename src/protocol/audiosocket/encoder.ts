/**
 * What a server may say to Asterisk, and nothing else: audio and hang-up; and what it says to another node first. Asterisk ends the leg on any other
 * kind, on an empty payload, and on a payload that trails its header by more than 5 ms, so each function
 * returns header and payload in one buffer, for one write.
 */

import { HEADER_BYTES, KIND_HANGUP, KIND_RELAYED, KIND_UUID, kindOfRate, UUID_BYTES } from './kinds.ts';

/**
 * Encodes audio of any AudioSocket rate. Copies `pcm`; the caller owns the result.
 * @param pcm signed 16-bit little-endian mono, 2 to 65,534 bytes, an even count.
 * @throws RangeError when Asterisk would end the leg for it: no such rate, empty, odd or too long.
 */
export function encodeAudio(pcm: Uint8Array, rateHz: number): Buffer {
  const message = Buffer.allocUnsafe(HEADER_BYTES + pcm.length);
  encodeAudioInto(message, pcm, rateHz);
  return message;
}

/**
 * The same into memory the caller has.
 * @param message exactly {@link HEADER_BYTES} longer than `pcm`.
 * @throws RangeError as {@link encodeAudio}, and when `message` has another length.
 */
export function encodeAudioInto(message: Uint8Array, pcm: Uint8Array, rateHz: number): void {
  const kind = kindOfRate(rateHz);
  if (kind === undefined) {
    throw new RangeError(`AudioSocket has no kind for ${rateHz} Hz`);
  }
  const payloadBytes = pcm.length;
  if (payloadBytes === 0 || payloadBytes % 2 !== 0 || payloadBytes > 0xffff) {
    throw new RangeError(`an audio payload has 2 to 65,534 bytes, an even count, not ${payloadBytes}`);
  }
  if (message.length !== HEADER_BYTES + payloadBytes) {
    throw new RangeError(`${payloadBytes} bytes of audio make a message of ${HEADER_BYTES + payloadBytes}`);
  }
  message[0] = kind;
  message[1] = payloadBytes >> 8;
  message[2] = payloadBytes & 0xff;
  message.set(pcm, HEADER_BYTES);
}

/** Encodes the request to hang up the leg. Close the socket after it. */
export function encodeHangup(): Buffer {
  return Buffer.from([KIND_HANGUP, 0, 0]);
}

/** What a node says first of a leg that it passes on to another one. @param uuid {@link UUID_BYTES} bytes. */
export function encodeRelayed(uuid: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([KIND_RELAYED, 0, 0, KIND_UUID, 0, UUID_BYTES]), uuid]);
}
