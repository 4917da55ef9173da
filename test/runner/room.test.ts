import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../base/fake-clock.ts';
import type { ProcessorTime } from '../bench/realtime/machine-load.ts';
import { Room } from './room.ts';

/** A file of ten seconds. */
const FILE_MS = 10_000;
const NEVER = new AbortController().signal;

/** When files that were given all at once began, in s, on processors that are busy as `busyPercentAt` says. */
async function begins(files: number, busyPercentAt: (ms: number) => number): Promise<readonly number[]> {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  let busyTicks = 0;
  let readMs = startMs;
  const read = (): ProcessorTime => {
    busyTicks += ((clock.nowMs() - readMs) * busyPercentAt(readMs - startMs)) / 100;
    readMs = clock.nowMs();
    return { busyTicks, allTicks: readMs };
  };
  const room = new Room(clock, 60, read);
  const began: number[] = [];
  const all = Promise.all(
    Array.from({ length: files }, () =>
      room.run(async () => {
        began.push(Math.round((clock.nowMs() - startMs) / 1_000));
        await clock.sleep(FILE_MS, NEVER);
      }),
    ),
  );
  await clock.advance(files * 2 * FILE_MS);
  await all;
  return began;
}

describe('Room', () => {
  it('starts files one after the other while the processors have time, each after what the last one cost', async () => {
    assert.deepEqual(await begins(3, () => 10), [0, 4, 8]);
  });

  it('waits for one that runs to end where the processors are full', async () => {
    assert.deepEqual(await begins(3, () => 90), [0, 10, 20]);
  });

  it('goes on as soon as they have time again', async () => {
    assert.deepEqual(await begins(2, (ms) => (ms < 6_000 ? 90 : 10)), [0, 8]);
  });

  it('does not wait where it cannot be told', async () => {
    const clock = new FakeClock();
    const room = new Room(clock, 60, () => undefined);
    const began: number[] = [];
    const all = [1, 2].map((file) =>
      room.run(async () => {
        began.push(file);
        await clock.sleep(FILE_MS, NEVER);
      }),
    );
    await clock.advance(FILE_MS - 1);
    assert.deepEqual(began, [1, 2]);
    await clock.advance(2 * FILE_MS);
    await Promise.all(all);
  });
});
