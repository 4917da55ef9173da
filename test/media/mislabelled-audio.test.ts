import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MislabelledAudio, type RealAudio } from '../../src/media/mislabelled-audio.ts';
import { bytesOf } from '../../src/media/sound.ts';
import { concatPcm, loadLibrivoxClips, noise, silence, sine } from '../asterisk/audio.ts';
import { encodeG711 } from '../protocol/g711-encoder.ts';

/** The verdict on `bytes`, sent in payloads of `payloadBytes` each `everyMs`, and how many payloads it took. */
function judge(
  bytes: Uint8Array,
  payloadBytes: number,
  everyMs: number,
): { readonly verdict: RealAudio | undefined; readonly payloads: number } {
  const audio = new MislabelledAudio();
  let payloads = 0;
  for (let at = 0; at + payloadBytes <= bytes.length; at += payloadBytes) {
    payloads += 1;
    if (audio.look(bytes.subarray(at, at + payloadBytes), payloads * everyMs) !== undefined) {
      break;
    }
  }
  return { verdict: audio.verdict, payloads };
}

/** A voice at 8 kHz: every second sample of one at 16 kHz, which is good enough to tell laws apart. */
function narrowVoice(): Int16Array {
  const [clip] = loadLibrivoxClips();
  assert.ok(clip !== undefined);
  return clip.pcm.filter((_, index) => index % 2 === 0);
}

const wideBytes = bytesOf(noise(4_000, 16_000));
const narrowBytes = bytesOf(narrowVoice());

const CASES = [
  {
    fact: 'mu-law, 20 ms a payload',
    bytes: encodeG711(narrowVoice(), 'mu-law'),
    size: 160,
    everyMs: 20,
    is: 'mu-law',
  },
  {
    fact: 'A-law, 20 ms a payload',
    bytes: encodeG711(narrowVoice(), 'a-law'),
    size: 160,
    everyMs: 20,
    is: 'a-law',
  },
  {
    fact: 'a tone in mu-law',
    bytes: encodeG711(sine(440, 4_000, 8_000), 'mu-law'),
    size: 160,
    everyMs: 20,
    is: 'mu-law',
  },
  { fact: '16 kHz linear, 20 ms a payload', bytes: wideBytes, size: 640, everyMs: 20, is: 'linear-16k' },
  { fact: '8 kHz linear, 20 ms a payload', bytes: narrowBytes, size: 320, everyMs: 20, is: 'as-labelled' },
  { fact: '8 kHz linear, 10 ms a payload', bytes: narrowBytes, size: 160, everyMs: 10, is: 'as-labelled' },
  { fact: '8 kHz linear, 40 ms a payload', bytes: narrowBytes, size: 640, everyMs: 40, is: 'as-labelled' },
  {
    fact: '8 kHz linear, 10 ms a payload, half of them lost',
    bytes: narrowBytes,
    size: 160,
    everyMs: 20,
    is: 'as-labelled',
  },
] as const;

describe('MislabelledAudio', () => {
  for (const { fact, bytes, size, everyMs, is } of CASES) {
    it(`knows ${fact} for what it is`, () => {
      assert.equal(judge(bytes, size, everyMs).verdict, is);
    });
  }

  it('knows 8 kHz linear at the first payload when its length is that of nothing else', () => {
    assert.equal(judge(narrowBytes, 320, 20).payloads, 1);
    assert.equal(judge(narrowBytes, 480, 30).payloads, 1);
  });

  it('waits while there is nothing but silence, and judges what follows', () => {
    const quiet = encodeG711(silence(4_000, 8_000), 'a-law');
    assert.equal(judge(quiet, 160, 20).verdict, undefined);
    const pcm = concatPcm(silence(4_000, 8_000), narrowVoice());
    const { verdict, payloads } = judge(encodeG711(pcm, 'a-law'), 160, 20);
    assert.equal(verdict, 'a-law');
    assert.ok(payloads > 200, `${payloads}`);
  });

  it('takes payloads of changing lengths as they are labelled', () => {
    const audio = new MislabelledAudio();
    assert.equal(audio.look(narrowBytes.subarray(0, 160), 0), undefined);
    assert.equal(audio.look(narrowBytes.subarray(0, 640), 20), 'as-labelled');
  });

  it('keeps its verdict', () => {
    const audio = new MislabelledAudio();
    assert.equal(audio.look(narrowBytes.subarray(0, 320), 0), 'as-labelled');
    for (let payload = 1; payload < 40; payload += 1) {
      assert.equal(audio.look(wideBytes.subarray(0, 640), payload * 20), 'as-labelled');
    }
  });

  it('is not misled by bundles: packets of 10 ms that come by twos', () => {
    const audio = new MislabelledAudio();
    for (let payload = 0; payload < 40; payload += 1) {
      const at = payload * 160;
      audio.look(narrowBytes.subarray(at, at + 160), Math.floor(payload / 2) * 20);
    }
    assert.equal(audio.verdict, 'as-labelled');
  });
});
