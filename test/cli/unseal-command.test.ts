import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { parseWav, wavHeader } from '../../src/protocol/wav.ts';
import { runWords } from './run-words.ts';

const KEY_HEX = 'ab'.repeat(32);

/** A sealed WAV of 100 samples whose lengths were never written, and its key. */
async function sealed(t: TestContext, { cutBytes = 0, keyHex = KEY_HEX } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-unseal-'));
  t.after(() => rm(folder, { recursive: true }));
  const sealer = new Sealer(Buffer.from(KEY_HEX, 'hex'));
  const pcm = Buffer.from(new Int16Array(100).fill(7).buffer);
  const pieces = [wavHeader(8_000, 0), pcm].map((piece) => sealer.seal(piece, false));
  const file = Buffer.concat([sealer.start, ...pieces, sealer.seal(Buffer.alloc(0), true)]);
  const path = join(folder, 'stereo.wav.sealed');
  await writeFile(path, file.subarray(0, file.length - cutBytes));
  const keyPath = join(folder, 'key');
  await writeFile(keyPath, keyHex, { mode: 0o600 });
  return { opened: join(folder, 'stereo.wav'), words: ['unseal', path, '--record-key-file', keyPath] };
}

describe('dragoman unseal', () => {
  it('writes a WAV that says how long it is', async (t) => {
    const { opened, words } = await sealed(t);
    const { status, out } = await runWords(words);
    assert.equal(status, 0);
    assert.match(out, /opened/);
    assert.deepEqual(parseWav(await readFile(opened)), { rateHz: 8_000, pcm: new Int16Array(100).fill(7) });
  });

  it('opens what was cut off as far as it goes, and says so', async (t) => {
    const { opened, words } = await sealed(t, { cutBytes: 1 });
    const { status, out } = await runWords(words);
    assert.equal(status, 1);
    assert.match(out, /cut off/);
    assert.equal(parseWav(await readFile(opened)).pcm.length, 100);
  });

  it('writes nothing by another key', async (t) => {
    const { opened, words } = await sealed(t, { keyHex: 'cd'.repeat(32) });
    const { status, out } = await runWords(words);
    assert.equal(status, 1);
    assert.match(out, /does not open with this key/);
    assert.ok(!existsSync(opened));
  });

  it('leaves a file alone that is there already', async (t) => {
    const { opened, words } = await sealed(t);
    await writeFile(opened, 'mine');
    const { status, error } = await runWords(words);
    assert.equal(status, 1);
    assert.match(error, /cannot be written \(EEXIST\)/);
    assert.equal(await readFile(opened, 'utf8'), 'mine');
  });

  it('opens the others where one cannot be read, and says what to name', async (t) => {
    const { opened, words } = await sealed(t);
    const [command = '', ...rest] = words;
    const { status, out, error } = await runWords([command, tmpdir(), ...rest]);
    assert.equal(status, 1);
    assert.match(error, /\(EISDIR\): name files that end with \.sealed/);
    assert.match(out, /stereo\.wav\.sealed: opened/);
    assert.ok(existsSync(opened));
  });
});
