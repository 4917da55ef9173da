import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { frameSamples } from '../../../src/base/units.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { LiveLane } from '../../../src/media/play/live-lane.ts';
import { allocateFrameRing, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import {
  concatPcm,
  isTone,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  seededRandom,
  silence,
  sine,
  sliceMs,
} from '../../asterisk/audio.ts';
import { durationMs, framesOf, pitchHz } from '../frames.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** A speaker's ring with a listener's lane on it, and a time that moves a tick with each pull. */
class Line {
  nowMs = 10_000;
  readonly lane: LiveLane;
  readonly #counters = new MediaCounters(allocateLegMemory().counters);
  readonly #writer: FrameRingWriter;
  readonly #fromHz: number;
  readonly #toHz: number;

  constructor(test: TestContext, fromHz = RATE_HZ, toHz = RATE_HZ) {
    const ring = allocateFrameRing(32, 7_680);
    this.#writer = new FrameRingWriter(ring);
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.lane = new LiveLane(modules, this.#counters, ring);
    test.after(() => this.lane.close());
  }

  /** Frames that were missed, worked off and lost. */
  get counts(): { readonly missing: number; readonly trimmed: number; readonly lost: number } {
    const { liveMissing: missing, liveTrimmed: trimmed, liveLost: lost } = this.#counters.all();
    return { missing, trimmed, lost };
  }

  say(...frames: readonly Int16Array[]): void {
    for (const frame of frames) {
      this.#writer.writeSamples(frame, this.#fromHz, this.nowMs);
    }
  }

  /** What is heard at this tick; undefined when that is nothing. */
  pull(): Int16Array | undefined {
    const out = new Int16Array(frameSamples(this.#toHz));
    const heard = this.lane.pull(out, this.#toHz, this.nowMs);
    this.nowMs += 20;
    return heard ? out : undefined;
  }

  /** Says a frame and hears one, for each of `frames`; what is missed is silence. */
  talk(frames: readonly Int16Array[]): Int16Array {
    return concatPcm(
      ...frames.map((frame) => {
        this.say(frame);
        return this.pull() ?? new Int16Array(frameSamples(this.#toHz));
      }),
    );
  }

  /** Hears until nothing is left. */
  hearAll(): Int16Array {
    const heard: Int16Array[] = [];
    for (let frame = this.pull(); frame !== undefined; frame = this.pull()) {
      heard.push(frame);
    }
    return concatPcm(...heard);
  }

  /** Frames said and not heard yet. */
  behind(): number {
    let frames = 0;
    while (this.pull() !== undefined) {
      frames += 1;
    }
    return frames;
  }
}

describe('LiveLane', () => {
  it('passes frames on bit for bit at equal rates, as they come', (t) => {
    for (const rateHz of [8_000, 16_000, 44_100, 48_000, 192_000]) {
      const line = new Line(t, rateHz, rateHz);
      const pcm = noise(2_000, rateHz, 0.5);
      assert.deepEqual(line.talk(framesOf(pcm, rateHz)), pcm);
      assert.deepEqual(line.counts, { missing: 0, trimmed: 0, lost: 0 });
    }
  });

  it('converts at different rates, in step, at most a frame later', (t) => {
    for (const [fromHz, toHz] of [
      [8_000, 16_000],
      [16_000, 8_000],
      [8_000, 44_100],
      [44_100, 8_000],
      [48_000, 16_000],
    ] as const) {
      const line = new Line(t, fromHz, toHz);
      const heard = line.talk(framesOf(sine(1_000, 2_000, fromHz), fromHz));
      assert.ok(isTone(sliceMs(heard, toHz, 100, 1_900), 1_000, toHz), `${fromHz} to ${toHz}`);
      assert.ok(Math.abs(levelDbfs(sliceMs(heard, toHz, 100, 1_900)) + 9) < 0.2, `${fromHz} to ${toHz}`);
      assert.ok(line.behind() <= 1);
    }
  });

  it('leaves the frame alone when there is nothing', (t) => {
    const line = new Line(t);
    const out = new Int16Array(160).fill(7);
    assert.equal(line.lane.pull(out, RATE_HZ, 0), false);
    assert.ok(out.every((sample) => sample === 7));
  });

  it('begins with what is said now, not with what waited before anyone listened', (t) => {
    const line = new Line(t);
    const pcm = noise(200, RATE_HZ);
    line.say(...framesOf(pcm, RATE_HZ));
    assert.deepEqual(line.hearAll(), sliceMs(pcm, RATE_HZ, 180, 200));
  });

  it('is silent when the partner stops sending, and goes on at once when it sends again', (t) => {
    const line = new Line(t);
    const pcm = noise(400, RATE_HZ);
    assert.deepEqual(line.talk(framesOf(pcm, RATE_HZ)), pcm);
    assert.deepEqual(
      Array.from({ length: 50 }, () => line.pull()),
      Array(50).fill(undefined),
    );
    assert.equal(line.counts.missing, 3, 'after 60 ms it is the end of the voice, not a gap');
    assert.deepEqual(line.talk(framesOf(pcm, RATE_HZ)), pcm);
  });

  it('makes at most one gap of frames that come up to 10 ms early or late, and no more in a minute', (t) => {
    const random = seededRandom(11);
    const line = new Line(t);
    const frames = framesOf(noise(60_000, RATE_HZ), RATE_HZ);
    // Frame n is due at n * 20 and comes within 10 ms of it; pulls are at n * 20.
    const arrivalsMs = frames.map((_, index) => index * 20 + (random() * 20 - 10));
    let next = 0;
    let gaps = 0;
    let lastGap = 0;
    for (let pull = 0; pull < frames.length; pull += 1) {
      for (; (arrivalsMs[next] ?? Number.POSITIVE_INFINITY) <= pull * 20; next += 1) {
        line.say(frames[next] ?? new Int16Array(160));
      }
      if (line.pull() === undefined && next > 0) {
        gaps += 1;
        lastGap = pull;
      }
    }
    assert.ok(gaps <= 1, `${gaps} gaps, the last at frame ${lastGap}`);
    assert.equal(line.counts.trimmed, 0);
  });

  it('makes no gap of packets of 60 ms, once the first has come', (t) => {
    const line = new Line(t);
    const pcm = noise(12_000, RATE_HZ);
    const frames = framesOf(pcm, RATE_HZ);
    const heard: Int16Array[] = [];
    let gaps = 0;
    line.say(...frames.slice(0, 1));
    heard.push(line.pull() ?? new Int16Array(0));
    for (let at = 1; at + 3 <= frames.length; at += 3) {
      line.say(...frames.slice(at, at + 3));
      for (let tick = 0; tick < 3; tick += 1) {
        const frame = line.pull();
        gaps += frame === undefined ? 1 : 0;
        heard.push(frame ?? new Int16Array(0));
      }
    }
    assert.equal(gaps, 0);
    assert.equal(line.counts.trimmed, 0, 'what a packet needs is not superfluous');
    assert.deepEqual(concatPcm(...heard), pcm.subarray(0, heard.length * 160));
  });
});

describe('LiveLane after a stall', () => {
  /** 300 ms in which nobody heard anything, and 15 frames at once after it. Returns what is heard in `ticks` ticks. */
  function stall(line: Line, frames: readonly Int16Array[], ticks: number): Int16Array {
    line.nowMs += 300;
    line.lane.stalled(15, line.nowMs);
    line.say(...frames.slice(0, 15));
    const rest = frames.slice(15, 15 + ticks);
    return line.talk(rest);
  }

  it('works a burst of 15 frames off within 2 s, its pitch kept, and loses only the time it was late', (t) => {
    const line = new Line(t);
    line.talk(framesOf(sine(220, 1_000, RATE_HZ), RATE_HZ));
    const heard = stall(line, framesOf(sine(220, 2_320, RATE_HZ), RATE_HZ), 100);
    assert.ok(Math.abs(pitchHz(heard, RATE_HZ) - 220) < 5, `${pitchHz(heard, RATE_HZ)} Hz`);
    const restMs = durationMs(line.hearAll(), RATE_HZ);
    assert.ok(restMs <= 40, `it is ${restMs} ms late after 2 s`);
    assert.ok(
      line.counts.trimmed >= 13 && line.counts.trimmed <= 15,
      `${line.counts.trimmed} frames were worked off`,
    );
    assert.equal(line.counts.lost, 0);
  });

  it('works it off within 2 s of speech, too', (t) => {
    for (const { name, pcm, rateHz } of loadLibrivoxClips().slice(0, 3)) {
      const line = new Line(t, rateHz, RATE_HZ);
      line.talk(framesOf(noise(1_000, rateHz), rateHz));
      stall(line, framesOf(pcm, rateHz), 100);
      assert.ok(line.behind() <= 2, name);
    }
  });

  it('drops silence first: where there is enough of it, the voice after it is untouched', (t) => {
    const line = new Line(t);
    line.talk(framesOf(sine(220, 1_000, RATE_HZ), RATE_HZ));
    const voice = noise(1_600, RATE_HZ, 0.5);
    const heard = stall(line, framesOf(concatPcm(silence(1_000, RATE_HZ), voice), RATE_HZ), 115);
    const first = heard.findIndex((sample) => sample !== 0);
    // 1,000 ms of silence less the 300 ms it was late.
    assert.ok(Math.abs(first / 8 - 700) <= 40, `${first / 8} ms of silence are left`);
    assert.deepEqual(
      concatPcm(heard.subarray(first), line.hearAll()).subarray(0, 12_000),
      voice.subarray(0, 12_000),
    );
  });

  it('is bit for bit the same again once it has caught up', (t) => {
    const line = new Line(t);
    line.talk(framesOf(sine(220, 1_000, RATE_HZ), RATE_HZ));
    stall(line, framesOf(sine(220, 2_300, RATE_HZ), RATE_HZ), 100);
    const pcm = noise(4_000, RATE_HZ);
    const heard = line.talk(framesOf(pcm, RATE_HZ));
    // At most two frames may still wait between them.
    const lagSamples = [0, 160, 320].find((lag) =>
      heard.subarray(8_000).every((sample, index) => sample === pcm[index + 8_000 - lag]),
    );
    assert.ok(lagSamples !== undefined, 'what is heard is what was said, a whole number of frames later');
  });

  it('leaves nothing of the voice from before in what comes after a pause', (t) => {
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const line = new Line(t);
      line.talk(framesOf(sine(220, 1_000, RATE_HZ), RATE_HZ));
      // The voice breaks off at any moment of catching up.
      stall(line, framesOf(sine(220, 2_000, RATE_HZ), RATE_HZ), ticks);
      line.hearAll();
      const pcm = noise(400, RATE_HZ);
      const heard = line.talk(framesOf(pcm, RATE_HZ));
      assert.deepEqual(sliceMs(heard, RATE_HZ, 20, 400), sliceMs(pcm, RATE_HZ, 20, 400), `${ticks} ticks`);
      assert.equal(line.pull(), undefined, `${ticks} ticks: something was left over`);
    }
  });

  it('leaves nothing behind when the voice breaks off for a moment while it catches up', (t) => {
    for (const toneHz of [90, 110, 220, 300]) {
      for (let ticks = 0; ticks < 20; ticks += 1) {
        for (let breakTicks = 1; breakTicks < 18; breakTicks += 4) {
          const line = new Line(t);
          line.talk(framesOf(sine(toneHz, 1_000, RATE_HZ), RATE_HZ));
          stall(line, framesOf(sine(toneHz, 1_000, RATE_HZ), RATE_HZ), ticks);
          for (let tick = 0; tick < breakTicks; tick += 1) {
            line.pull();
          }
          // Silence is what shows a left-over best.
          line.talk(framesOf(silence(1_000, RATE_HZ), RATE_HZ));
          const rest = levelDbfs(line.hearAll());
          assert.equal(
            rest,
            Number.NEGATIVE_INFINITY,
            `${toneHz} Hz, ${ticks} ticks, ${breakTicks} of break`,
          );
        }
      }
    }
  });

  it('gives back ever more rarely what a hiccup needs again, until it makes no gap', (t) => {
    const line = new Line(t);
    const gapsPer10S: number[] = [];
    for (let tick = 0, late = 0; tick < 4_500; tick += 1) {
      // Each 1.5 s two frames come late, together with the third.
      late += 1;
      if (tick % 75 < 73) {
        line.say(...framesOf(noise(20 * late, RATE_HZ, 0.1, tick + 1), RATE_HZ));
        late = 0;
      }
      const tenSeconds = Math.floor(tick / 500);
      const gap = line.pull() === undefined;
      gapsPer10S[tenSeconds] = (gapsPer10S[tenSeconds] ?? 0) + (gap ? 1 : 0);
    }
    assert.ok((gapsPer10S[0] ?? 0) > 0, 'at first it does not know');
    assert.ok((gapsPer10S[0] ?? 0) <= 8, `${gapsPer10S}`);
    assert.deepEqual(gapsPer10S.slice(2), Array(7).fill(0), `${gapsPer10S}`);
  });

  it('frees what it holds on close, which can be repeated', (t) => {
    const line = new Line(t, 16_000, RATE_HZ);
    line.talk(framesOf(sine(220, 200, 16_000), 16_000));
    line.lane.close();
    line.lane.close();
  });
});
