/** Arithmetic of RTP's numbers, which begin again after 2^16 or 2^32. */

/** How far sequence number `to` is after `from`, -32,768 to 32,767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** How far timestamp `to` is after `from`, -2^31 to 2^31 - 1. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}
