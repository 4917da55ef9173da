import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeStretch } from '../../src/media/dsp/time-stretch.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import { writeMarker } from './frame-marker.ts';
import { framesBehind, TONE_FRAMES, toneFrames, tonePosition } from './tone-clock.ts';

for (const rateHz of [8_000, 16_000, 48_000]) {
  describe(`the tone at ${rateHz} Hz`, () => {
    const frames = toneFrames(rateHz);
    const samples = rateHz / 50;
    const stream = Buffer.concat(frames);

    it('tells the place of a frame to 3 ms, with a marker in it too', () => {
      for (const [number, frame] of frames.entries()) {
        const marked = Buffer.from(frame);
        writeMarker(marked, 0, 399, number);
        const position = tonePosition(marked, 0, samples, rateHz);
        assert.ok(position !== undefined, `frame ${number}`);
        assert.ok(Math.abs(position - number) * 20 <= 3, `frame ${number} read as ${position}`);
      }
    });

    it('tells the place of a frame that was shifted by samples', () => {
      for (let start = 37; start + samples * 2 < stream.length / 2; start += 1_001) {
        const position = tonePosition(stream, 2 * start, samples, rateHz);
        assert.ok(position !== undefined);
        assert.ok(Math.abs(position - start / samples) * 20 <= 3, `sample ${start} read as ${position}`);
      }
    });

    it('says nothing where the tone begins again, nor in silence', () => {
      const last = frames[TONE_FRAMES - 1];
      const first = frames[0];
      assert.ok(last !== undefined && first !== undefined);
      const both = Buffer.concat([last.subarray(samples), first.subarray(0, samples)]);
      assert.equal(tonePosition(both, 0, samples, rateHz), undefined);
      assert.equal(tonePosition(Buffer.alloc(samples * 2), 0, samples, rateHz), undefined);
    });
  });
}

describe('the tone played faster', () => {
  it('tells the place to 12 ms in nearly every frame, since its pitch is kept', async () => {
    const stretch = new TimeStretch(await loadMediaModules(), 8_000, 1.3);
    const made = new Int16Array(160 * TONE_FRAMES);
    let madeSamples = 0;
    for (const frame of toneFrames(8_000)) {
      stretch.write(Int16Array.from({ length: 160 }, (_, i) => frame.readInt16LE(2 * i)));
      madeSamples += stretch.read(made.subarray(madeSamples));
    }
    stretch.close();
    const bytes = new Uint8Array(made.buffer);
    const errorsMs: number[] = [];
    let unread = 0;
    for (let start = 0; start + 160 <= madeSamples; start += 160) {
      const position = tonePosition(bytes, 2 * start, 160, 8_000);
      if (position === undefined) {
        unread += 1;
      } else {
        errorsMs.push(Math.abs(position - (start * 1.3) / 160) * 20);
      }
    }
    assert.ok(errorsMs.length > 40 && unread <= 2, `${unread} unread`);
    assert.ok(Math.max(...errorsMs) <= 12, `${Math.max(...errorsMs)} ms off`);
  });
});

describe('framesBehind', () => {
  it('counts back from the newest frame, over the place where the tone begins again', () => {
    assert.equal(framesBehind(10, 12), 2);
    assert.equal(framesBehind(63.5, 128 + 1), 1.5);
    assert.equal(framesBehind(12.25, 12), -0.25);
  });
});
