import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameWire, type WireOwner, type WriteBytes } from '../../../src/media/ring/frame-wire.ts';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import { encodeAudio } from '../../../src/protocol/audiosocket/encoder.ts';

const DESCRIPTOR = 7;
const RATE_HZ = 8_000;

/** A kernel that takes what it is told to, and a leg's memory with both writers over it. */
class Kernel {
  readonly memory = allocateLegMemory();
  readonly main = this.writer('main');
  readonly thread = this.writer('thread');
  readonly taken: number[] = [];
  /** Bytes it takes of each write. */
  room = Number.POSITIVE_INFINITY;
  /** Called inside a write. */
  meanwhile = (): void => {};
  failure: string | undefined;

  writer(owner: WireOwner): FrameWire {
    const write: WriteBytes = (descriptor, bytes) => {
      assert.equal(descriptor, DESCRIPTOR);
      this.meanwhile();
      const code = this.failure ?? (this.room === 0 ? 'EAGAIN' : undefined);
      if (code !== undefined) {
        throw Object.assign(new Error(code), { code });
      }
      const some = bytes.subarray(0, this.room);
      this.taken.push(...some);
      return some.length;
    };
    return new FrameWire(this.memory.wire, owner, write);
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.taken);
  }
}

/** A frame of one value. */
function frame(value: number): Uint8Array {
  return new Uint8Array(320).fill(value);
}

function messages(...values: readonly number[]): Uint8Array {
  return Buffer.concat(values.map((value) => encodeAudio(frame(value), RATE_HZ)));
}

describe('FrameWire', () => {
  it('sends from both threads what is one wire, and counts what the media thread sent', () => {
    const kernel = new Kernel();
    assert.equal(kernel.thread.send(frame(1), RATE_HZ), false, 'there is no connection yet');
    kernel.main.connect(DESCRIPTOR);
    assert.deepEqual(
      [kernel.main.send(frame(2), RATE_HZ), kernel.thread.send(frame(3), RATE_HZ)],
      [true, true],
    );
    assert.deepEqual(kernel.bytes, Uint8Array.from(messages(2, 3)));
    const { threadFrames, threadBytes, threadDropped } = kernel.main;
    assert.deepEqual([threadFrames, threadBytes, threadDropped], [1, 320, 0]);
  });

  it('has a message that was begun ended by whoever writes next, and drops what finds no room', () => {
    const kernel = new Kernel();
    kernel.main.connect(DESCRIPTOR);
    kernel.room = 100;
    assert.equal(kernel.thread.send(frame(1), RATE_HZ), true);
    assert.equal(kernel.main.send(frame(2), RATE_HZ), false, 'the first is not out yet');
    kernel.room = 0;
    assert.equal(kernel.thread.send(frame(3), RATE_HZ), false);
    assert.deepEqual([kernel.main.droppedInARow, kernel.main.threadDropped], [2, 1]);
    kernel.room = 500;
    assert.equal(kernel.main.send(frame(4), RATE_HZ), true);
    assert.equal(kernel.main.droppedInARow, 0);
    assert.deepEqual(kernel.bytes, Uint8Array.from(messages(1, 4)));
  });

  it('is left with the rest of what was begun, and then writes nothing: the descriptor may be anybody’s', () => {
    const kernel = new Kernel();
    kernel.main.connect(DESCRIPTOR);
    kernel.room = 100;
    kernel.thread.send(frame(1), RATE_HZ);
    const left = kernel.main.disconnect();
    assert.deepEqual(Buffer.concat([kernel.bytes, left ?? Buffer.of()]), Buffer.from(messages(1)));
    assert.deepEqual(kernel.main.disconnect(), new Uint8Array(0));
    kernel.room = 500;
    assert.equal(kernel.thread.send(frame(2), RATE_HZ), false);
    assert.equal(kernel.taken.length, 100);
    assert.equal(kernel.main.threadDropped, 0, 'nobody missed it');
  });

  it('lets nobody leave while the other thread writes', () => {
    const kernel = new Kernel();
    kernel.main.connect(DESCRIPTOR);
    const meanwhile: unknown[] = [];
    kernel.meanwhile = () => {
      kernel.meanwhile = () => {};
      meanwhile.push(kernel.main.disconnect(), kernel.main.send(frame(2), RATE_HZ));
    };
    assert.equal(kernel.thread.send(frame(1), RATE_HZ), true);
    assert.deepEqual(meanwhile, [undefined, false]);
    assert.deepEqual(kernel.bytes, Uint8Array.from(messages(1)));
    assert.deepEqual(kernel.main.disconnect(), new Uint8Array(0));
  });

  it('goes on after a thread that died while it wrote: what it wrote is out', () => {
    const kernel = new Kernel();
    kernel.main.connect(DESCRIPTOR);
    // It never comes back from here.
    const dead = kernel.writer('thread');
    kernel.meanwhile = () => {
      kernel.taken.push(...messages(1));
      kernel.meanwhile = () => {};
      kernel.main.threadDied();
      assert.equal(kernel.main.send(frame(2), RATE_HZ), true);
      throw Object.assign(new Error('the thread is gone'), { code: 'EAGAIN' });
    };
    dead.send(frame(1), RATE_HZ);
    assert.deepEqual(kernel.bytes, Uint8Array.from(messages(1, 2)));
    // A lock that the main thread has is its own.
    kernel.meanwhile = () => {
      kernel.meanwhile = () => {};
      kernel.thread.threadDied();
      assert.equal(kernel.thread.send(frame(9), RATE_HZ), false);
    };
    assert.equal(kernel.main.send(frame(3), RATE_HZ), true);
  });

  it('knows a connection that is gone from one that is lost, and writes to neither', () => {
    for (const [code, reason] of [
      ['EPIPE', 'peer-reset'],
      ['ECONNRESET', 'peer-reset'],
      ['ETIMEDOUT', 'connection-lost'],
    ] as const) {
      const kernel = new Kernel();
      kernel.main.connect(DESCRIPTOR);
      assert.equal(kernel.main.broken, undefined);
      kernel.failure = code;
      assert.equal(kernel.thread.send(frame(1), RATE_HZ), false);
      assert.deepEqual([kernel.main.broken, kernel.main.connected], [reason, false]);
    }
  });

  it('is new in memory that was another leg’s', () => {
    const kernel = new Kernel();
    kernel.main.connect(DESCRIPTOR);
    kernel.thread.send(frame(1), RATE_HZ);
    kernel.main.clear();
    const { connected, threadFrames, threadBytes } = kernel.main;
    assert.deepEqual([connected, threadFrames, threadBytes], [false, 0, 0]);
  });
});
