import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allocateFrameRing, FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { VoiceLevel } from '../../../src/media/ring/voice-level.ts';

describe('VoiceLevel', () => {
  it('tells everyone who has the ring how loud the loudest frame since the last tick was', () => {
    const ring = allocateFrameRing(4, 320);
    const [own, other] = [new VoiceLevel(ring), new VoiceLevel(ring)];
    assert.equal(other.amplitude, 0);
    own.heard(1_000 ** 2);
    own.heard(3_000 ** 2);
    assert.equal(other.amplitude, 0, 'not before the tick');
    own.publish();
    assert.equal(other.amplitude, 3_000);
  });

  it('rises at once, falls by 20 dB in a second, and reaches 0', () => {
    const level = new VoiceLevel(allocateFrameRing(4, 320));
    level.heard(10_000 ** 2);
    level.publish();
    for (let tick = 0; tick < 50; tick += 1) {
      level.publish();
    }
    assert.ok(Math.abs(level.amplitude - 1_000) < 30, `${level.amplitude}`);
    level.heard(2_000 ** 2);
    level.publish();
    assert.equal(level.amplitude, 2_000);
    for (let tick = 0; tick < 250; tick += 1) {
      level.publish();
    }
    assert.equal(level.amplitude, 0);
  });

  it('is wanted once anybody has asked for it', () => {
    const ring = allocateFrameRing(4, 320);
    const [own, other] = [new VoiceLevel(ring), new VoiceLevel(ring)];
    assert.equal(own.wanted, false);
    other.want();
    assert.equal(own.wanted, true);
  });

  it('leaves the frames of the ring alone', () => {
    const ring = allocateFrameRing(4, 320);
    const reader = new FrameRingReader(ring, 0);
    new FrameRingWriter(ring).writeSamples(new Int16Array(160).fill(7), 8_000, 5);
    const level = new VoiceLevel(ring);
    level.heard(1e6);
    level.publish();
    assert.deepEqual(reader.read(), new Int16Array(160).fill(7));
    assert.equal(reader.available, 0);
  });
});
