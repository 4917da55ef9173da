/**
 * One RTP packet, RFC 3550 clause 5.1:
 *
 *      0                   1                   2                   3
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |V=2|P|X|  CC   |M|     PT      |            sequence           |
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |                           timestamp                           |
 *     +---------------------------------------------------------------+
 *     |                             SSRC                              |
 *     +---------------------------------------------------------------+
 *     CC times 4 bytes of CSRC; with X an extension: 2 bytes of profile, 2 of its length in words, the words; the
 *     payload; with P padding, whose last byte says how long it is, itself included.
 */

/** Bytes before CSRCs, extension and payload. */
export const RTP_HEADER_BYTES = 12;

const VERSION = 2;
const WORD_BYTES = 4;

export interface RtpHeader {
  /** 0 to 127. */
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in samples of the payload's clock. */
  readonly timestamp: number;
  /** 32 bits: whose stream it is. */
  readonly ssrc: number;
}

export interface RtpPacket extends RtpHeader {
  /** A view of the bytes that were read. */
  readonly payload: Uint8Array;
}

/** What is wrong with bytes that are no RTP packet: a short name to count by. */
export type RtpFault = 'too-short' | 'not-version-2' | 'rtcp' | 'bad-extension' | 'bad-padding';

/** Reads a datagram; says what is wrong with one that is no RTP packet. */
export function parseRtp(bytes: Uint8Array): RtpPacket | RtpFault {
  if (bytes.length < RTP_HEADER_BYTES) {
    return 'too-short';
  }
  const first = byteAt(bytes, 0);
  const second = byteAt(bytes, 1);
  if (first >> 6 !== VERSION) {
    return 'not-version-2';
  }
  // RTCP has packet types from 192 to 223 where RTP has marker and payload type: RFC 5761, clause 4.
  if (second >= 192 && second <= 223) {
    return 'rtcp';
  }
  let start = RTP_HEADER_BYTES + WORD_BYTES * (first & 0x0f);
  if (start > bytes.length) {
    return 'too-short';
  }
  if ((first & 0x10) !== 0) {
    if (start + WORD_BYTES > bytes.length) {
      return 'bad-extension';
    }
    start += WORD_BYTES + WORD_BYTES * ((byteAt(bytes, start + 2) << 8) | byteAt(bytes, start + 3));
    if (start > bytes.length) {
      return 'bad-extension';
    }
  }
  let end = bytes.length;
  if ((first & 0x20) !== 0) {
    const padding = byteAt(bytes, bytes.length - 1);
    if (padding === 0 || start + padding > bytes.length) {
      return 'bad-padding';
    }
    end -= padding;
  }
  return {
    payloadType: second & 0x7f,
    marker: second >= 0x80,
    sequence: (byteAt(bytes, 2) << 8) | byteAt(bytes, 3),
    timestamp: wordAt(bytes, 4),
    ssrc: wordAt(bytes, 8),
    payload: bytes.subarray(start, end),
  };
}

/** Writes a packet without CSRCs, extension and padding; the result belongs to the caller. */
export function buildRtp(
  { payloadType, marker, sequence, timestamp, ssrc }: RtpHeader,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  bytes[0] = VERSION << 6;
  bytes[1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  bytes[2] = sequence >> 8;
  bytes[3] = sequence;
  putWord(bytes, 4, timestamp);
  putWord(bytes, 8, ssrc);
  bytes.set(payload, RTP_HEADER_BYTES);
  return bytes;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function putWord(bytes: Uint8Array, index: number, word: number): void {
  bytes[index] = word >>> 24;
  bytes[index + 1] = word >>> 16;
  bytes[index + 2] = word >>> 8;
  bytes[index + 3] = word;
}

function wordAt(bytes: Uint8Array, index: number): number {
  return (
    ((byteAt(bytes, index) << 8) | byteAt(bytes, index + 1)) * 65_536 +
    ((byteAt(bytes, index + 2) << 8) | byteAt(bytes, index + 3))
  );
}
