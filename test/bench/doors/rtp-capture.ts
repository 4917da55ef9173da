/**
 * RTP as the kernel saw it: reads what tcpdump captured on loopback and tells the streams apart. Times are the
 * kernel's, so nothing of ours blurs them. Formats: the pcap file (ietf-opsawg-pcap), Ethernet, IPv4, UDP, RTP
 * (RFC 3550); only what loopback and G.711 phones make is read, the rest is passed over.
 */

import { decodeG711 } from '../../../src/protocol/g711.ts';

const PCAP_MAGIC_US = 0xa1b2c3d4;
const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_UDP = 17;
const UDP_BYTES = 8;
const RTP_BYTES = 12;
const RTP_VERSION = 2;
const PAYLOAD_MU_LAW = 0;

export interface RtpPacket {
  /** When the kernel passed it on, in ms since 1970. */
  readonly atMs: number;
  /** Its RTP time in samples. */
  readonly timestamp: number;
  readonly pcm: Int16Array;
}

/** The packets of each stream of mu-law, by sender and receiver, in the order of their arrival. */
export function readStreams(capture: Buffer): ReadonlyMap<string, readonly RtpPacket[]> {
  if (capture.length < PCAP_HEADER_BYTES || capture.readUInt32LE(0) !== PCAP_MAGIC_US) {
    throw new Error('this is not a capture of tcpdump with times in µs');
  }
  const streams = new Map<string, RtpPacket[]>();
  let offset = PCAP_HEADER_BYTES;
  while (offset + RECORD_HEADER_BYTES <= capture.length) {
    const atMs = capture.readUInt32LE(offset) * 1_000 + capture.readUInt32LE(offset + 4) / 1_000;
    const capturedBytes = capture.readUInt32LE(offset + 8);
    const start = offset + RECORD_HEADER_BYTES;
    offset = start + capturedBytes;
    const found = readPacket(capture.subarray(start, offset), atMs);
    if (found !== undefined) {
      const stream = streams.get(found.stream) ?? [];
      stream.push(found.packet);
      streams.set(found.stream, stream);
    }
  }
  return streams;
}

function readPacket(
  frame: Buffer,
  atMs: number,
): { readonly stream: string; readonly packet: RtpPacket } | undefined {
  if (frame.length < ETHERNET_BYTES + 20 || frame.readUInt16BE(12) !== ETHERTYPE_IPV4) {
    return undefined;
  }
  const ip = frame.subarray(ETHERNET_BYTES);
  const udp = ip.subarray(((ip[0] ?? 0) & 0x0f) * 4);
  const rtp = udp.subarray(UDP_BYTES);
  if (ip[9] !== PROTOCOL_UDP || rtp.length <= RTP_BYTES || (rtp[0] ?? 0) >> 6 !== RTP_VERSION) {
    return undefined;
  }
  // The upper bit of the second byte is the marker.
  if (((rtp[1] ?? 0) & 0x7f) !== PAYLOAD_MU_LAW) {
    return undefined;
  }
  return {
    stream: `${udp.readUInt16BE(0)} > ${udp.readUInt16BE(2)}`,
    packet: { atMs, timestamp: rtp.readUInt32BE(4), pcm: decodeG711(rtp.subarray(RTP_BYTES), 'mu-law') },
  };
}
