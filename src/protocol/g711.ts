/**
 * G.711 to linear PCM, by table. Source: ITU-T G.711 (1988); the tables follow its segment formulas.
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
