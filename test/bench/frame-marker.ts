/**
 * The number plate of a generated frame: which leg said it and which of its frames it is, written into the lowest
 * four bits of the frame's first 16 samples. It sounds like nothing (66 dB below full scale) and is gone after
 * any change of the samples: resampling, mixing, fading, a shift by one sample. What is left of the frame must
 * be compared with what was sent to know that all of it is bit-exact.
 *
 *   nibble  0..2   magic
 *           3..6   leg, 16 bits, highest nibble first
 *           7..11  frame number, 20 bits: 5.8 hours of frames
 *           12..15 check over leg and number, 16 bits
 */

/** Samples that carry the marker, four bits each. */
export const MARKER_SAMPLES = 16;

/** Frame numbers are below this. */
export const MARKER_NUMBERS = 2 ** 20;

/** What {@link readMarker} returns when there is no marker. */
export const NO_MARKER = -1;

const MAGIC = 0xd5a;

/**
 * Writes the marker into PCM that starts at `offset`.
 * @param leg 0 to 65,535; @param number below {@link MARKER_NUMBERS}.
 */
export function writeMarker(bytes: Uint8Array, offset: number, leg: number, number: number): void {
  putNibbles(bytes, offset, 3, MAGIC);
  putNibbles(bytes, offset + 3 * 2, 4, leg);
  putNibbles(bytes, offset + 7 * 2, 5, number);
  putNibbles(bytes, offset + 12 * 2, 4, checkOf(leg, number));
}

/**
 * Reads the marker of PCM that starts at `offset`, which may be odd. The result packs leg and number into one
 * integer, so that nothing is allocated per frame: see {@link legOfMarker} and {@link numberOfMarker}.
 */
export function readMarker(bytes: Uint8Array, offset: number): number {
  if (takeNibbles(bytes, offset, 3) !== MAGIC) {
    return NO_MARKER;
  }
  const leg = takeNibbles(bytes, offset + 3 * 2, 4);
  const number = takeNibbles(bytes, offset + 7 * 2, 5);
  if (takeNibbles(bytes, offset + 12 * 2, 4) !== checkOf(leg, number)) {
    return NO_MARKER;
  }
  return leg * MARKER_NUMBERS + number;
}

/**
 * Where in PCM from `offset` a marker starts, in samples, or undefined when there is no whole one: a voice that
 * was shifted has its markers away from the start of its frames. About 0.5 µs when there is none.
 */
export function findMarker(bytes: Uint8Array, offset: number, samples: number): number | undefined {
  for (let sample = 0; sample + MARKER_SAMPLES <= samples; sample += 1) {
    if (readMarker(bytes, offset + 2 * sample) !== NO_MARKER) {
      return sample;
    }
  }
  return undefined;
}

export function legOfMarker(marker: number): number {
  return Math.floor(marker / MARKER_NUMBERS);
}

export function numberOfMarker(marker: number): number {
  return marker % MARKER_NUMBERS;
}

/**
 * Whether the PCM at `offset` is `sent` in every bit but those of the marker.
 * @param sent one frame's payload before its marker was written.
 */
export function matchesUnderMarker(bytes: Buffer, offset: number, sent: Buffer): boolean {
  for (let byte = 0; byte < MARKER_SAMPLES * 2; byte += 1) {
    // The lower byte of a sample comes first; its lower half is the marker's.
    const mask = byte % 2 === 0 ? 0xf0 : 0xff;
    if ((((bytes[offset + byte] ?? 0) ^ (sent[byte] ?? 0)) & mask) !== 0) {
      return false;
    }
  }
  const start = MARKER_SAMPLES * 2;
  return bytes.compare(sent, start, sent.length, offset + start, offset + sent.length) === 0;
}

/** Puts `count` nibbles of `value`, highest first, into the low bits of consecutive samples. */
function putNibbles(bytes: Uint8Array, offset: number, count: number, value: number): void {
  for (let i = 0; i < count; i += 1) {
    const nibble = (value >> (4 * (count - 1 - i))) & 0xf;
    const at = offset + 2 * i;
    bytes[at] = ((bytes[at] ?? 0) & 0xf0) | nibble;
  }
}

function takeNibbles(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i += 1) {
    value = (value << 4) | ((bytes[offset + 2 * i] ?? 0) & 0xf);
  }
  return value;
}

/** 16 bits that change with each bit of leg and number (the multiplier is 2^32 over the golden ratio). */
function checkOf(leg: number, number: number): number {
  const mixed = Math.imul((leg << 16) ^ number ^ (leg >>> 3), 0x9e3779b1);
  return ((mixed >>> 16) ^ mixed) & 0xffff;
}
