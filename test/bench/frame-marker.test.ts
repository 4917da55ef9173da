import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findMarker,
  legOfMarker,
  matchesUnderMarker,
  NO_MARKER,
  numberOfMarker,
  readMarker,
  writeMarker,
} from './frame-marker.ts';

function frame(): Buffer {
  return Buffer.from(Uint8Array.from({ length: 320 }, (_, index) => (index * 37) & 0xff));
}

describe('the frame marker', () => {
  it('reads what it wrote, at even and odd offsets', () => {
    for (const [leg, number] of [
      [0, 0],
      [1, 2],
      [399, 1_000],
      [65_535, 1_048_575],
    ] as const) {
      for (const offset of [0, 3]) {
        const bytes = Buffer.concat([Buffer.alloc(offset), frame()]);
        writeMarker(bytes, offset, leg, number);
        const marker = readMarker(bytes, offset);
        assert.equal(legOfMarker(marker), leg);
        assert.equal(numberOfMarker(marker), number);
      }
    }
  });

  it('changes no sample by more than its four lowest bits', () => {
    const before = frame();
    const after = frame();
    writeMarker(after, 0, 123, 45_678);
    for (let i = 0; i < 160; i += 1) {
      assert.equal(after.readInt16LE(2 * i) >> 4, before.readInt16LE(2 * i) >> 4);
    }
  });

  it('is gone when one bit of it flips', () => {
    const bytes = frame();
    writeMarker(bytes, 0, 17, 4_242);
    for (let sample = 0; sample < 16; sample += 1) {
      for (let bit = 0; bit < 4; bit += 1) {
        const at = 2 * sample;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        assert.equal(readMarker(bytes, 0), NO_MARKER, `sample ${sample}, bit ${bit}`);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
    }
  });

  it('is not found in silence, nor one sample off its place', () => {
    assert.equal(readMarker(Buffer.alloc(320), 0), NO_MARKER);
    const bytes = frame();
    writeMarker(bytes, 0, 17, 4_242);
    assert.equal(readMarker(bytes, 2), NO_MARKER);
  });
});

describe('findMarker', () => {
  it('finds a marker wherever it lies whole, and none in silence', () => {
    const bytes = Buffer.alloc(323);
    assert.equal(findMarker(bytes, 3, 160), undefined);
    writeMarker(bytes, 3 + 2 * 144, 5, 6);
    assert.equal(findMarker(bytes, 3, 160), 144);
    assert.equal(findMarker(bytes, 3, 159), undefined);
  });
});

describe('matchesUnderMarker', () => {
  it('sees a flip of any bit that is not the marker', () => {
    const sent = frame();
    const heard = Buffer.concat([Buffer.alloc(3), sent]);
    writeMarker(heard, 3, 9, 99);
    assert.ok(matchesUnderMarker(heard, 3, sent));
    for (let byte = 0; byte < 320; byte += 1) {
      const bit = 1 << (byte < 32 && byte % 2 === 0 ? 4 + (byte % 4) : byte % 8);
      heard[3 + byte] = (heard[3 + byte] ?? 0) ^ bit;
      assert.ok(!matchesUnderMarker(heard, 3, sent), `byte ${byte}`);
      heard[3 + byte] = (heard[3 + byte] ?? 0) ^ bit;
    }
  });
});
