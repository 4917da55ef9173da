import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameSamples } from '../../../src/base/units.ts';
import { HEARD_QUALITY, Resampler, SPEECH_QUALITY } from '../../../src/media/dsp/resampler.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { AUDIO_KINDS } from '../../../src/protocol/audiosocket/kinds.ts';
import { concatPcm, levelDbfs, noise, sine, sliceMs, toneDbfs } from '../../asterisk/audio.ts';
import { inPieces } from '../frames.ts';

const modules = await loadMediaModules();

/** The rates inside: wire rates of narrow legs, recognition's, and those of speech engines. */
const INNER_HZ = [8_000, 16_000, 22_050, 24_000];

/** Every conversion a call can need, once. */
const PAIRS = [
  ...new Set(
    INNER_HZ.flatMap((innerHz) =>
      AUDIO_KINDS.flatMap(({ rateHz }) => [`${rateHz} ${innerHz}`, `${innerHz} ${rateHz}`]),
    ),
  ),
]
  .map((pair) => pair.split(' ').map(Number))
  .map(([fromHz = 0, toHz = 0]) => ({ fromHz, toHz }))
  .filter(({ fromHz, toHz }) => fromHz !== toHz);

interface Conversion {
  readonly fromHz: number;
  readonly toHz: number;
  readonly quality?: number;
  /** How many samples are converted at a time; default a frame. */
  readonly pieceSamples?: number;
}

function convert(
  pcm: Int16Array,
  { fromHz, toHz, quality = HEARD_QUALITY, ...rest }: Conversion,
): Int16Array {
  const resampler = new Resampler(modules, fromHz, toHz, quality);
  const pieces = inPieces(pcm, rest.pieceSamples ?? frameSamples(fromHz));
  const made = concatPcm(...pieces.map((piece) => resampler.process(piece).slice()));
  resampler.close();
  return made;
}

/** The middle of a second, away from the filter's delay. */
function middle(pcm: Int16Array, rateHz: number): Int16Array {
  return sliceMs(pcm, rateHz, 200, 900);
}

describe('Resampler', () => {
  it('gives one sample for each it is due, within one, at every moment', () => {
    for (const { fromHz, toHz } of PAIRS) {
      const resampler = new Resampler(modules, fromHz, toHz, HEARD_QUALITY);
      let taken = 0;
      let made = 0;
      for (const piece of inPieces(noise(1_000, fromHz), 37)) {
        taken += piece.length;
        made += resampler.process(piece).length;
        const dueSamples = (taken * toHz) / fromHz;
        assert.ok(Math.abs(made - dueSamples) <= 1, `${fromHz} to ${toHz}: ${made} of ${dueSamples}`);
      }
      assert.equal(made, toHz, `${fromHz} to ${toHz}: a second for a second`);
      resampler.close();
    }
  });

  it('keeps a tone of 1 kHz within 0.1 dB', () => {
    for (const { fromHz, toHz } of PAIRS) {
      const tone = sine(1_000, 1_000, fromHz);
      const made = convert(tone, { fromHz, toHz });
      const gainDb =
        toneDbfs(middle(made, toHz), 1_000, toHz) - toneDbfs(middle(tone, fromHz), 1_000, fromHz);
      assert.ok(Math.abs(gainDb) < 0.1, `${fromHz} to ${toHz}: ${gainDb} dB`);
      assert.ok(Math.abs(levelDbfs(middle(made, toHz)) - levelDbfs(middle(tone, fromHz))) < 0.1);
    }
  });

  it('rejects a tone a fifth above what the new rate can carry by 100 dB', () => {
    for (const { fromHz, toHz } of PAIRS.filter((pair) => pair.toHz * 1.3 < pair.fromHz)) {
      const tone = sine((toHz / 2) * 1.2, 1_000, fromHz, 0.9);
      const made = convert(tone, { fromHz, toHz });
      const rejectedDb = levelDbfs(tone) - levelDbfs(middle(made, toHz));
      assert.ok(rejectedDb >= 100, `${fromHz} to ${toHz}: ${rejectedDb} dB`);
    }
  });

  it('leaves an image of a tone above the old rate that is 100 dB below it', () => {
    for (const { fromHz, toHz } of PAIRS.filter((pair) => pair.toHz / 2 > pair.fromHz - 1_000)) {
      const made = middle(convert(sine(1_000, 1_000, fromHz, 0.9), { fromHz, toHz }), toHz);
      const imageDb = toneDbfs(made, 1_000, toHz) - toneDbfs(made, fromHz - 1_000, toHz);
      assert.ok(imageDb >= 100, `${fromHz} to ${toHz}: ${imageDb} dB`);
    }
  });

  it('rejects by 70 dB in the quality that recognition gets', () => {
    for (const { rateHz } of AUDIO_KINDS.filter((kind) => kind.rateHz > 16_000)) {
      const tone = sine(9_600, 1_000, rateHz, 0.9);
      const made = convert(tone, { fromHz: rateHz, toHz: 16_000, quality: SPEECH_QUALITY });
      const rejectedDb = levelDbfs(tone) - levelDbfs(middle(made, 16_000));
      assert.ok(rejectedDb >= 70, `${rateHz}: ${rejectedDb} dB`);
    }
  });

  it('gives the same in pieces of any length, longer than its buffer too', () => {
    for (const { fromHz, toHz } of PAIRS) {
      const pcm = noise(1_000, fromHz, 0.5);
      const inFrames = convert(pcm, { fromHz, toHz });
      for (const pieceSamples of [37, 4_096, 4_097, pcm.length]) {
        assert.deepEqual(convert(pcm, { fromHz, toHz, pieceSamples }), inFrames, `${fromHz} to ${toHz}`);
      }
    }
  });

  it('gives nothing for nothing', () => {
    const resampler = new Resampler(modules, 8_000, 16_000, HEARD_QUALITY);
    assert.equal(resampler.process(new Int16Array(0)).length, 0);
    resampler.close();
  });

  it('keeps streams apart that are converted in turns', () => {
    const [one, other] = [noise(400, 8_000, 0.5, 1), noise(400, 8_000, 0.5, 2)];
    const streams = [one, other].map((pcm) => {
      const made: Int16Array[] = [];
      return { pcm, resampler: new Resampler(modules, 8_000, 16_000, HEARD_QUALITY), made };
    });
    for (let at = 0; at < one.length; at += 160) {
      for (const { pcm, resampler, made } of streams) {
        made.push(resampler.process(pcm.subarray(at, at + 160)).slice());
      }
    }
    for (const { pcm, resampler, made } of streams) {
      assert.deepEqual(concatPcm(...made), convert(pcm, { fromHz: 8_000, toHz: 16_000 }));
      resampler.close();
    }
  });

  it('refuses rates that are none', () => {
    assert.throws(() => new Resampler(modules, 0, 8_000, HEARD_QUALITY), RangeError);
    assert.throws(() => new Resampler(modules, 8_000, 0, HEARD_QUALITY), RangeError);
    assert.throws(() => new Resampler(modules, 8_000, 16_000, 11), RangeError);
  });

  it('refuses to convert after close, which can be repeated', () => {
    const resampler = new Resampler(modules, 8_000, 16_000, HEARD_QUALITY);
    resampler.close();
    resampler.close();
    assert.throws(() => resampler.process(new Int16Array(160)), { code: 'closed' });
  });
});
