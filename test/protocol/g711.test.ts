import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { decodeG711, encodeG711 } from '../../src/protocol/g711.ts';

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

describe('encodeG711', () => {
  it("is the same to the bit as another maker's coder, for each sample there is", () => {
    // By g711_encode() of libspandsp 0.0.6, of -32,768 to 32,767, called from Python's ctypes.
    const every = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    const muLaw = createHash('sha256').update(encodeG711(every, 'mu-law')).digest('hex');
    assert.equal(muLaw, '5ee7cf5f273f842d2234121e4cb0c98d6b20a99ac29026f94e05b36955b195be');
    const aLaw = createHash('sha256').update(encodeG711(every, 'a-law')).digest('hex');
    assert.equal(aLaw, '38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b');
  });

  it('gives back the code that was decoded', () => {
    for (const law of ['mu-law', 'a-law'] as const) {
      const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
      const again = encodeG711(decodeG711(codes, law), law);
      // mu-law has two zeros, and the samples do not tell which it was.
      const expected = codes.map((code) => (law === 'mu-law' && code === 0x7f ? 0xff : code));
      assert.deepEqual(again, expected);
    }
  });
});
