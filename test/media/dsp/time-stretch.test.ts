import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeStretch } from '../../../src/media/dsp/time-stretch.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { concatPcm, loadLibrivoxClips, noise, sine, sliceMs } from '../../asterisk/audio.ts';
import { durationMs, framesOf, greatestStep, pitchHz } from '../frames.ts';

const modules = await loadMediaModules();

/** All that is ready now. */
function drain(stretch: TimeStretch): Int16Array {
  const pcm = new Int16Array(stretch.available);
  assert.equal(stretch.read(pcm), pcm.length);
  return pcm;
}

/** `pcm` in frames through a time stretch, flushed. */
function stretched(pcm: Int16Array, rateHz: number, speed: number): Int16Array {
  const stretch = new TimeStretch(modules, rateHz, speed);
  const made: Int16Array[] = [];
  for (const frame of framesOf(pcm, rateHz)) {
    stretch.write(frame);
    made.push(drain(stretch));
  }
  stretch.flush();
  made.push(drain(stretch));
  stretch.close();
  return concatPcm(...made);
}

describe('TimeStretch', () => {
  const clips = loadLibrivoxClips();

  for (const speed of [1.25, 1.3]) {
    it(`makes speech shorter by ${speed}, within 3 %`, () => {
      for (const { pcm, rateHz, name } of clips) {
        const ratio = durationMs(pcm, rateHz) / durationMs(stretched(pcm, rateHz, speed), rateHz);
        assert.ok(Math.abs(ratio / speed - 1) < 0.03, `${name}: ${ratio}`);
      }
    });

    it(`keeps the pitch of a tone at ${speed}, within 2 %, at all rates`, () => {
      for (const rateHz of [8_000, 16_000, 44_100, 48_000, 192_000]) {
        for (const toneHz of [100, 220, 300, 1_000]) {
          const made = stretched(sine(toneHz, 2_000, rateHz), rateHz, speed);
          const heardHz = pitchHz(sliceMs(made, rateHz, 200, 1_300), rateHz);
          assert.ok(Math.abs(heardHz / toneHz - 1) < 0.02, `${toneHz} Hz at ${rateHz} Hz is ${heardHz} Hz`);
        }
      }
    });
  }

  it('holds back at most 30 ms, which flush makes available', () => {
    const stretch = new TimeStretch(modules, 8_000, 1.25);
    let made = 0;
    for (const frame of framesOf(sine(220, 1_000, 8_000), 8_000)) {
      stretch.write(frame);
      made += drain(stretch).length;
    }
    assert.ok(made >= (1_000 / 1.25 - 30) * 8 && made < 800 * 8, `${made} samples of 6,400`);
    stretch.flush();
    made += drain(stretch).length;
    assert.ok(Math.abs(made / 6_400 - 1) < 0.03, `${made} samples of 6,400`);
    assert.equal(stretch.available, 0);
    stretch.close();
  });

  it('changes its speed while it runs, without a step', () => {
    const stretch = new TimeStretch(modules, 8_000, 1.25);
    const made: Int16Array[] = [];
    const lengths = [1.25, 1.1, 1].map((speed, index) => {
      stretch.setSpeed(speed);
      const before = concatPcm(...made).length;
      for (const frame of framesOf(sine(200, 2_000, 8_000), 8_000)) {
        stretch.write(frame);
        made.push(drain(stretch));
      }
      return { speed, index, ratio: 16_000 / (concatPcm(...made).length - before) };
    });
    for (const { speed, ratio } of lengths) {
      assert.ok(Math.abs(ratio / speed - 1) < 0.04, `${ratio} for ${speed}`);
    }
    assert.ok(greatestStep(concatPcm(...made)) <= greatestStep(sine(200, 100, 8_000)) * 1.05);
    stretch.close();
  });

  it('passes sound as it is within 200 ms of being set to 1', () => {
    const stretch = new TimeStretch(modules, 8_000, 1.25);
    for (const [index, frame] of framesOf(sine(220, 700, 8_000), 8_000).entries()) {
      stretch.setSpeed(index < 25 ? 1.25 : 1);
      stretch.write(frame);
      drain(stretch);
    }
    const pcm = noise(500, 8_000);
    const made: Int16Array[] = [];
    for (const frame of framesOf(pcm, 8_000)) {
      stretch.write(frame);
      made.push(drain(stretch));
    }
    assert.deepEqual(concatPcm(...made), pcm);
    stretch.close();
  });

  it('takes more at once than fits its buffer', () => {
    const stretch = new TimeStretch(modules, 48_000, 1.25);
    stretch.write(sine(220, 1_000, 48_000));
    stretch.flush();
    let made = 0;
    const out = new Int16Array(48_000);
    for (let samples = stretch.read(out); samples > 0; samples = stretch.read(out)) {
      made += samples;
    }
    assert.ok(Math.abs(made / 38_400 - 1) < 0.03, `${made} samples of 38,400`);
    stretch.close();
  });

  it('reads no more than there is room for', () => {
    const stretch = new TimeStretch(modules, 8_000, 1.25);
    stretch.write(sine(220, 200, 8_000));
    const { available } = stretch;
    assert.equal(stretch.read(new Int16Array(100)), 100);
    assert.equal(stretch.available, available - 100);
    stretch.close();
  });

  it('refuses work after close, which can be repeated', () => {
    const stretch = new TimeStretch(modules, 8_000, 1.25);
    stretch.close();
    stretch.close();
    assert.equal(stretch.available, 0);
    assert.throws(() => stretch.write(new Int16Array(160)), { code: 'closed' });
    assert.throws(() => stretch.setSpeed(1.1), { code: 'closed' });
    assert.throws(() => stretch.flush(), { code: 'closed' });
    assert.throws(() => stretch.read(new Int16Array(160)), { code: 'closed' });
  });
});
