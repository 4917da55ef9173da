import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import { VoiceLevel } from '../../../src/media/ring/voice-level.ts';
import { LegLink } from '../../../src/media/thread/leg-link.ts';
import { LocalThreads } from '../../../src/media/thread/local-threads.ts';
import type { HearMode } from '../../../src/media/thread/orders.ts';
import { decodeG711 } from '../../../src/protocol/g711.ts';
import type { RtpFormat } from '../../../src/protocol/rtp/payloads.ts';
import { concatPcm, findDtmfKey, findSoundMs, isTone, noise, sine, sliceMs } from '../../asterisk/audio.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { framesOf } from '../frames.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** A leg whose media may pass a partner's voice through, ticked each 20 ms; the partner speaks 3 ms before that. */
class Rig {
  readonly clock = new FakeClock();
  readonly threads = new LocalThreads(modules, this.clock, false, true);
  readonly leg: LegLink;
  readonly partner = allocateLegMemory().inbound;
  readonly #writer = new FrameRingWriter(this.partner);

  /** @param rtp the format of a leg over RTP. */
  constructor(test: TestContext, rtp?: RtpFormat) {
    this.leg = LegLink.open(this.threads, this.clock, silentLog, { firstMs: 0, rtp });
    test.after(() => this.close());
  }

  async close(): Promise<void> {
    const closed = this.leg.close();
    await this.clock.advance(100);
    await closed;
  }

  hear(how: HearMode): void {
    this.leg.order({ voices: [{ id: 'partner', ring: this.partner, how }] });
  }

  /** What the leg is sent while the partner says `said`, a frame each 20 ms. */
  async run(said: Int16Array, saidHz = RATE_HZ): Promise<Int16Array> {
    const sent: Int16Array[] = [];
    for (const frame of framesOf(said, saidHz)) {
      await this.clock.advance(17);
      this.say(frame, saidHz);
      await this.clock.advance(3);
      sent.push(this.#take());
    }
    return concatPcm(...sent);
  }

  /** The partner says a frame. */
  say(frame: Int16Array, rateHz = RATE_HZ): void {
    this.#writer.writeSamples(frame, rateHz, this.clock.nowMs());
  }

  /** What it is sent in `ticks` while nobody speaks. */
  async wait(ticks: number): Promise<Int16Array> {
    const sent: Int16Array[] = [];
    for (let tick = 0; tick < ticks; tick += 1) {
      await this.clock.advance(20);
      sent.push(this.#take());
    }
    return concatPcm(...sent);
  }

  #take(): Int16Array {
    const bytes = this.leg.takeFrame();
    return bytes === undefined ? new Int16Array(160) : new Int16Array(bytes.slice().buffer);
  }
}

describe('a voice that is heard as it is, alone', () => {
  it('is passed through bit for bit, as soon as it is there, and the task sleeps', async (t) => {
    const rig = new Rig(t);
    await rig.wait(3);
    rig.hear('through');
    await rig.wait(1);
    const said = noise(1_000, RATE_HZ);
    // The frame said 3 ms before it is due is in it; a task makes its frame 4 ms before.
    assert.deepEqual(await rig.run(said), said);
    assert.equal(rig.threads.asleep, 1);
    assert.equal(rig.leg.sendRateHz, RATE_HZ);
  });

  it('goes by the task of a leg over RTP, which codes it, and its silence too', async (t) => {
    const rig = new Rig(t, 'alaw');
    await rig.wait(3);
    rig.hear('through');
    const said = sine(440, 1_000, RATE_HZ, 0.3);
    const payloads: Uint8Array[] = [];
    for (const frame of framesOf(said, RATE_HZ)) {
      rig.say(frame);
      await rig.clock.advance(20);
      payloads.push(rig.leg.takeFrame()?.slice() ?? new Uint8Array(0));
    }
    assert.equal(rig.threads.asleep, 0);
    assert.ok(payloads.slice(5).every(({ length }) => length === 160));
    const heard = concatPcm(...payloads.map((payload) => decodeG711(payload, 'a-law')));
    assert.ok(isTone(sliceMs(heard, RATE_HZ, 200, 900), 440, RATE_HZ));
    assert.deepEqual(rig.leg.silence, new Uint8Array(160).fill(0xd5));
  });

  it('leaves silence where the speaker says nothing, and no frame too many', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(200, RATE_HZ));
    assert.equal(findSoundMs(await rig.wait(10), RATE_HZ), undefined);
    assert.equal(
      rig.leg.takeFrame(),
      undefined,
      'the process stood still, and there is nothing to catch up on',
    );
  });

  it('wakes the task for a key, beneath which the voice goes on, and passes it by again', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(200, RATE_HZ));
    rig.leg.pressKey('5');
    const sent = await rig.run(sine(440, 1_000, RATE_HZ).map((sample) => sample / 10));
    assert.equal(rig.threads.asleep, 0);
    assert.equal(findDtmfKey(sliceMs(sent, RATE_HZ, 40, 100), RATE_HZ), '5');
    assert.ok(isTone(sliceMs(sent, RATE_HZ, 500, 900), 440, RATE_HZ));
    await rig.run(noise(1_200, RATE_HZ));
    const said = noise(400, RATE_HZ);
    assert.deepEqual(await rig.run(said), said);
    assert.equal(rig.threads.asleep, 1);
  });

  it('wakes the task for speech, and for what else is ordered', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(200, RATE_HZ));
    const told: string[] = [];
    const segment = rig.leg.openSegment(RATE_HZ, undefined, {
      started: () => told.push('started'),
      ended: (_, end) => told.push(end),
    });
    segment.add(sine(1_000, 400, RATE_HZ));
    segment.end();
    const spoken = await rig.wait(30);
    assert.ok(isTone(sliceMs(spoken, RATE_HZ, 100, 300), 1_000, RATE_HZ));
    assert.deepEqual(told, ['started', 'played']);
    rig.leg.order({ waiting: true });
    await rig.wait(150);
    assert.equal(rig.threads.asleep, 0);
    rig.leg.order({ voices: [], waiting: false });
    await rig.wait(150);
    assert.equal(rig.threads.asleep, 0);
  });

  it('is the newest there is when a task takes over, however long it slept', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(2_000, RATE_HZ));
    rig.leg.pressKey('1');
    await rig.run(noise(1_000, RATE_HZ));
    await rig.run(noise(3_000, RATE_HZ));
    rig.leg.pressKey('2');
    await rig.run(noise(400, RATE_HZ));
    const { liveLost, liveTrimmed, ticksMissed } = rig.leg.counts;
    assert.deepEqual({ liveLost, liveTrimmed, ticksMissed }, { liveLost: 0, liveTrimmed: 0, ticksMissed: 0 });
  });

  it('goes by the task when it has another rate than the listener', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    const sent = await rig.run(sine(440, 1_000, 16_000), 16_000);
    assert.equal(rig.threads.asleep, 0);
    assert.ok(isTone(sliceMs(sent, RATE_HZ, 500, 900), 440, RATE_HZ));
    assert.equal(rig.leg.sendRateHz, RATE_HZ);
  });

  it('goes by the task when somebody asks how loud the listener speaks', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(200, RATE_HZ));
    assert.equal(rig.threads.asleep, 1);
    new VoiceLevel(rig.leg.voice).want();
    await rig.run(noise(200, RATE_HZ));
    assert.equal(rig.threads.asleep, 0);
  });

  it('goes on while the task dies in its sleep and starts again', async (t) => {
    const rig = new Rig(t);
    rig.hear('through');
    await rig.run(noise(200, RATE_HZ));
    rig.threads.kill();
    const said = noise(400, RATE_HZ);
    assert.deepEqual(await rig.run(said), said);
    assert.equal(rig.leg.counts.mediaRestarts, 1);
    assert.equal(rig.threads.asleep, 1);
  });

  it('is nothing for the main thread when the task is needed all the time', async (t) => {
    const rig = new Rig(t);
    rig.leg.order({ attending: true });
    rig.hear('through');
    await rig.run(noise(400, RATE_HZ));
    assert.equal(rig.threads.asleep, 0);
    rig.leg.order({ attending: false });
    rig.hear('duck');
    await rig.run(noise(400, RATE_HZ));
    assert.equal(rig.threads.asleep, 0);
  });
});
