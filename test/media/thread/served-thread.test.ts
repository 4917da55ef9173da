import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { MessagePort } from 'node:worker_threads';
import { allocateLegMemory, legMemoryAt } from '../../../src/media/ring/leg-memory.ts';
import type { MediaTask, ThreadOrders } from '../../../src/media/thread/media-messages.ts';
import { NO_ORDERS } from '../../../src/media/thread/orders.ts';
import { ServedThread } from '../../../src/media/thread/served-thread.ts';

/** A thread that does nothing, and what it is posted. */
class DeafThread {
  readonly thread: ServedThread;
  readonly posted: ThreadOrders[] = [];
  #port: MessagePort | undefined;
  #told = (): void => {};

  constructor(test: TestContext) {
    this.thread = ServedThread.open(
      'deaf',
      (port) => {
        this.#port = port;
        port.on('message', (orders: ThreadOrders) => {
          this.posted.push(orders);
          this.#told();
        });
        return new Promise(() => {});
      },
      () => {},
    );
    test.after(() => this.#port?.close());
  }

  /** Resolves when so many messages have come. */
  async untilPosted(messages: number): Promise<void> {
    while (this.posted.length < messages) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }
}

function newTask(): MediaTask {
  return { memory: allocateLegMemory(), firstMs: 0, rateHz: 8_000, orders: NO_ORDERS };
}

function wordsOf(orders: ThreadOrders): readonly string[] {
  const all = typeof orders === 'object' && orders.type === 'several' ? orders.orders : [orders];
  return all.map((order) => (typeof order === 'object' ? order.type : 'bell'));
}

describe('ServedThread', () => {
  it('posts what is ordered in one go as one message, in its order, and what comes later as another', async (t) => {
    const { thread, posted, untilPosted } = bound(new DeafThread(t));
    const one = thread.start(newTask());
    one.port.postMessage({ type: 'flush' });
    thread.start(newTask());
    await untilPosted(1);
    one.port.postMessage({ type: 'close' });
    await untilPosted(2);
    assert.deepEqual(posted.map(wordsOf), [['start', 'tell', 'start'], ['tell']]);
  });

  it('tells where the memory of a leg is, from which the other side makes the same', async (t) => {
    const { thread, posted, untilPosted } = bound(new DeafThread(t));
    const task = newTask();
    thread.start(task);
    await untilPosted(1);
    const order = posted[0];
    assert.ok(typeof order === 'object' && order.type === 'start');
    const { place } = order.task;
    assert.deepEqual(legMemoryAt({ ...place, memory: task.memory.place.memory }), task.memory);
    // The memory itself is shared, not copied.
    new Int32Array(place.memory)[0] = 77;
    assert.equal(new Int32Array(task.memory.place.memory)[0], 77);
  });
});

function bound(deaf: DeafThread) {
  const { thread, posted } = deaf;
  return { thread, posted, untilPosted: (messages: number) => deaf.untilPosted(messages) };
}
