import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import { bytesOf } from '../../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FanOut, type SegmentListener } from '../../../src/media/play/fan-out.ts';
import type { SegmentEnd } from '../../../src/media/play/playout-queue.ts';
import type { PlayedSink, PlayingSegment } from '../../../src/media/thread/announced-segments.ts';
import { LegLink } from '../../../src/media/thread/leg-link.ts';
import { LocalThreads } from '../../../src/media/thread/local-threads.ts';
import { concatPcm, findSoundMs, isTone, levelDbfs, silence, sine, sliceMs } from '../../asterisk/audio.ts';
import { FakeClock } from '../../base/fake-clock.ts';

const ENGINE_HZ = 24_000;
const modules = await loadMediaModules();

/** A listener's leg that only notes what it is given. */
class NotedLeg implements SegmentListener {
  readonly spokenToHz: number;
  readonly pieces: Int16Array[] = [];
  readonly opened: { readonly rateHz: number; readonly turn: number | undefined }[] = [];
  ended = 0;
  #sink: PlayedSink | undefined;

  constructor(spokenToHz: number) {
    this.spokenToHz = spokenToHz;
  }

  openSegment(rateHz: number, turn: number | undefined, sink: PlayedSink): PlayingSegment {
    this.#sink = sink;
    this.opened.push({ rateHz, turn });
    return {
      add: (pcm) => this.pieces.push(pcm),
      end: () => {
        this.ended += 1;
      },
    };
  }

  begin(atMs: number): void {
    this.#sink?.started(atMs);
  }

  finish(atMs: number, end: SegmentEnd): void {
    this.#sink?.ended(atMs, end);
  }
}

/** What a sink was told. */
class Told implements PlayedSink {
  readonly told: string[] = [];

  started(atMs: number): void {
    this.told.push(`started ${atMs}`);
  }

  ended(atMs: number, end: SegmentEnd): void {
    this.told.push(`${end} ${atMs}`);
  }
}

describe('FanOut', () => {
  it('converts once for legs that share a rate, and gives a leg with a rate of its own what the engine made', async () => {
    const clock = new FakeClock();
    const [one, other, alone] = [new NotedLeg(8_000), new NotedLeg(8_000), new NotedLeg(16_000)];
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, [one, alone, other], 7, new Told());
    const pcm = sine(440, 100, ENGINE_HZ);
    segment.add(pcm);
    segment.end();
    await clock.advance(100);
    assert.deepEqual(one.opened, [{ rateHz: 8_000, turn: 7 }]);
    assert.deepEqual(alone.opened, [{ rateHz: ENGINE_HZ, turn: 7 }]);
    assert.equal(one.pieces.length, 2, 'the sound, and what the filter held back');
    assert.ok(one.pieces.every((piece, index) => piece === other.pieces[index]));
    assert.ok(isTone(sliceMs(concatPcm(...one.pieces), 8_000, 20, 90), 440, 8_000));
    assert.deepEqual(alone.pieces, [pcm]);
    assert.deepEqual([one.ended, other.ended, alone.ended], [1, 1, 1]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("shares the engine's own sound among legs of its rate, in memory that threads share", () => {
    const legs = [new NotedLeg(ENGINE_HZ), new NotedLeg(ENGINE_HZ), new NotedLeg(ENGINE_HZ)];
    const segment = new FanOut(modules, new FakeClock()).open(ENGINE_HZ, legs, undefined, new Told());
    const pcm = sine(440, 100, ENGINE_HZ);
    segment.add(pcm);
    const [first] = legs[0]?.pieces ?? [];
    assert.deepEqual(first, pcm);
    assert.ok(first?.buffer instanceof SharedArrayBuffer);
    assert.ok(legs.every(({ pieces }) => pieces[0] === first));
  });

  it('converts a long piece bit by bit, in order, all of it', async () => {
    const clock = new FakeClock();
    const legs = [new NotedLeg(8_000), new NotedLeg(8_000)];
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, legs, 1, new Told());
    segment.add(concatPcm(sine(440, 1_500, ENGINE_HZ), sine(1_000, 1_500, ENGINE_HZ)));
    segment.end();
    const [leg] = legs;
    assert.equal(leg?.pieces.length, 1, 'the first 100 ms are there at once');
    assert.equal(leg?.ended, 0);
    await clock.advance(40);
    const all = concatPcm(...(leg?.pieces ?? []));
    assert.equal(all.length / 8, 3_010);
    assert.ok(isTone(sliceMs(all, 8_000, 20, 1_480), 440, 8_000));
    assert.ok(isTone(sliceMs(all, 8_000, 1_520, 2_980), 1_000, 8_000));
    assert.equal(leg?.ended, 1);
  });

  it('tells of the first that begins, and of the end when it is over for all', () => {
    const legs = [new NotedLeg(8_000), new NotedLeg(16_000), new NotedLeg(8_000)];
    const [one, two, three] = legs;
    const told = new Told();
    new FanOut(modules, new FakeClock()).open(ENGINE_HZ, legs, 1, told);
    two?.begin(5);
    one?.begin(6);
    two?.begin(7);
    one?.finish(10, 'flushed');
    two?.finish(11, 'played');
    assert.deepEqual(told.told, ['started 5']);
    three?.finish(12, 'dropped');
    assert.deepEqual(told.told, ['started 5', 'played 12']);
  });

  it('was played if anybody heard it to its end, else dropped if it was for anybody', () => {
    for (const [ends, end] of [
      [['dropped', 'played'], 'played'],
      [['played', 'flushed'], 'played'],
      [['flushed', 'dropped'], 'dropped'],
      [['dropped', 'flushed'], 'dropped'],
      [['flushed', 'flushed'], 'flushed'],
    ] as const) {
      const legs = [new NotedLeg(8_000), new NotedLeg(8_000)];
      const told = new Told();
      new FanOut(modules, new FakeClock()).open(ENGINE_HZ, legs, 1, told);
      for (const [index, leg] of legs.entries()) {
        leg.finish(index, ends[index] ?? 'flushed');
      }
      assert.deepEqual(told.told, [`${end} 1`]);
    }
  });

  it('is over when it is ended, if nobody listens', () => {
    const clock = new FakeClock();
    const told = new Told();
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, [], 1, told);
    segment.add(sine(440, 100, ENGINE_HZ));
    segment.end();
    assert.deepEqual(told.told, [`flushed ${clock.nowMs()}`]);
  });

  it('converts nothing for legs that have all gone', async () => {
    const clock = new FakeClock();
    const legs = [new NotedLeg(8_000), new NotedLeg(8_000)];
    const told = new Told();
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, legs, 1, told);
    segment.add(sine(440, 1_000, ENGINE_HZ));
    for (const leg of legs) {
      leg.finish(3, 'flushed');
    }
    await clock.advance(40);
    segment.add(sine(440, 1_000, ENGINE_HZ));
    segment.end();
    assert.equal(legs[0]?.pieces.length, 1);
    assert.deepEqual(told.told, ['flushed 3']);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('FanOut to legs', () => {
  /** Three legs on the test's own thread: two at 8 kHz, one at 16 kHz. */
  async function threeLegs(test: TestContext) {
    const clock = new FakeClock();
    const threads = new LocalThreads(modules, clock);
    const legs = [8_000, 8_000, 16_000].map((rateHz) => {
      const link = LegLink.open(threads, clock, silentLog, { firstMs: 0 });
      link.order({ attending: true });
      link.receive(bytesOf(silence(20, rateHz)), rateHz, clock.nowMs());
      return link;
    });
    test.after(async () => {
      const closed = Promise.all(legs.map((leg) => leg.close()));
      await clock.advance(40);
      await closed;
    });
    await clock.advance(20);
    /** What each hears in `ms`. */
    const hear = async (ms: number): Promise<readonly Int16Array[]> => {
      const heard: Int16Array[][] = legs.map(() => []);
      for (let tick = 0; tick < ms / 20; tick += 1) {
        await clock.advance(20);
        for (const [index, leg] of legs.entries()) {
          const bytes = leg.takeFrame();
          heard[index]?.push(bytes === undefined ? new Int16Array(0) : new Int16Array(bytes.slice().buffer));
        }
      }
      return heard.map((frames) => concatPcm(...frames));
    };
    return { clock, legs, hear };
  }

  it('is heard by all of them at their own rates, and goes on for the rest when one closes', async (t) => {
    const { clock, legs, hear } = await threeLegs(t);
    const told = new Told();
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, legs, undefined, told);
    segment.add(sine(440, 1_000, ENGINE_HZ));
    segment.end();
    const first = await hear(400);
    for (const [index, rateHz] of [8_000, 8_000, 16_000].entries()) {
      const heard = first[index] ?? new Int16Array(0);
      const startMs = findSoundMs(heard, rateHz) ?? Number.NaN;
      assert.ok(isTone(sliceMs(heard, rateHz, startMs + 20, 380), 440, rateHz), `leg ${index}`);
    }
    void legs[0]?.close();
    const [closed, stays, wide] = await hear(900);
    assert.equal(closed?.length ?? 0, 0);
    assert.ok(isTone(sliceMs(stays ?? silence(20, 8_000), 8_000, 20, 500), 440, 8_000));
    assert.ok(isTone(sliceMs(wide ?? silence(20, 16_000), 16_000, 20, 500), 440, 16_000));
    assert.equal(levelDbfs(sliceMs(stays ?? silence(20, 8_000), 8_000, 800, 900)), Number.NEGATIVE_INFINITY);
    assert.equal(told.told.length, 2);
    assert.match(told.told[1] ?? '', /^played/);
  });

  it('is over at once when all legs are closed', async (t) => {
    const { clock, legs } = await threeLegs(t);
    const closing = Promise.all(legs.map((leg) => leg.close()));
    const told = new Told();
    const segment = new FanOut(modules, clock).open(ENGINE_HZ, legs, 3, told);
    segment.add(sine(440, 100, ENGINE_HZ));
    segment.end();
    assert.deepEqual(told.told, [`flushed ${clock.nowMs()}`]);
    await clock.advance(40);
    await closing;
  });
});
