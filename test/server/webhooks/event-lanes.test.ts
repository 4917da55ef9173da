/** Events that wait in lanes. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventLanes } from '../../../src/server/webhooks/event-lanes.ts';

describe('lanes of events', () => {
  it('take turns, and a lane is held until what was taken of it is settled', () => {
    const lanes = new EventLanes<string>(10);
    for (const [lane, event] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
      ['b', 'b2'],
    ] as const) {
      lanes.push(lane, event);
    }
    assert.deepEqual([lanes.take()?.event, lanes.take()?.event, lanes.take()], ['a1', 'b1', undefined]);
    lanes.settle('b');
    assert.deepEqual([lanes.take()?.event, lanes.take()], ['b2', undefined]);
    lanes.push('a', 'a3');
    lanes.giveBack('a', 'a1');
    assert.deepEqual(lanes.take(), { lane: 'a', event: 'a1' });
    lanes.settle('a');
    lanes.settle('b');
    assert.equal(lanes.take()?.event, 'a2');
    lanes.settle('a');
    assert.equal(lanes.take()?.event, 'a3');
    lanes.settle('a');
    assert.deepEqual([lanes.size, lanes.take()], [0, undefined]);
  });

  it('that are full drop the oldest of the lane that has most, and nothing that was taken', () => {
    const lanes = new EventLanes<string>(3);
    lanes.push('a', 'a1');
    lanes.take();
    assert.deepEqual(
      ['b1', 'b2', 'b3'].map((event) => lanes.push('b', event)),
      [false, false, true],
    );
    assert.equal(lanes.size, 3);
    assert.equal(lanes.take()?.event, 'b2');
    // All that are left are taken: the new one has no room.
    lanes.push('c', 'c1');
    lanes.take();
    assert.deepEqual([lanes.push('d', 'd1'), lanes.size], [true, 3]);
    lanes.settle('a');
    assert.equal(lanes.push('d', 'd2'), false);
  });

  it('forget what was not taken', () => {
    const lanes = new EventLanes<string>(10);
    lanes.push('a', 'a1');
    lanes.push('a', 'a2');
    lanes.push('b', 'b1');
    lanes.take();
    lanes.clear();
    assert.equal(lanes.size, 1);
    lanes.settle('a');
    assert.deepEqual([lanes.size, lanes.take()], [0, undefined]);
  });
});
