import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SilenceTrim } from '../../../src/media/play/silence-trim.ts';
import { concatPcm, noise, silence } from '../../asterisk/audio.ts';
import { inPieces } from '../frames.ts';

const RATE_HZ = 8_000;
/** 100 ms that are nowhere silent for long, and loud at both ends. */
const VOICE = noise(100, RATE_HZ, 0.5).map((sample) => (Math.abs(sample) < 200 ? 200 : sample));

/** What passes of `pcm`, given in pieces of `samples`. */
function trimmed(
  pcm: Int16Array,
  { samples = 160, short = false, mostCutMs = 0 } = {},
): { readonly heard: Int16Array; readonly cutMs: number } {
  const heard: Int16Array[] = [];
  const trim = new SilenceTrim(RATE_HZ, (passed) => heard.push(passed.slice()));
  let cutMs = 0;
  for (const piece of inPieces(pcm, samples)) {
    cutMs += trim.push(piece, short, mostCutMs);
  }
  return { heard: concatPcm(...heard), cutMs };
}

const HURRIED = { short: true, mostCutMs: Number.POSITIVE_INFINITY };

describe('SilenceTrim', () => {
  it('passes sound as it is', () => {
    for (const samples of [1, 37, 160]) {
      assert.deepEqual(trimmed(VOICE, { samples }).heard, VOICE);
    }
  });

  it('leaves out what is before the first sound but for 10 ms', () => {
    for (const samples of [1, 37, 160]) {
      const { heard } = trimmed(concatPcm(silence(333, RATE_HZ), VOICE), { samples });
      assert.deepEqual(heard, concatPcm(silence(10, RATE_HZ), VOICE));
    }
  });

  it('leaves out what is after the last sound but for 80 ms, or 40 when time is short', () => {
    const pcm = concatPcm(VOICE, silence(777, RATE_HZ));
    assert.deepEqual(trimmed(pcm).heard, concatPcm(VOICE, silence(80, RATE_HZ)));
    assert.deepEqual(trimmed(pcm, { short: true }).heard, concatPcm(VOICE, silence(40, RATE_HZ)));
  });

  it('keeps a pause whole, bit for bit, while there is time', () => {
    const breath = noise(500, RATE_HZ, 0.002);
    const pcm = concatPcm(VOICE, breath, VOICE);
    assert.deepEqual(trimmed(pcm).heard, pcm);
  });

  it('leaves 80 ms of a pause of more than 150 ms when time is short, and says how much it left out', () => {
    const long = trimmed(concatPcm(VOICE, silence(400, RATE_HZ), VOICE), HURRIED);
    assert.deepEqual(long.heard, concatPcm(VOICE, silence(80, RATE_HZ), VOICE));
    assert.equal(long.cutMs, 320);
    const pcm = concatPcm(VOICE, silence(150, RATE_HZ), VOICE);
    assert.deepEqual(trimmed(pcm, HURRIED).heard, pcm);
  });

  it('leaves out no more than it is allowed', () => {
    const { heard, cutMs } = trimmed(concatPcm(VOICE, silence(400, RATE_HZ), VOICE), {
      short: true,
      mostCutMs: 100,
    });
    assert.deepEqual(heard, concatPcm(VOICE, silence(300, RATE_HZ), VOICE));
    assert.equal(cutMs, 100);
  });

  it('passes nothing on of a segment that is all silence', () => {
    assert.equal(trimmed(silence(1_000, RATE_HZ)).heard.length, 0);
  });

  it('passes held silence on when asked, and nothing held from one segment into the next', () => {
    const heard: Int16Array[] = [];
    const trim = new SilenceTrim(RATE_HZ, (passed) => heard.push(passed.slice()));
    trim.push(VOICE, false, 0);
    trim.push(silence(200, RATE_HZ), false, 0);
    assert.equal(trim.heldSamples, 120 * 8);
    trim.release(160);
    assert.equal(trim.heldSamples, 100 * 8);
    trim.begin(RATE_HZ);
    assert.equal(trim.heldSamples, 0);
    trim.push(VOICE, false, 0);
    assert.deepEqual(concatPcm(...heard), concatPcm(VOICE, silence(100, RATE_HZ), VOICE));
  });
});
