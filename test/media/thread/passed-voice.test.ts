/** Who makes a leg's frames while one voice is passed on, and when that ends. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FrameRingReader } from '../../../src/media/ring/frame-ring.ts';
import { FrameWire, WireState } from '../../../src/media/ring/frame-wire.ts';
import { allocateLegMemory, freeLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import { VoiceLevel } from '../../../src/media/ring/voice-level.ts';
import { NO_ORDERS, type Orders } from '../../../src/media/thread/orders.ts';
import { PassedVoice } from '../../../src/media/thread/passed-voice.ts';

const RATE_HZ = 8_000;
const DESCRIPTOR = 17;
const modules = await loadMediaModules();

function open(test: TestContext) {
  const memory = allocateLegMemory();
  const partner = allocateLegMemory();
  const slept: boolean[] = [];
  const passed = new PassedVoice({
    modules,
    counters: new MediaCounters(memory.counters),
    outbound: new FrameRingReader(memory.outbound, 0),
    way: new WireState(memory.wire),
    level: new VoiceLevel(memory.inbound),
    atOnce: false,
    quiet: () => true,
    sleep: (on) => slept.push(on),
  });
  test.after(() => {
    passed.close();
    freeLegMemory(memory);
    freeLegMemory(partner);
  });
  const thread = new FrameWire(memory.wire, 'thread', (_, bytes) => bytes.length);
  thread.connect(DESCRIPTOR);
  const through: Orders = {
    ...NO_ORDERS,
    voices: [{ id: 'partner', ring: partner.inbound, how: 'through' }],
  };
  return { passed, slept, through, threadSends: () => thread.send(new Uint8Array(320), RATE_HZ) };
}

describe('PassedVoice', () => {
  it('takes the frames over from a task that sends, which sleeps', (test) => {
    const { passed, slept, through, threadSends } = open(test);
    threadSends();
    assert.equal(passed.yields(), true);
    passed.ordered(through, 100);
    passed.look(100);
    assert.deepEqual([passed.asleep, passed.yields(), slept], [true, false, [true]]);
    assert.equal(passed.take(RATE_HZ, 120)?.length, 320);
  });

  it('goes on until the woken task has sent a frame, and then claims none of its frames', (test) => {
    const { passed, slept, through, threadSends } = open(test);
    passed.ordered(through, 0);
    passed.look(0);
    passed.ordered(NO_ORDERS, 100);
    assert.deepEqual(slept, [true, false]);
    assert.equal(passed.yields(), false);
    assert.equal(passed.take(RATE_HZ, 120)?.length, 320);
    threadSends();
    assert.deepEqual([passed.yields(), passed.mayHaveFrame], [true, false]);
  });

  it('leaves the task awake for as long as it is needed', (test) => {
    const { passed, slept, through } = open(test);
    passed.ordered(through, 0);
    passed.needTask(500);
    passed.look(499);
    assert.deepEqual(slept, []);
    passed.look(500);
    assert.deepEqual(slept, [true]);
  });
});
