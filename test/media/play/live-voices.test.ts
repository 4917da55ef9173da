import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { peakOf, powerOf } from '../../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { CEILING } from '../../../src/media/play/limiter.ts';
import { FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import { VoiceLevel } from '../../../src/media/ring/voice-level.ts';
import { LegTask } from '../../../src/media/thread/leg-task.ts';
import { type HearMode, NO_ORDERS } from '../../../src/media/thread/orders.ts';
import { concatPcm, levelDbfs, silence, sine, sliceMs, toneDbfs } from '../../asterisk/audio.ts';
import { framesOf, greatestStep } from '../frames.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** Each party's voice is a tone of its own; all fit 20 ms evenly and lie 50 Hz and more apart. */
const TONES_HZ = [300, 450, 650, 900, 1_200, 1_550, 1_950] as const;
/** A peak of 0.1 is -23 dBFS of root mean square. */
const PEAK = 0.1;

/** A party's voice: a tone that begins and ends at its peak, so that a cut in it is a step. */
function tone(toneHz: number, ms: number, rateHz: number, peak: number): Int16Array {
  return silence(ms, rateHz).map((_, i) => 32_767 * peak * Math.cos((2 * Math.PI * toneHz * i) / rateHz));
}

/** Another party: what it says, and how it is heard. */
class Speaker {
  readonly ring = allocateLegMemory().inbound;
  readonly toneHz: number;
  how: HearMode | undefined;
  /** 0 to 1; undefined: nothing arrives. */
  peak: number | undefined = PEAK;
  readonly #writer = new FrameRingWriter(this.ring);
  readonly #level = new VoiceLevel(this.ring);
  readonly #rateHz: number;

  constructor(toneHz: number, how: HearMode | undefined, rateHz = RATE_HZ) {
    this.toneHz = toneHz;
    this.how = how;
    this.#rateHz = rateHz;
  }

  /** Says 20 ms, and tells how loud, as its own task does. */
  say(nowMs: number): void {
    if (this.peak !== undefined) {
      const frame = tone(this.toneHz, 20, this.#rateHz, this.peak);
      this.#writer.writeSamples(frame, this.#rateHz, nowMs);
      this.#level.heard(powerOf(frame));
    }
    if (this.#level.wanted) {
      this.#level.publish();
    }
  }
}

/** A listener and those it hears. */
class Room {
  readonly speakers: readonly Speaker[];
  readonly task: LegTask;
  readonly #memory = allocateLegMemory();
  readonly #outbound = new FrameRingReader(this.#memory.outbound, 0);
  #nowMs = 100_000;

  constructor(test: TestContext, speakers: readonly Speaker[]) {
    this.speakers = speakers;
    const task = { memory: this.#memory, firstMs: 0, rateHz: RATE_HZ, orders: NO_ORDERS };
    this.task = new LegTask(modules, task, () => {});
    test.after(() => this.task.close());
    this.order();
  }

  /** Hears whoever is to be heard, each as it is to be heard. */
  order(): void {
    const voices = this.speakers.flatMap(({ toneHz, ring, how }) =>
      how === undefined ? [] : [{ id: `${toneHz}`, ring, how }],
    );
    this.task.handle({ type: 'orders', orders: { ...NO_ORDERS, voices } });
  }

  speak(pcm: Int16Array): void {
    this.task.handle({ type: 'segment-open', segment: 0, rateHz: RATE_HZ, turn: undefined });
    this.task.handle({ type: 'segment-audio', segment: 0, pcm });
    this.task.handle({ type: 'segment-end', segment: 0 });
  }

  hear(ms: number): Int16Array {
    const heard: Int16Array[] = [];
    for (let tick = 0; tick < ms / 20; tick += 1) {
      this.#nowMs += 20;
      for (const speaker of this.speakers) {
        speaker.say(this.#nowMs);
      }
      this.task.tick(this.#nowMs, this.#nowMs);
      heard.push(this.#outbound.read()?.slice() ?? new Int16Array(0));
      this.#outbound.publish();
    }
    return concatPcm(...heard);
  }

  get counts(): ReturnType<MediaCounters['all']> {
    return new MediaCounters(this.#memory.counters).all();
  }
}

function speakers(count: number, how: HearMode, rateHz = RATE_HZ): readonly Speaker[] {
  return TONES_HZ.slice(0, count).map((toneHz) => new Speaker(toneHz, how, rateHz));
}

/** Which of the speakers are heard in `pcm`: those above -40 dBFS. */
function heardIn(pcm: Int16Array): readonly number[] {
  return TONES_HZ.flatMap((toneHz, index) => (toneDbfs(pcm, toneHz, RATE_HZ) > -40 ? [index] : []));
}

describe('several voices', () => {
  it('are all heard at their own levels, whatever their rates', (t) => {
    const [low, middle] = speakers(2, 'through');
    const wide = new Speaker(900, 'through', 16_000);
    assert.ok(low !== undefined && middle !== undefined);
    const room = new Room(t, [low, middle, wide]);
    room.hear(100);
    const heard = room.hear(400);
    for (const { toneHz } of [low, middle, wide]) {
      assert.ok(Math.abs(toneDbfs(heard, toneHz, RATE_HZ) + 23) < 0.3, `${toneHz} Hz`);
    }
    assert.equal(room.counts.liveMissing, 0);
  });

  it('are mixed without clipping, without a step', (t) => {
    const loud = speakers(3, 'through');
    for (const speaker of loud) {
      speaker.peak = 0.99;
    }
    const heard = new Room(t, loud).hear(500);
    assert.ok(peakOf(heard) <= CEILING);
    const natural = loud.reduce((sum, { toneHz }) => sum + greatestStep(tone(toneHz, 100, RATE_HZ, 0.99)), 0);
    assert.ok(greatestStep(heard) <= natural);
  });

  it('go on bit for bit when another comes in silence, and when it has gone', (t) => {
    const [stays, comes] = speakers(2, 'through');
    assert.ok(stays !== undefined && comes !== undefined);
    comes.how = undefined;
    comes.peak = 0;
    const room = new Room(t, [stays, comes]);
    room.hear(40);
    const heard = [room.hear(200)];
    comes.how = 'through';
    room.order();
    heard.push(room.hear(200));
    comes.how = undefined;
    room.order();
    heard.push(room.hear(200));
    assert.deepEqual(concatPcm(...heard), tone(stays.toneHz, 600, RATE_HZ, PEAK));
  });

  it('are heard from their next leg when they have lost one', (t) => {
    const [party] = speakers(1, 'through');
    assert.ok(party !== undefined);
    const room = new Room(t, [party]);
    room.hear(100);
    const next = new Speaker(900, 'through');
    const voices = [{ id: `${party.toneHz}`, ring: next.ring, how: 'through' }] as const;
    room.task.handle({ type: 'orders', orders: { ...NO_ORDERS, voices } });
    party.peak = undefined;
    const heard = framesOf(tone(900, 200, RATE_HZ, PEAK), RATE_HZ).map(() => {
      next.say(0);
      return room.hear(20);
    });
    assert.ok(Math.abs(toneDbfs(concatPcm(...heard.slice(2)), 900, RATE_HZ) + 23) < 0.3);
  });

  it('end softly within a frame when they are no longer to be heard, and at once when nobody is', (t) => {
    const [stays, goes] = speakers(2, 'through');
    assert.ok(stays !== undefined && goes !== undefined);
    const room = new Room(t, [stays, goes]);
    room.hear(200);
    goes.how = undefined;
    room.order();
    const heard = room.hear(200);
    assert.deepEqual(sliceMs(heard, RATE_HZ, 20, 200), tone(stays.toneHz, 180, RATE_HZ, PEAK));
    const natural =
      greatestStep(tone(stays.toneHz, 100, RATE_HZ, PEAK)) +
      greatestStep(tone(goes.toneHz, 100, RATE_HZ, PEAK));
    assert.ok(greatestStep(heard) <= natural);
    stays.how = undefined;
    room.order();
    assert.deepEqual(room.hear(100), silence(100, RATE_HZ));
  });

  it('are each as loud as their mode says under a translation: who is let through stays, who is translated falls', (t) => {
    const [through, ducked, off] = speakers(3, 'duck');
    assert.ok(through !== undefined && ducked !== undefined && off !== undefined);
    through.how = 'through';
    off.how = 'off';
    const room = new Room(t, [through, ducked, off]);
    room.hear(600);
    room.speak(sine(2_500, 1_000, RATE_HZ, 0.1));
    const heard = sliceMs(room.hear(600), RATE_HZ, 100, 600);
    assert.ok(Math.abs(toneDbfs(heard, through.toneHz, RATE_HZ) + 23) < 0.3);
    assert.ok(Math.abs(toneDbfs(heard, ducked.toneHz, RATE_HZ) + 23 + 16.5) < 0.5);
    assert.ok(toneDbfs(heard, off.toneHz, RATE_HZ) < -60);
    assert.ok(Math.abs(toneDbfs(heard, 2_500, RATE_HZ) + 23) < 0.3);
  });
});

describe('many voices', () => {
  it('are those that speak loudest, three of them', (t) => {
    const all = speakers(7, 'through');
    for (const [index, speaker] of all.entries()) {
      speaker.peak = [1, 3, 5].includes(index) ? 0.1 : 0.02;
    }
    const room = new Room(t, all);
    room.hear(60);
    assert.deepEqual(heardIn(room.hear(400)), [1, 3, 5]);
  });

  it('let in who speaks up within 60 ms, on time and without a click, however long they were not heard', (t) => {
    const all = speakers(7, 'through');
    for (const [index, speaker] of all.entries()) {
      speaker.peak = [1, 2, 3].includes(index) ? 0.05 : 0.005;
    }
    const room = new Room(t, all);
    // Longer than a ring, so that what was not mixed has been overwritten.
    assert.deepEqual(heardIn(sliceMs(room.hear(2_000), RATE_HZ, 1_000, 2_000)), [1, 2, 3]);
    const [rises] = all;
    assert.ok(rises !== undefined);
    rises.peak = 0.3;
    const heard = room.hear(400);
    const there = framesOf(heard, RATE_HZ).findIndex((frame) => toneDbfs(frame, rises.toneHz, RATE_HZ) > -15);
    assert.ok(there >= 0 && there <= 3, `in frame ${there}`);
    const natural = all.reduce(
      (sum, { toneHz, peak }) => sum + greatestStep(tone(toneHz, 100, RATE_HZ, peak ?? 0)),
      0,
    );
    assert.ok(greatestStep(heard) <= natural, `${greatestStep(heard)} of ${natural}`);
    assert.equal(heardIn(sliceMs(heard, RATE_HZ, 100, 400)).length, 3);
    assert.equal(room.counts.liveLost, 0, 'who is not mixed loses nothing');
    // On time: what is said now is heard now. A frame of silence said is silent two frames later at the latest.
    rises.peak = 0;
    const after = framesOf(room.hear(100), RATE_HZ).map((frame) => toneDbfs(frame, rises.toneHz, RATE_HZ));
    assert.ok((after[2] ?? 0) < -40, `${after}`);
  });

  it('are at their level from the first, those that are translated too', (t) => {
    const all = speakers(5, 'duck');
    for (const speaker of all.slice(3)) {
      speaker.peak = 0.01;
    }
    const room = new Room(t, all);
    room.hear(1_000);
    const [, , , , rises] = all;
    assert.ok(rises !== undefined);
    rises.peak = 0.3;
    const levels = framesOf(room.hear(200), RATE_HZ).map((frame) => toneDbfs(frame, rises.toneHz, RATE_HZ));
    assert.ok((levels[4] ?? 0) > -14, `${levels}`);
  });

  it('keep their places through a breath', (t) => {
    const all = speakers(4, 'through');
    const [breathes, , , waits] = all;
    assert.ok(breathes !== undefined && waits !== undefined);
    waits.peak = 0.09;
    const room = new Room(t, all);
    room.hear(200);
    breathes.peak = 0;
    room.hear(200);
    breathes.peak = PEAK;
    assert.ok(heardIn(sliceMs(room.hear(200), RATE_HZ, 40, 200)).includes(0));
  });

  it('give no place to those that are not heard at all, or murmur under a translation', (t) => {
    const all = speakers(7, 'off');
    const [, , , , , , through] = all;
    assert.ok(through !== undefined);
    for (const speaker of all) {
      speaker.peak = 0.5;
    }
    through.how = 'through';
    through.peak = 0.05;
    const room = new Room(t, all);
    room.hear(60);
    assert.deepEqual(heardIn(room.hear(200)), [6]);
    for (const speaker of all.slice(0, 6)) {
      speaker.how = 'duck';
      speaker.peak = 0.25;
    }
    through.peak = 0.1;
    room.order();
    room.speak(sine(2_500, 2_000, RATE_HZ, 0.1));
    room.hear(200);
    assert.ok(Math.abs(toneDbfs(room.hear(400), through.toneHz, RATE_HZ) + 23) < 0.5);
  });

  it('take no notice of parties that come and go beside them', (t) => {
    const all = speakers(7, 'through');
    for (const speaker of all.slice(1)) {
      speaker.how = undefined;
      speaker.peak = 0;
    }
    const room = new Room(t, all);
    room.hear(40);
    const heard: Int16Array[] = [];
    for (const speaker of [...all.slice(1), ...all.slice(1)]) {
      speaker.how = speaker.how === undefined ? 'through' : undefined;
      room.order();
      heard.push(room.hear(100));
    }
    assert.deepEqual(concatPcm(...heard), tone(TONES_HZ[0], 1_200, RATE_HZ, PEAK));
    assert.ok(levelDbfs(heard[0] ?? silence(20, RATE_HZ)) > -24);
  });
});
