import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeardRecording } from '../../src/client/heard-recording.ts';

/** 20 ms at 8 kHz, all samples the same. */
function frame(value: number): Int16Array {
  return new Int16Array(160).fill(value);
}

describe('HeardRecording', () => {
  it('joins frames that come about when they should', () => {
    const recording = new HeardRecording(8_000);
    for (const [index, jitterMs] of [0, 9, -4, 30, 2].entries()) {
      recording.add(index * 20 + jitterMs, frame(index + 1), 8_000);
    }
    const pcm = recording.toPcm();
    assert.equal(pcm.length, 5 * 160);
    assert.deepEqual(
      [0, 160, 320, 480, 640].map((at) => pcm[at]),
      [1, 2, 3, 4, 5],
    );
  });

  it('fills the time in which nothing came with silence', () => {
    const recording = new HeardRecording(8_000);
    recording.add(100, frame(1), 8_000);
    recording.add(500, frame(2), 8_000);
    const pcm = recording.toPcm();
    assert.equal(pcm.indexOf(1), 800);
    assert.equal(pcm.indexOf(2), 4_000);
    assert.equal(pcm.length, 4_160);
    assert.equal(recording.durationMs, 520);
  });

  it('keeps every frame of a burst, in order', () => {
    const recording = new HeardRecording(8_000);
    for (let i = 1; i <= 4; i += 1) {
      recording.add(300, frame(i), 8_000);
    }
    recording.add(320, frame(5), 8_000);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((value) => recording.toPcm().indexOf(value)),
      [2_400, 2_560, 2_720, 2_880, 3_040],
    );
  });

  it('converts frames of another rate, keeping their length in time', () => {
    const recording = new HeardRecording(16_000);
    recording.add(0, frame(500), 8_000);
    recording.add(20, new Int16Array(960).fill(700), 48_000);
    const pcm = recording.toPcm();
    assert.deepEqual([pcm.length, pcm[0], pcm[319], pcm[320], pcm[639]], [640, 500, 500, 700, 700]);
  });

  it('is made longer with silence on request, never shorter', () => {
    const recording = new HeardRecording(8_000);
    recording.add(0, frame(1), 8_000);
    assert.equal(recording.toPcm(1_000).length, 8_000);
    assert.equal(recording.toPcm(5).length, 160);
    assert.equal(new HeardRecording(8_000).toPcm().length, 0);
  });
});
