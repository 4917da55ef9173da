import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import { MOST_AT_ONCE, PaceSchedule } from '../../../src/media/ring/pace-schedule.ts';

function scheduleAt(firstMs: number) {
  const schedule = new PaceSchedule(allocateLegMemory().pace, firstMs);
  return { lateness: schedule.lateness, due: (nowMs: number) => schedule.due(nowMs) };
}

describe('PaceSchedule', () => {
  it('sends nothing before the deadline and one frame at it', () => {
    const schedule = new PaceSchedule(allocateLegMemory().pace, 100);
    assert.deepEqual(
      [schedule.due(0), schedule.due(99.9), schedule.due(100), schedule.due(100)],
      [0, 0, 1, 0],
    );
    assert.equal(schedule.forgiven, 0);
  });

  it('sends one frame when it is asked less than a frame late, and is on the grid again', () => {
    const schedule = new PaceSchedule(allocateLegMemory().pace, 100);
    assert.deepEqual([schedule.due(119.9), schedule.due(119.95), schedule.due(120)], [1, 0, 1]);
  });

  for (let lateFrames = 1; lateFrames <= 15; lateFrames += 1) {
    const sent = Math.min(lateFrames + 1, MOST_AT_ONCE);
    it(`sends ${sent} and forgives the rest after ${lateFrames * 20} ms of stall`, () => {
      const schedule = new PaceSchedule(allocateLegMemory().pace, 100);
      assert.equal(schedule.due(100 + lateFrames * 20), sent);
      assert.equal(schedule.forgiven, lateFrames + 1 - sent);
      assert.equal(schedule.due(100 + lateFrames * 20 + 19.9), 0, 'the next deadline is on the grid');
      assert.equal(schedule.due(100 + lateFrames * 20 + 20), 1);
    });
  }

  it('numbers the frames that it gave out by their place on the grid, those forgiven among them', () => {
    const schedule = new PaceSchedule(allocateLegMemory().pace, 100);
    const numbers = [100, 120, 240].map((nowMs) =>
      Array.from({ length: schedule.due(nowMs) }, () => schedule.takeNumber()),
    );
    assert.deepEqual(numbers, [[0], [1], [6, 7]]);
  });

  it('lets a frame be due to one of two threads, whoever asks first', () => {
    const { pace } = allocateLegMemory();
    const [main, thread] = [new PaceSchedule(pace, 100), new PaceSchedule(pace, 100)];
    assert.deepEqual([thread.due(100), main.due(100), main.overdue(100)], [1, 0, 0]);
    assert.deepEqual([main.overdue(140), main.due(140), thread.due(141)], [2, 2, 0]);
    assert.deepEqual([thread.overdue(220), thread.due(220), main.due(220), main.forgiven], [4, 2, 0, 2]);
  });

  it('counts how late frames were, of those that leave at once after a stall each its own time', () => {
    const { lateness, due } = scheduleAt(100);
    for (const nowMs of [100, 120.4, 143, 186.9]) {
      due(nowMs);
    }
    assert.deepEqual(
      [...lateness.entries()].filter(([, count]) => count > 0),
      [
        ['0.5', 2],
        ['3', 1],
        ['10', 1],
        ['40', 1],
        ['sum', 37.2],
      ],
    );
  });

  it('counts no lateness of what it forgives', () => {
    const { lateness, due } = scheduleAt(100);
    due(500);
    assert.deepEqual(
      [...lateness.entries()].filter(([, count]) => count > 0),
      [
        ['0.5', 1],
        ['20', 1],
        ['sum', 20],
      ],
    );
  });

  it('has not drifted after 10,000 frames, each asked for up to 15 ms late', () => {
    const schedule = new PaceSchedule(allocateLegMemory().pace, 7);
    for (let frame = 0; frame < 10_000; frame += 1) {
      const deadlineMs = 7 + frame * 20;
      assert.equal(schedule.due(deadlineMs - 0.001), 0);
      assert.equal(schedule.due(deadlineMs + (frame % 16)), 1);
    }
    assert.equal(schedule.forgiven, 0);
  });
});
