/**
 * G.711 codes of linear samples, for tests of the decoder and of Asterisks that send it. It searches for the nearest
 * code, so it shares no arithmetic with the decoder but the decoder's own table.
 */

import { decodeG711, type G711Law } from '../../src/protocol/g711.ts';

export function encodeG711(pcm: Int16Array, law: G711Law): Uint8Array {
  const values = decodeG711(
    Uint8Array.from({ length: 256 }, (_, code) => code),
    law,
  );
  return Uint8Array.from(pcm, (sample) => {
    let nearest = 0;
    for (let code = 1; code < 256; code += 1) {
      if (Math.abs((values[code] ?? 0) - sample) < Math.abs((values[nearest] ?? 0) - sample)) {
        nearest = code;
      }
    }
    return nearest;
  });
}
