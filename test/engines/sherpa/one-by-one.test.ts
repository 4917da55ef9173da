import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OneByOne } from '../../../src/engines/sherpa/child/one-by-one.ts';
import { MESSAGE } from '../../../src/engines/sherpa/model-wire.ts';
import { FakeClock } from '../../base/fake-clock.ts';

describe('work of a model that is done one by one', () => {
  it('is said each second to be going on, for as long as it may take, and no longer than it takes', async () => {
    const clock = new FakeClock();
    const said: (readonly [type: number, id: number])[] = [];
    const line = new OneByOne((type, id) => said.push([type, id]), clock);
    let done = (): void => {};
    line.add(7, 28_000, () => new Promise((resolve) => (done = resolve)));
    line.add(8, 3_000, () => new Promise(() => {}));
    await clock.advance(11_200);
    assert.deepEqual(said, Array(11).fill([MESSAGE.working, 0]));
    done();
    await clock.advance(0);
    said.length = 0;
    await clock.advance(60_000);
    assert.deepEqual(said, Array(3).fill([MESSAGE.working, 0]), 'the second hangs');
    assert.equal(clock.pendingTimers, 0);
  });

  it('is told when it fails, and is followed by the next', async () => {
    const clock = new FakeClock();
    const said: (readonly [type: number, id: number])[] = [];
    const line = new OneByOne((type, id) => said.push([type, id]), clock);
    line.add(1, 1_000, () => Promise.reject(new Error('no')));
    line.add(2, 1_000, async () => {});
    await clock.advance(5_000);
    assert.deepEqual([said, clock.pendingTimers], [[[MESSAGE.refused, 1]], 0]);
  });
});
