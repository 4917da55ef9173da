/**
 * G.711 to linear PCM and back, by table. Source: ITU-T G.711 (1988); the tables follow its segment formulas.
 */

/** The two laws of G.711: mu-law in North America and Japan, A-law elsewhere. */
export type G711Law = 'mu-law' | 'a-law';

const MU_LAW = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return (bits & 0x80) === 0 ? magnitude - 0x84 : 0x84 - magnitude;
});

const A_LAW = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const step = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
});

/** Decodes `codes`, one sample each; the result belongs to the caller. */
export function decodeG711(codes: Uint8Array, law: G711Law): Int16Array {
  const table = law === 'mu-law' ? MU_LAW : A_LAW;
  const pcm = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) {
    pcm[i] = table[codes[i] ?? 0] ?? 0;
  }
  return pcm;
}

/** By sample, from -32,768 on: looking a code up costs less than working it out. */
const TO_MU_LAW = Uint8Array.from({ length: 65_536 }, (_, index) => muLawOf(index - 32_768));
const TO_A_LAW = Uint8Array.from({ length: 65_536 }, (_, index) => aLawOf(index - 32_768));

/** Encodes `pcm`, one code each; the result belongs to the caller. */
export function encodeG711(pcm: Int16Array, law: G711Law): Uint8Array {
  const table = law === 'mu-law' ? TO_MU_LAW : TO_A_LAW;
  const codes = new Uint8Array(pcm.length);
  for (let i = 0; i < pcm.length; i += 1) {
    codes[i] = table[(pcm[i] ?? 0) + 32_768] ?? 0;
  }
  return codes;
}

function muLawOf(sample: number): number {
  const magnitude = 0x84 + Math.abs(sample);
  const segment = segmentOf(magnitude);
  const code = segment > 7 ? 0x7f : (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return code ^ (sample >= 0 ? 0xff : 0x7f);
}

function aLawOf(sample: number): number {
  const magnitude = sample >= 0 ? sample : -sample - 1;
  const segment = segmentOf(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f);
  return code ^ (sample >= 0 ? 0xd5 : 0x55);
}

/** Which of the segments, each twice as long as the one below it, a magnitude lies in; the first ends at 255. */
function segmentOf(magnitude: number): number {
  return 24 - Math.clz32(magnitude | 0xff);
}
