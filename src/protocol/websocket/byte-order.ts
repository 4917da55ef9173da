/** Samples of the other byte order: everything inside is little-endian. */

/** A copy of `pcm`, an even number of bytes, with the two bytes of each sample exchanged. */
export function swapped(pcm: Uint8Array): Uint8Array {
  return Buffer.from(pcm).swap16();
}
