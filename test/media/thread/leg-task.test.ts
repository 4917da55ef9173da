import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FrameRingReader, FrameRingWriter, frameRingHeader } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, type MediaCounter, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import { VoiceLevel } from '../../../src/media/ring/voice-level.ts';
import { LegTask } from '../../../src/media/thread/leg-task.ts';
import type { MediaEvent } from '../../../src/media/thread/media-messages.ts';
import { NO_ORDERS, type Orders } from '../../../src/media/thread/orders.ts';
import {
  concatPcm,
  findDtmfKey,
  isTone,
  levelDbfs,
  noise,
  silence,
  sine,
  sliceMs,
  toneDbfs,
} from '../../asterisk/audio.ts';
import { framesOf, greatestStep, softened } from '../frames.ts';
import { playMusic } from '../played-music.ts';
import { voiceLike } from '../voice-like.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** A leg on its media thread, a partner whose ring can be written to, and the pacer that takes frames. */
class Rig {
  readonly events: MediaEvent[] = [];
  readonly media: LegTask;
  nowMs = 100_000;
  readonly partner = allocateLegMemory().inbound;
  #orders: Orders;
  readonly #memory = allocateLegMemory();
  readonly #partnerSays = new FrameRingWriter(this.partner);
  readonly #inbound = new FrameRingWriter(this.#memory.inbound);
  readonly #outbound = new FrameRingReader(this.#memory.outbound, 0);

  constructor(test: TestContext, orders: Orders = { ...NO_ORDERS, attending: true }) {
    this.#orders = orders;
    const task = { memory: this.#memory, firstMs: 0, rateHz: RATE_HZ, orders: this.#orders };
    this.media = new LegTask(modules, task, (event) => this.events.push(event));
    test.after(() => this.media.close());
  }

  order(changes: Partial<Orders>): void {
    this.#orders = { ...this.#orders, ...changes };
    this.media.handle({ type: 'orders', orders: this.#orders });
  }

  /** Lets the partner's voice through. */
  hearPartner(): void {
    this.order({ voices: [{ id: 'partner', ring: this.partner, how: 'through' }] });
  }

  /** A tick at its time. */
  tick(): void {
    this.nowMs += 20;
    this.media.tick(this.nowMs, this.nowMs);
  }

  /** The frame the pacer finds. */
  take(): Int16Array | undefined {
    const frame = this.#outbound.read()?.slice();
    this.#outbound.publish();
    return frame;
  }

  get sentHz(): number {
    return this.#outbound.rateHz;
  }

  /** What the leg hears while the partner says `partnerPcm` (at 8 kHz) and the leg itself `ownPcm`. */
  hear(
    durationMs: number,
    partnerPcm: Int16Array = new Int16Array(0),
    ownPcm: Int16Array = new Int16Array(0),
    ownHz = RATE_HZ,
  ): Int16Array {
    const partner = framesOf(partnerPcm, RATE_HZ);
    const own = framesOf(ownPcm, ownHz);
    const heard: Int16Array[] = [];
    for (let index = 0; index < durationMs / 20; index += 1) {
      const said = partner[index];
      const spoken = own[index];
      if (said !== undefined) {
        this.#partnerSays.writeSamples(said, RATE_HZ, this.nowMs);
      }
      if (spoken !== undefined) {
        this.#inbound.writeSamples(spoken, ownHz, this.nowMs);
      }
      this.tick();
      heard.push(this.take() ?? new Int16Array(0));
    }
    return concatPcm(...heard);
  }

  /** The leg says two frames at 8 kHz and is about to say a longer one: its ring is laid out for that, which is not there. */
  beginLongerFrame(): void {
    this.#inbound.writeSamples(new Int16Array(160), RATE_HZ, this.nowMs);
    this.#inbound.writeSamples(new Int16Array(160), RATE_HZ, this.nowMs);
    const [header, layout] = [frameRingHeader(this.#memory.inbound), 4];
    Atomics.store(header, layout, this.#memory.inbound.life | 1_920);
  }

  /** Announces a whole segment at 8 kHz. */
  segment(segment: number, pcm: Int16Array): void {
    this.media.handle({ type: 'segment-open', segment, rateHz: RATE_HZ, turn: undefined });
    this.media.handle({ type: 'segment-audio', segment, pcm });
    this.media.handle({ type: 'segment-end', segment });
  }

  /** How loud the leg is for those who hear it. */
  get level(): VoiceLevel {
    return new VoiceLevel(this.#memory.inbound);
  }

  count(counter: MediaCounter): number {
    return new MediaCounters(this.#memory.counters).get(counter);
  }
}

describe('what a leg hears', () => {
  it('has the rate of before while the first frame that nobody listens to is written over', (t) => {
    const rig = new Rig(t);
    rig.order({ attending: false });
    rig.beginLongerFrame();
    rig.tick();
    assert.deepEqual([rig.take()?.length, rig.sentHz], [160, RATE_HZ]);
  });

  it('is silence when there is nothing', (t) => {
    const rig = new Rig(t);
    assert.deepEqual(rig.hear(1_000), silence(1_000, RATE_HZ));
  });

  it('is a soft tone while it waits, and none after', (t) => {
    const rig = new Rig(t);
    rig.order({ waiting: true });
    const heard = rig.hear(3_000);
    assert.ok(isTone(sliceMs(heard, RATE_HZ, 40, 140), 523, RATE_HZ));
    assert.ok(levelDbfs(sliceMs(heard, RATE_HZ, 40, 140)) < -30);
    rig.order({ waiting: false });
    assert.deepEqual(rig.hear(3_000), silence(3_000, RATE_HZ));
  });

  it("is the partner's own voice when it is let through: bit for bit, after it has faded in over a frame", (t) => {
    const rig = new Rig(t);
    rig.hearPartner();
    const pcm = noise(1_000, RATE_HZ, 0.5);
    const heard = rig.hear(1_000, pcm);
    assert.deepEqual(sliceMs(heard, RATE_HZ, 20, 1_000), sliceMs(pcm, RATE_HZ, 20, 1_000));
    assert.equal(heard[0], 0);
    rig.order({ voices: [] });
    assert.deepEqual(rig.hear(200, pcm), silence(200, RATE_HZ));
  });

  it('is the translation, and under it nothing of the voice that is let through', (t) => {
    const rig = new Rig(t);
    rig.hearPartner();
    rig.hear(200, sine(1_000, 200, RATE_HZ));
    const speech = noise(400, RATE_HZ);
    rig.segment(7, speech);
    const heard = rig.hear(600, sine(1_000, 600, RATE_HZ));
    // The voice fades out within 40 ms.
    assert.deepEqual(sliceMs(heard, RATE_HZ, 40, 400), sliceMs(softened(speech, RATE_HZ), RATE_HZ, 40, 400));
    assert.ok(isTone(sliceMs(heard, RATE_HZ, 400, 600), 1_000, RATE_HZ), 'then the voice again, on time');
  });

  it('is a key over everything else', (t) => {
    const rig = new Rig(t);
    rig.segment(0, sine(1_000, 400, RATE_HZ, 0.1));
    rig.media.handle({ type: 'key', key: '5' });
    const heard = rig.hear(400);
    assert.equal(findDtmfKey(sliceMs(heard, RATE_HZ, 10, 110), RATE_HZ), '5');
    assert.ok(toneDbfs(sliceMs(heard, RATE_HZ, 10, 110), 1_000, RATE_HZ) > -25, 'the speech goes on beneath');
    assert.ok(isTone(sliceMs(heard, RATE_HZ, 130, 390), 1_000, RATE_HZ));
  });

  it('is silence again 5 ms after a flush, without a click', (t) => {
    const rig = new Rig(t);
    rig.segment(0, sine(300, 2_000, RATE_HZ));
    const before = rig.hear(100);
    rig.media.handle({ type: 'flush' });
    const after = rig.hear(500);
    assert.deepEqual(sliceMs(after, RATE_HZ, 5, 500), silence(495, RATE_HZ));
    assert.ok(greatestStep(concatPcm(before, after)) <= greatestStep(sine(300, 100, RATE_HZ)) * 1.05);
    assert.deepEqual(rig.events.at(-1), {
      type: 'segment-ended',
      segment: 0,
      atMs: 100_100,
      end: 'flushed',
    });
  });

  it('comes at the rate it speaks at, from when it speaks', (t) => {
    const rig = new Rig(t);
    rig.tick();
    assert.equal(rig.take()?.length, 160);
    assert.equal(rig.sentHz, 8_000);
    rig.hear(40, undefined, silence(40, 16_000), 16_000);
    rig.tick();
    assert.equal(rig.take()?.length, 320);
    assert.equal(rig.sentHz, 16_000);
    rig.segment(0, sine(1_000, 500, RATE_HZ));
    assert.ok(isTone(sliceMs(rig.hear(500), 16_000, 100, 400), 1_000, 16_000));
  });

  it('comes at the rate that was fixed, whatever it speaks at', (t) => {
    const rig = new Rig(t);
    rig.order({ onlyHz: 8_000 });
    rig.hear(100, undefined, silence(100, 16_000), 16_000);
    assert.equal(rig.sentHz, 8_000);
  });
});

describe('LegTask', () => {
  it('makes one frame a tick, and no second one while the pacer has not taken the first', (t) => {
    const rig = new Rig(t);
    rig.segment(0, noise(100, RATE_HZ));
    rig.tick();
    rig.tick();
    rig.tick();
    assert.ok(rig.take() !== undefined);
    assert.equal(rig.take(), undefined);
    rig.tick();
    assert.ok(rig.take() !== undefined);
  });

  it('counts ticks that never happened, and hurries what plays', (t) => {
    const rig = new Rig(t);
    rig.segment(0, sine(220, 3_000, RATE_HZ));
    rig.hear(100);
    rig.nowMs += 300;
    rig.hear(100);
    assert.equal(rig.count('ticksMissed'), 15);
    rig.hear(2_600);
    const [, ended] = rig.events;
    assert.equal(ended?.type, 'segment-ended');
    // It began with the tick at 100,020 ms; without hurrying it would end 3,300 ms later.
    assert.ok(ended !== undefined && 'atMs' in ended && ended.atMs - 100_020 <= 3_060, JSON.stringify(ended));
  });

  it('says when a segment began and ended, at the tick that did it', (t) => {
    const rig = new Rig(t);
    rig.segment(4, noise(100, RATE_HZ));
    rig.hear(200);
    assert.deepEqual(rig.events, [
      { type: 'segment-started', segment: 4, atMs: 100_020 },
      { type: 'segment-ended', segment: 4, atMs: 100_120, end: 'played' },
    ]);
  });

  it('says when the leg speaks, and counts frames that it could not read in time', (t) => {
    const rig = new Rig(t);
    const said = concatPcm(silence(400, RATE_HZ), voiceLike(400, RATE_HZ), silence(1_000, RATE_HZ));
    rig.hear(1_800, undefined, said);
    const found = rig.events.flatMap((event) => (event.type === 'speech' ? [event.event] : []));
    assert.deepEqual(
      found.map(({ type }) => type),
      ['started', 'paused', 'ended'],
    );
    const ended = found.at(-1);
    assert.ok(ended?.type === 'ended' && ended.decidedMs - ended.endMs >= 600);
    assert.equal(rig.count('inboundLost'), 0);
  });

  it('ends what it says when it is to be heard anew, and forgets that it made music', (t) => {
    const rig = new Rig(t);
    const found = (): readonly string[] =>
      rig.events.flatMap((event) => (event.type === 'speech' ? [event.event.type] : []));
    rig.hear(600, undefined, voiceLike(600, RATE_HZ));
    rig.media.handle({ type: 'hear-anew' });
    assert.deepEqual(found(), ['started', 'ended']);
    rig.hear(5_000, undefined, playMusic('arpeggio', 5_000, RATE_HZ));
    assert.ok(found().includes('was-none'));
    rig.media.handle({ type: 'hear-anew' });
    rig.events.length = 0;
    rig.hear(160, undefined, voiceLike(160, RATE_HZ));
    assert.deepEqual(found(), ['started']);
  });

  it('counts what the live voice misses as it happens, because its thread may die', (t) => {
    const rig = new Rig(t);
    rig.hearPartner();
    rig.hear(200, sine(1_000, 200, RATE_HZ));
    assert.equal(rig.count('liveMissing'), 0);
    rig.hear(40);
    assert.equal(rig.count('liveMissing'), 2);
    rig.hear(160);
    assert.equal(rig.count('liveMissing'), 3);
  });

  it('counts frames for which a segment had no sound', (t) => {
    const rig = new Rig(t);
    rig.media.handle({ type: 'segment-open', segment: 0, rateHz: RATE_HZ, turn: undefined });
    rig.media.handle({ type: 'segment-audio', segment: 0, pcm: noise(40, RATE_HZ) });
    rig.hear(100);
    assert.equal(rig.count('playoutMissing'), 3);
  });

  it('tells how loud the leg speaks once that is wanted, breaths included, and forgets it when it is silent', (t) => {
    const rig = new Rig(t);
    const said = sine(440, 100, RATE_HZ, 0.5);
    rig.hear(100, undefined, said);
    assert.equal(rig.level.amplitude, 0);
    rig.level.want();
    rig.hear(100, undefined, said);
    const loud = rig.level.amplitude;
    assert.ok(Math.abs(loud - 0.5 * 32_768 * Math.SQRT1_2) < 100, `${loud}`);
    rig.hear(200);
    assert.ok(rig.level.amplitude > loud * 0.5, 'nothing arrives, but not for long');
    rig.hear(5_000);
    assert.equal(rig.level.amplitude, 0);
  });

  it('hears what came before it was told to listen the first time, and nothing of before any other', (t) => {
    const rig = new Rig(t, NO_ORDERS);
    const begun = (): number =>
      rig.events.filter((each) => each.type === 'speech' && each.event.type === 'started').length;
    rig.hear(300, undefined, voiceLike(300, RATE_HZ));
    rig.order({ attending: true });
    rig.hear(20);
    assert.equal(begun(), 1);
    rig.order({ attending: false });
    rig.hear(400, undefined, voiceLike(400, RATE_HZ));
    rig.media.handle({ type: 'hear-anew' });
    rig.order({ attending: true });
    rig.hear(100);
    assert.equal(begun(), 1);
  });

  it('follows the rate of who waits for long to be told anything', (t) => {
    const rig = new Rig(t, NO_ORDERS);
    rig.hear(800, undefined, silence(800, 16_000), 16_000);
    rig.take();
    rig.tick();
    rig.take();
    assert.equal(rig.sentHz, 16_000);
  });

  it('can be closed twice', (t) => {
    const rig = new Rig(t);
    rig.hearPartner();
    rig.media.close();
    rig.media.close();
  });
});

describe('a leg whose thread is gone', () => {
  it('goes on with the frame after the last that was heard, whatever arrived meanwhile', () => {
    const memory = allocateLegMemory();
    const inbound = new FrameRingWriter(memory.inbound);
    const heard = new FrameRingReader(memory.speech, 0);
    let nowMs = 0;
    const say = (frames: number): void => {
      for (let frame = 0; frame < frames; frame += 1) {
        nowMs += 20;
        inbound.writeSamples(new Int16Array(160), RATE_HZ, nowMs);
      }
    };
    const onNextThread = (attending: boolean): void => {
      const orders = { ...NO_ORDERS, attending };
      const resumed = { utteranceFrom: undefined };
      const task = new LegTask(modules, { memory, firstMs: 0, rateHz: RATE_HZ, orders, resumed }, () => {});
      task.tick(nowMs, nowMs);
      task.close();
    };
    say(3);
    onNextThread(true);
    say(4);
    onNextThread(true);
    assert.equal(heard.available, 7);
    say(4);
    onNextThread(false);
    say(2);
    onNextThread(true);
    assert.equal(heard.available, 9, 'what nobody cared for is past');
    assert.equal(new MediaCounters(memory.counters).get('inboundLost'), 0);
  });

  for (const [what, attended] of [
    ['hears anew', true],
    ['is listened to later', false],
  ] as const) {
    it(`is in the utterance of the thread before no more once it ${what}`, (t) => {
      const memory = allocateLegMemory();
      const inbound = new FrameRingWriter(memory.inbound);
      const events: MediaEvent[] = [];
      const orders = { ...NO_ORDERS, attending: attended };
      const resumed = { utteranceFrom: 0 };
      const task = new LegTask(
        modules,
        { memory, firstMs: 0, rateHz: RATE_HZ, orders, resumed },
        (event) => void events.push(event),
      );
      t.after(() => task.close());
      if (attended) {
        task.handle({ type: 'hear-anew' });
      } else {
        task.handle({ type: 'orders', orders: { ...orders, attending: true } });
      }
      events.length = 0;
      for (const [number, frame] of framesOf(voiceLike(1_000, RATE_HZ), RATE_HZ).entries()) {
        const nowMs = (number + 1) * 20;
        inbound.writeSamples(frame, RATE_HZ, nowMs);
        task.tick(nowMs, nowMs);
      }
      assert.deepEqual(
        events.flatMap((told) => (told.type === 'speech' ? [told.event.type] : [])),
        ['started'],
      );
    });
  }
});
