import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOf } from '../../../src/media/dsp/sound.ts';
import { MislabelledAudio, type RealAudio } from '../../../src/media/hear/mislabelled-audio.ts';
import { encodeG711 } from '../../../src/protocol/g711.ts';
import { G722Encoder } from '../../../src/protocol/g722-encoder.ts';
import { concatPcm, loadLibrivoxClips, noise, silence, sine } from '../../asterisk/audio.ts';

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
    audio.look(bytes.subarray(at, at + payloadBytes), payloads * everyMs);
    if (audio.verdict !== undefined) {
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

/** A voice at 16 kHz. */
function wideVoice(): Int16Array {
  const [clip] = loadLibrivoxClips();
  assert.ok(clip !== undefined);
  return clip.pcm;
}

const wideBytes = bytesOf(noise(4_000, 16_000));
const narrowBytes = bytesOf(narrowVoice());

/** What each is in a ms of it, and how a voice is sent as it. */
const CODECS = [
  { is: 'as-labelled', bytesPerMs: 16, bytes: narrowBytes },
  { is: 'linear-16k', bytesPerMs: 32, bytes: bytesOf(wideVoice()) },
  { is: 'mu-law', bytesPerMs: 8, bytes: encodeG711(narrowVoice(), 'mu-law') },
  { is: 'a-law', bytesPerMs: 8, bytes: encodeG711(narrowVoice(), 'a-law') },
  { is: 'g722', bytesPerMs: 8, bytes: new G722Encoder().encode(wideVoice()) },
] as const;

const CASES = [
  {
    fact: 'a tone in mu-law',
    bytes: encodeG711(sine(440, 4_000, 8_000), 'mu-law'),
    size: 160,
    everyMs: 20,
    is: 'mu-law',
  },
  {
    fact: 'a tone in G.722',
    bytes: new G722Encoder().encode(sine(440, 4_000, 16_000)),
    size: 160,
    everyMs: 20,
    is: 'g722',
  },
  { fact: '16 kHz linear noise', bytes: wideBytes, size: 640, everyMs: 20, is: 'linear-16k' },
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

  for (const { is, bytesPerMs, bytes } of CODECS) {
    it(`knows a voice for ${is} in packets of 10 to 60 ms, within a second of speech`, () => {
      for (const packetMs of [10, 20, 30, 40, 60]) {
        const { verdict, payloads } = judge(bytes, packetMs * bytesPerMs, packetMs);
        assert.equal(verdict, is, `${packetMs} ms`);
        assert.ok(payloads * packetMs <= 1_000, `${packetMs} ms: ${payloads}`);
      }
    });
  }

  it('lets 8 kHz linear be heard from its first payload, and nothing that is noise as such', () => {
    for (const { is, bytesPerMs, bytes } of CODECS) {
      for (const packetMs of [20, 30]) {
        const audio = new MislabelledAudio();
        const size = packetMs * bytesPerMs;
        // Where the voice is in the middle of a word.
        const from = 1_000 * bytesPerMs;
        const heard = [0, 1, 2].map((payload) =>
          audio.look(bytes.subarray(from + payload * size, from + (payload + 1) * size), payload * packetMs),
        );
        if (is === 'as-labelled') {
          assert.deepEqual(heard, [is, is, is], `${packetMs} ms`);
        } else if (is !== 'linear-16k') {
          assert.deepEqual(heard, [undefined, undefined, undefined], `${is}, ${packetMs} ms`);
        }
      }
    }
  });

  it('is not misled by a channel that is emptied, payload after payload', () => {
    for (const [size, packetMs] of [
      [160, 10],
      [320, 20],
      [640, 40],
    ] as const) {
      const audio = new MislabelledAudio();
      const waited = 600 / packetMs;
      for (let payload = 0; payload < 2_000 / packetMs; payload += 1) {
        // 600 ms of sound come within 200 ms, then each payload when it is due.
        const atMs = payload < waited ? (payload * packetMs) / 3 : (payload - waited) * packetMs + 200;
        audio.look(narrowBytes.subarray(payload * size, (payload + 1) * size), atMs);
      }
      assert.equal(audio.verdict, 'as-labelled', `${packetMs} ms`);
    }
  });

  it('is not misled by a machine that stands still again and again for longer than a phone may be late', () => {
    // What was sent while it stood still is read at once, or bit by bit, as legs are served in turns.
    for (const stillMs of [150, 400, 900]) {
      for (const betweenMs of [0, 1, 3]) {
        for (const [size, packetMs] of [
          [160, 10],
          [320, 20],
          [640, 40],
        ] as const) {
          const audio = new MislabelledAudio();
          let freeMs = 0;
          for (let payload = 0; payload < 3_000 / packetMs; payload += 1) {
            const dueMs = payload * packetMs;
            // It stands still for a while, then runs for as long, but begins with standing still.
            const still = Math.floor(dueMs / stillMs) % 2 === 0;
            const readMs = still ? (Math.floor(dueMs / stillMs) + 1) * stillMs : dueMs;
            freeMs = Math.max(readMs, freeMs + betweenMs);
            audio.look(narrowBytes.subarray(payload * size, (payload + 1) * size), freeMs);
          }
          assert.equal(audio.verdict, 'as-labelled', `${stillMs} ms, ${packetMs} ms, ${betweenMs} ms`);
        }
      }
    }
  });

  it('is not misled by what waited before the first read and came at once', () => {
    for (const { is, bytesPerMs, bytes } of CODECS) {
      for (const packetMs of [10, 20, 40]) {
        for (const waited of [5, 20]) {
          const audio = new MislabelledAudio();
          const size = packetMs * bytesPerMs;
          for (let payload = 0; payload < 2_000 / packetMs; payload += 1) {
            const atMs = Math.max(payload, waited) * packetMs;
            audio.look(bytes.subarray(payload * size, (payload + 1) * size), atMs);
          }
          assert.equal(audio.verdict, is, `${waited} of ${packetMs} ms`);
        }
      }
    }
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
    for (let payload = 0; payload < 10; payload += 1) {
      audio.look(narrowBytes.subarray(payload * 320, (payload + 1) * 320), payload * 20);
    }
    assert.equal(audio.verdict, 'as-labelled');
    for (let payload = 10; payload < 40; payload += 1) {
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
