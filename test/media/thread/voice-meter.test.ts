import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amplitudeAt } from '../../../src/media/dsp/sound.ts';
import { allocateFrameRing, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { VoiceMeter } from '../../../src/media/thread/voice-meter.ts';

const SAMPLES = 160;

/** A leg's ring, and who looks at it. */
function rig() {
  const ring = allocateFrameRing(32, 2 * SAMPLES);
  const writer = new FrameRingWriter(ring);
  return {
    meter: new VoiceMeter(ring),
    /** A frame of samples that are all alike has that level. */
    say: (dbfs: number) =>
      writer.writeSamples(new Int16Array(SAMPLES).fill(Math.round(amplitudeAt(dbfs))), 8_000, 0),
  };
}

describe('VoiceMeter', () => {
  it('goes from 0 at -60 dBFS to 100 at full scale, in even steps', () => {
    for (const [dbfs, level] of [
      [-70, 0],
      [-60, 0],
      [-45, 25],
      [-30, 50],
      [-15, 75],
      [-0.01, 100],
    ] as const) {
      const { meter, say } = rig();
      say(dbfs);
      assert.equal(meter.read(), level, `${dbfs} dBFS`);
    }
  });

  it('tells of the loudest frame since it was read last, and of none twice', () => {
    const { meter, say } = rig();
    say(-45);
    say(-15);
    say(-30);
    assert.equal(meter.read(), 75);
    assert.equal(meter.read(), 0);
    say(-30);
    assert.equal(meter.read(), 50);
  });

  it('tells who looks seldom of the latest 200 ms', () => {
    const { meter, say } = rig();
    say(-15);
    for (let frame = 0; frame < 10; frame += 1) {
      say(-30);
    }
    assert.equal(meter.read(), 50);
  });

  it('shows nothing of silence', () => {
    const { meter, say } = rig();
    say(Number.NEGATIVE_INFINITY);
    assert.equal(meter.read(), 0);
  });
});
