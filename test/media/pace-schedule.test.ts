import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MOST_AT_ONCE, PaceSchedule } from '../../src/media/pace-schedule.ts';

describe('PaceSchedule', () => {
  it('sends nothing before the deadline and one frame at it', () => {
    const schedule = new PaceSchedule(100);
    assert.deepEqual(
      [schedule.due(0), schedule.due(99.9), schedule.due(100), schedule.due(100)],
      [0, 0, 1, 0],
    );
    assert.equal(schedule.forgiven, 0);
  });

  it('sends one frame when it is asked less than a frame late, and is on the grid again', () => {
    const schedule = new PaceSchedule(100);
    assert.deepEqual([schedule.due(119.9), schedule.due(119.95), schedule.due(120)], [1, 0, 1]);
  });

  for (let lateFrames = 1; lateFrames <= 15; lateFrames += 1) {
    const sent = Math.min(lateFrames + 1, MOST_AT_ONCE);
    it(`sends ${sent} and forgives the rest after ${lateFrames * 20} ms of stall`, () => {
      const schedule = new PaceSchedule(100);
      assert.equal(schedule.due(100 + lateFrames * 20), sent);
      assert.equal(schedule.forgiven, lateFrames + 1 - sent);
      assert.equal(schedule.due(100 + lateFrames * 20 + 19.9), 0, 'the next deadline is on the grid');
      assert.equal(schedule.due(100 + lateFrames * 20 + 20), 1);
    });
  }

  it('has not drifted after 10,000 frames, each asked for up to 15 ms late', () => {
    const schedule = new PaceSchedule(7);
    for (let frame = 0; frame < 10_000; frame += 1) {
      const deadlineMs = 7 + frame * 20;
      assert.equal(schedule.due(deadlineMs - 0.001), 0);
      assert.equal(schedule.due(deadlineMs + (frame % 16)), 1);
    }
    assert.equal(schedule.forgiven, 0);
  });
});
