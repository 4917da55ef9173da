/** Files that only who has the key can read. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sealer, unseal } from '../../../src/protocol/recording/sealed-file.ts';

const KEY = Buffer.alloc(32, 7);

function sealed(...pieces: readonly string[]): Buffer {
  const sealer = new Sealer(KEY);
  const parts = pieces.map((piece, index) => sealer.seal(Buffer.from(piece), index === pieces.length - 1));
  return Buffer.concat([sealer.start, ...parts]);
}

describe('a sealed file', () => {
  it('opens with its key, and shows nothing without', () => {
    const file = sealed('one ', 'two ', 'three');
    assert.deepEqual(unseal(file, KEY), { plain: Buffer.from('one two three'), end: 'whole' });
    assert.ok(!file.includes('two'));
    assert.deepEqual(unseal(file, Buffer.alloc(32, 8)), { plain: Buffer.alloc(0), end: 'wrong-key' });
  });

  it('that was cut anywhere opens up to the cut, and says so', () => {
    const file = sealed('one ', 'two ', 'three');
    for (let bytes = 24; bytes < file.length; bytes += 1) {
      const { plain, end } = unseal(file.subarray(0, bytes), KEY);
      assert.equal(end, 'cut');
      assert.ok(['', 'one ', 'one two '].includes(plain.toString()));
    }
    assert.equal(unseal(file.subarray(0, file.length - 1), KEY).plain.toString(), 'one two ');
  });

  it('is not taken for whole when pieces are left out, moved or changed', () => {
    const sealer = new Sealer(KEY);
    const [first, second, last] = ['one ', 'two ', 'three'].map((text, index) =>
      sealer.seal(Buffer.from(text), index === 2),
    );
    assert.ok(first !== undefined && second !== undefined && last !== undefined);
    const without = Buffer.concat([sealer.start, first, last]);
    const moved = Buffer.concat([sealer.start, second, first, last]);
    const changed = Buffer.concat([sealer.start, first, second, last]);
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
    assert.deepEqual(unseal(without, KEY), { plain: Buffer.from('one '), end: 'cut' });
    assert.equal(unseal(moved, KEY).plain.length, 0);
    assert.deepEqual(unseal(changed, KEY), { plain: Buffer.from('one two '), end: 'cut' });
  });

  it('never has the same key twice', () => {
    assert.notDeepEqual(sealed('same').subarray(24), sealed('same').subarray(24));
  });

  it('that is none is not opened', () => {
    assert.equal(unseal(Buffer.from('RIFF and some more bytes of it'), KEY).end, 'not-sealed');
  });
});
