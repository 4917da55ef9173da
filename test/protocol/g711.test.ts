import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeG711 } from '../../src/protocol/g711.ts';

describe('decodeG711', () => {
  it('gives the values of ITU-T G.711 for mu-law', () => {
    // Table 2a/G.711, 14-bit values times four: the largest, the second segment, the two zeros.
    const codes = Uint8Array.of(0x00, 0x80, 0x0f, 0x8f, 0x7f, 0xff, 0x7e, 0xfe, 0x70);
    assert.deepEqual([...decodeG711(codes, 'mu-law')], [-32_124, 32_124, -16_764, 16_764, 0, 0, -8, 8, -120]);
  });

  it('gives the values of ITU-T G.711 for A-law', () => {
    // Table 1a/G.711, 13-bit values times eight.
    const codes = Uint8Array.of(0x2a, 0xaa, 0x55, 0xd5, 0x54, 0xd4);
    assert.deepEqual([...decodeG711(codes, 'a-law')], [-32_256, 32_256, -8, 8, -24, 24]);
  });

  it('is odd: a code and its sign-flipped twin have opposite values', () => {
    for (let code = 0; code < 128; code += 1) {
      for (const law of ['mu-law', 'a-law'] as const) {
        const [a = 0, b = 0] = decodeG711(Uint8Array.of(code, code | 0x80), law);
        assert.equal(a + b, 0);
      }
    }
  });
});
