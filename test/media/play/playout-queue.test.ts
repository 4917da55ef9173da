import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { frameSamples } from '../../../src/base/units.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { PlayoutQueue } from '../../../src/media/play/playout-queue.ts';
import { AS_SPOKEN, type SegmentManner } from '../../../src/media/play/segment-manner.ts';
import { PLAYOUT_LIMIT_MS } from '../../../src/media/play/segment-store.ts';
import { PEAK_SPEED } from '../../../src/media/play/tempo-policy.ts';
import { allocateLegMemory, MediaCounters } from '../../../src/media/ring/leg-memory.ts';
import {
  concatPcm,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  silence,
  sine,
  sliceMs,
  toneDbfs,
} from '../../asterisk/audio.ts';
import { constantFrame, durationMs, greatestStep, inPieces, pitchHz, softened } from '../frames.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** Segments at {@link RATE_HZ} as they are heard one after the other. */
function softly(...segments: readonly Int16Array[]): Int16Array {
  return concatPcm(...segments.map((pcm) => softened(pcm, RATE_HZ)));
}

/** A queue, what it told, and what is heard of it. */
class Playing {
  readonly told: string[] = [];
  readonly queue: PlayoutQueue;
  readonly #counters = new MediaCounters(allocateLegMemory().counters);
  rateHz: number;

  constructor(test: TestContext, rateHz = RATE_HZ) {
    this.rateHz = rateHz;
    this.queue = new PlayoutQueue(modules, rateHz, this.#counters, {
      segmentStarted: (segment) => this.told.push(`${segment} started`),
      segmentEnded: (segment, end) => this.told.push(`${segment} ${end}`),
    });
    test.after(() => this.queue.close());
  }

  /** Frames for which there was no sound. */
  get missing(): number {
    return this.#counters.get('playoutMissing');
  }

  /** Segments and pieces that were given up. */
  get dropped(): number {
    return this.#counters.get('playoutDropped');
  }

  /** A segment that has all its sound. */
  whole(id: number, pcm: Int16Array, rateHz = this.rateHz, turn?: number): void {
    this.queue.open(id, rateHz, turn);
    this.queue.add(id, pcm);
    this.queue.end(id);
  }

  /** The next frame, or undefined when there is none. */
  pull(): Int16Array | undefined {
    const frame = new Int16Array(frameSamples(this.rateHz));
    return this.queue.pull(frame) ? frame : undefined;
  }

  /** What is heard in `frames` frames; silence where there is none. */
  hear(frames: number): Int16Array {
    return concatPcm(
      ...Array.from({ length: frames }, () => this.pull() ?? new Int16Array(frameSamples(this.rateHz))),
    );
  }

  /** Everything up to the first frame that is missing. */
  hearAll(): Int16Array {
    const frames: Int16Array[] = [];
    for (let frame = this.pull(); frame !== undefined; frame = this.pull()) {
      frames.push(frame);
    }
    return concatPcm(...frames);
  }
}

describe('PlayoutQueue', () => {
  it('has nothing at first, and leaves the frame alone', (t) => {
    const playing = new Playing(t);
    const { queue, told } = playing;
    const frame = constantFrame(7, 160);
    assert.equal(queue.pull(frame), false);
    assert.deepEqual(frame, constantFrame(7, 160));
    assert.deepEqual([queue.busy, queue.queuedMs, queue.behindMs, playing.missing], [false, 0, 0, 0]);
    assert.deepEqual(told, []);
  });

  it("plays sound of the leg's rate bit for bit but for its soft edges, padded to whole frames", (t) => {
    const playing = new Playing(t);
    const pcm = noise(50, RATE_HZ);
    playing.whole(0, pcm);
    assert.deepEqual(playing.hearAll(), concatPcm(softened(pcm, RATE_HZ), silence(10, RATE_HZ)));
    assert.deepEqual(playing.told, ['0 started', '0 played']);
    assert.equal(playing.queue.busy, false);
  });

  it('plays segments in the order they were announced, whichever has its sound first', (t) => {
    const playing = new Playing(t);
    playing.queue.open(0, RATE_HZ, undefined);
    playing.whole(1, constantFrame(2_000, 320));
    assert.equal(playing.pull(), undefined, 'the first one has its turn');
    playing.queue.add(0, constantFrame(1_000, 160));
    playing.queue.end(0);
    assert.deepEqual(playing.hearAll(), softly(constantFrame(1_000, 160), constantFrame(2_000, 320)));
    assert.deepEqual(playing.told, ['0 started', '0 played', '1 started', '1 played']);
  });

  it("makes frames of the leg's rate of what is synthesised at 22,050 Hz", (t) => {
    for (const rateHz of [8_000, 16_000, 48_000]) {
      const playing = new Playing(t, rateHz);
      playing.whole(0, sine(1_000, 1_000, 22_050), 22_050);
      const heard = playing.hearAll();
      assert.ok(durationMs(heard, rateHz) - 1_000 <= 20);
      const middle = sliceMs(heard, rateHz, 100, 900);
      assert.ok(
        Math.abs(toneDbfs(middle, 1_000, rateHz) - toneDbfs(sine(1_000, 800, 22_050), 1_000, 22_050)) < 0.1,
      );
      assert.ok(levelDbfs(middle) - toneDbfs(middle, 1_000, rateHz) < 0.1, 'there is nothing else');
    }
  });

  it('starts with the first bytes that make a frame, and 5 ms that may have to fade out', (t) => {
    const playing = new Playing(t, 16_000);
    playing.queue.open(0, 16_000, undefined);
    playing.queue.add(0, noise(24, 16_000));
    assert.equal(playing.pull(), undefined);
    assert.equal(playing.missing, 0, 'nothing is missed before it has started');
    playing.queue.add(0, noise(1, 16_000));
    assert.ok(playing.pull() !== undefined);
    assert.deepEqual(playing.told, ['0 started']);
  });

  it('fades out when bytes are late, gathers 60 ms before it goes on, counts that, and loses nothing', (t) => {
    const playing = new Playing(t);
    const pcm = sine(300, 200, RATE_HZ);
    playing.queue.open(0, RATE_HZ, undefined);
    playing.queue.add(0, pcm.subarray(0, 400));
    const heard = [playing.hear(10)];
    assert.equal(playing.missing, 7, '50 ms are three frames');
    playing.queue.add(0, pcm.subarray(400, 800));
    assert.equal(playing.pull(), undefined, '50 ms are not enough');
    playing.queue.add(0, pcm.subarray(800, 880));
    heard.push(playing.hear(2));
    playing.queue.add(0, pcm.subarray(880));
    playing.queue.end(0);
    heard.push(playing.hearAll());
    const all = concatPcm(...heard);
    assert.equal(greatestStep(all) <= greatestStep(pcm) * 1.05, true, 'no click');
    assert.equal(durationMs(all, RATE_HZ), 200 + 150 + 10, 'with the time it was silent, and padded');
    assert.ok(levelDbfs(sliceMs(all, RATE_HZ, 50, 200)) === Number.NEGATIVE_INFINITY);
    assert.deepEqual(playing.told, ['0 started', '0 played']);
  });

  it('gathers twice as much each time a segment runs dry, up to 240 ms, but never waits for more of a whole one', (t) => {
    const playing = new Playing(t);
    playing.queue.open(0, RATE_HZ, undefined);
    const needed: number[] = [];
    for (let time = 0; time < 4; time += 1) {
      let gatheredMs = 0;
      while (playing.pull() === undefined) {
        playing.queue.add(0, noise(10, RATE_HZ));
        gatheredMs += 10;
      }
      needed.push(gatheredMs);
      playing.hear(20);
    }
    assert.deepEqual(needed, [30, 60, 120, 240]);
    playing.queue.add(0, noise(20, RATE_HZ));
    playing.queue.end(0);
    playing.hearAll();
    playing.whole(1, noise(20, RATE_HZ));
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 20);
  });

  it('ends a segment without sound in its turn, as one that started and was played', (t) => {
    const playing = new Playing(t);
    playing.whole(0, constantFrame(1_000, 160));
    playing.whole(1, new Int16Array(0));
    playing.whole(2, constantFrame(2_000, 160));
    assert.deepEqual(playing.hearAll(), softly(constantFrame(1_000, 160), constantFrame(2_000, 160)));
    assert.deepEqual(playing.told, [
      '0 started',
      '0 played',
      '1 started',
      '1 played',
      '2 started',
      '2 played',
    ]);
  });

  it('ignores sound and ends of segments it does not know', (t) => {
    const playing = new Playing(t);
    playing.queue.add(5, constantFrame(1_000, 160));
    playing.queue.end(5);
    assert.equal(playing.pull(), undefined);
    assert.equal(playing.queue.queuedMs, 0);
  });

  it('knows how much speech waits', (t) => {
    const playing = new Playing(t);
    playing.whole(0, noise(100, 16_000), 16_000);
    playing.whole(1, noise(60, RATE_HZ));
    assert.equal(playing.queue.queuedMs, 160);
    playing.pull();
    assert.equal(playing.queue.queuedMs, 140);
  });

  it('drops the oldest segment that has not begun past its limit, and says so', (t) => {
    const playing = new Playing(t);
    const third = PLAYOUT_LIMIT_MS / 3;
    playing.whole(0, noise(third, RATE_HZ));
    playing.pull();
    playing.whole(1, noise(third, RATE_HZ));
    playing.whole(2, noise(third, RATE_HZ));
    assert.deepEqual(playing.told, ['0 started']);
    playing.whole(3, noise(third, RATE_HZ));
    assert.deepEqual(playing.told, ['0 started', '1 dropped']);
    assert.equal(playing.dropped, 1);
    assert.ok(playing.queue.queuedMs <= PLAYOUT_LIMIT_MS);
    const heardMs = durationMs(playing.hearAll(), RATE_HZ);
    assert.ok(heardMs < third * 3 && heardMs > (third * 3) / PEAK_SPEED, `${heardMs} ms: whole, and hurried`);
    assert.deepEqual(playing.told.slice(2), ['0 played', '2 started', '2 played', '3 started', '3 played']);
  });

  it('drops the oldest sound of a segment that is too long by itself', (t) => {
    const playing = new Playing(t);
    playing.queue.open(0, RATE_HZ, undefined);
    for (let second = 0; second < 62; second += 1) {
      playing.queue.add(0, constantFrame(1_000 + second, RATE_HZ));
    }
    assert.equal(playing.dropped, 2);
    assert.equal(playing.queue.queuedMs, PLAYOUT_LIMIT_MS);
    assert.equal(playing.pull()?.[80], 1_002);
  });

  it('forgets everything that was not heard when flushed, and can be used again', (t) => {
    const playing = new Playing(t);
    playing.whole(0, noise(500, 22_050), 22_050);
    playing.whole(1, noise(500, 22_050), 22_050);
    playing.pull();
    playing.queue.flush();
    assert.deepEqual(playing.told, ['0 started', '0 flushed', '1 flushed']);
    assert.deepEqual([playing.queue.busy, playing.queue.queuedMs], [false, 0]);
    assert.equal(levelDbfs(playing.pull()?.subarray(40) ?? new Int16Array(0)), Number.NEGATIVE_INFINITY);
    assert.equal(playing.pull(), undefined);
    playing.whole(2, constantFrame(1_000, 160));
    assert.deepEqual(playing.hearAll(), softly(constantFrame(1_000, 160)));
  });

  it('has what comes after a flush to its last sound, in whichever frame of a segment that was', (t) => {
    const pcm = sine(1_000, 200, 24_000);
    const untouched = new Playing(t);
    untouched.whole(0, pcm, 24_000);
    const whole = untouched.hearAll();
    for (let frames = 1; frames <= whole.length / frameSamples(RATE_HZ); frames += 1) {
      const playing = new Playing(t);
      playing.whole(0, pcm, 24_000);
      playing.hear(frames);
      playing.queue.flush();
      playing.hear(2);
      playing.whole(1, pcm, 24_000);
      assert.deepEqual(playing.hearAll(), whole, `after ${frames} frames`);
    }
  });

  it('fades out what is flushed twice before the next frame', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 500, RATE_HZ));
    const before = playing.hear(5);
    playing.queue.flush();
    playing.queue.flush();
    const after = playing.hear(2);
    assert.ok(greatestStep(concatPcm(before, after)) <= 1.1 * greatestStep(before));
    assert.ok(levelDbfs(after.subarray(0, 40)) > -20, 'it ends softly');
  });

  it("goes on at another rate of the leg's, in the middle of a segment", (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(1_000, 1_000, 22_050), 22_050);
    const before = playing.hear(25);
    playing.rateHz = 16_000;
    playing.queue.setRate(16_000);
    const after = playing.hearAll();
    assert.ok(levelDbfs(before) > -10);
    assert.ok(Math.abs(durationMs(after, 16_000) - 500) <= 20);
    assert.ok(Math.abs(pitchHz(sliceMs(after, 16_000, 20, 480), 16_000) - 1_000) < 10);
    assert.deepEqual(playing.told, ['0 started', '0 played']);
  });

  it('has nothing after close, which frees what it holds and can be repeated', (t) => {
    const playing = new Playing(t);
    playing.whole(0, noise(500, 22_050), 22_050);
    playing.pull();
    playing.queue.close();
    playing.queue.close();
    assert.equal(playing.pull(), undefined);
    assert.deepEqual(playing.told, ['0 started']);
  });
});

describe("PlayoutQueue's turns", () => {
  /** What begins to be heard, in order. */
  function startedOf({ told }: Playing): readonly string[] {
    return told.filter((line) => line.endsWith('started')).map((line) => line.slice(0, -' started'.length));
  }

  it('are heard in their order, and within one in the order of opening, whichever comes first', (t) => {
    const playing = new Playing(t);
    for (const [id, turn] of [
      [0, 5],
      [1, 3],
      [2, 5],
      [3, 3],
    ] as const) {
      playing.whole(id, constantFrame(1_000 * (id + 1), 160), RATE_HZ, turn);
    }
    const heard = playing.hearAll();
    assert.deepEqual(startedOf(playing), ['1', '3', '0', '2']);
    assert.deepEqual(heard, softly(...[1, 3, 0, 2].map((id) => constantFrame(1_000 * (id + 1), 160))));
  });

  it('wait while a lower one is open, though it has nothing to say yet, and lose nothing', (t) => {
    const playing = new Playing(t);
    playing.queue.turns = [3, 5];
    playing.whole(0, constantFrame(1_000, 160), RATE_HZ, 5);
    assert.equal(playing.pull(), undefined);
    assert.equal(playing.queue.waiting, false, 'it does not wait for the listener');
    playing.whole(1, constantFrame(2_000, 160), RATE_HZ, 3);
    assert.deepEqual(playing.pull(), softly(constantFrame(2_000, 160)));
    assert.equal(playing.pull(), undefined, 'more of the lower turn may come');
    playing.queue.turns = [5];
    assert.equal(playing.queue.waiting, true);
    assert.deepEqual(playing.hearAll(), softly(constantFrame(1_000, 160)));
    assert.equal(playing.missing, 0);
  });

  it('do not wait for a higher one that is open', (t) => {
    const playing = new Playing(t);
    playing.queue.turns = [8];
    playing.whole(0, constantFrame(1_000, 160), RATE_HZ, 5);
    assert.ok(playing.pull() !== undefined);
  });

  it('go on once they have begun, whatever opens before them', (t) => {
    const playing = new Playing(t);
    playing.whole(0, constantFrame(1_000, 640), RATE_HZ, 5);
    const heard = [playing.hear(1)];
    playing.queue.turns = [2];
    playing.whole(1, constantFrame(2_000, 160), RATE_HZ, 2);
    heard.push(playing.hearAll());
    assert.deepEqual(concatPcm(...heard), softly(constantFrame(1_000, 640), constantFrame(2_000, 160)));
  });

  it('are not mixed up when a lower one comes in while the first bytes of another wait', (t) => {
    const playing = new Playing(t);
    playing.queue.open(0, RATE_HZ, 5);
    playing.queue.add(0, constantFrame(1_000, 80));
    assert.equal(playing.pull(), undefined, '10 ms are too little to begin with');
    playing.whole(1, constantFrame(2_000, 160), RATE_HZ, 2);
    playing.queue.add(0, constantFrame(1_000, 80));
    playing.queue.end(0);
    assert.deepEqual(playing.hearAll(), softly(constantFrame(1_000, 160), constantFrame(2_000, 160)));
  });

  it('let a segment without one go before all that wait, not before what is heard', (t) => {
    const playing = new Playing(t);
    playing.queue.turns = [1, 2];
    playing.whole(0, constantFrame(1_000, 320), RATE_HZ, 1);
    playing.pull();
    playing.whole(1, constantFrame(2_000, 160), RATE_HZ, 1);
    playing.whole(2, constantFrame(3_000, 160));
    playing.hearAll();
    assert.deepEqual(startedOf(playing), ['0', '2', '1']);
  });

  it('count together as what waits: one that waits its turn makes the one that is heard hurry', (t) => {
    const alone = new Playing(t);
    alone.whole(0, sine(300, 2_000, RATE_HZ), RATE_HZ, 1);
    const together = new Playing(t);
    together.queue.turns = [1];
    together.whole(0, sine(300, 2_000, RATE_HZ), RATE_HZ, 1);
    together.whole(1, sine(300, 2_000, RATE_HZ), RATE_HZ, 2);
    assert.equal(together.queue.queuedMs, 4_000);
    alone.hear(30);
    together.hear(30);
    assert.equal(alone.queue.speed, 1);
    assert.ok(together.queue.speed > 1.2, `${together.queue.speed}`);
  });

  it('drop what is stalest of all of them past the limit: what was announced first', (t) => {
    const playing = new Playing(t);
    const third = PLAYOUT_LIMIT_MS / 3;
    playing.queue.turns = [1];
    playing.whole(0, noise(third, RATE_HZ), RATE_HZ, 9);
    playing.whole(1, noise(third, RATE_HZ), RATE_HZ, 2);
    playing.whole(2, noise(third, RATE_HZ));
    playing.whole(3, noise(third, RATE_HZ), RATE_HZ, 3);
    assert.deepEqual(playing.told, ['0 dropped']);
  });
});

describe("PlayoutQueue's joins", () => {
  /** A voice of 300 Hz between silences. */
  function clause(leadMs: number, voiceMs: number, tailMs: number): Int16Array {
    return concatPcm(silence(leadMs, RATE_HZ), sine(300, voiceMs, RATE_HZ), silence(tailMs, RATE_HZ));
  }

  it('have neither the silence before a segment nor more than 80 ms of that after it, 40 when the next one waits', (t) => {
    const playing = new Playing(t);
    playing.whole(0, clause(50, 100, 140));
    playing.whole(1, clause(200, 100, 0));
    const heard = playing.hearAll();
    const soundMs = inPieces(heard, 40).map((piece) => levelDbfs(piece) > -50);
    const pauseMs = (soundMs.lastIndexOf(true) + 1 - soundMs.filter(Boolean).length) * 5;
    // 40 ms after the one, up to 10 ms before the other, and what their soft edges hide.
    assert.ok(soundMs.indexOf(true) * 5 <= 15, 'the first begins at once');
    assert.ok(pauseMs >= 35 && pauseMs <= 65, `${pauseMs} ms`);
  });

  it('are in the middle of a frame, without a click', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 107, RATE_HZ));
    playing.whole(1, sine(300, 93, RATE_HZ));
    const heard = playing.hearAll();
    assert.equal(durationMs(heard, RATE_HZ), 200, 'no frame is padded between them');
    assert.ok(greatestStep(heard) <= greatestStep(sine(300, 100, RATE_HZ)) * 1.05);
    assert.deepEqual(playing.told, ['0 started', '0 played', '1 started', '1 played']);
  });

  it('have nothing of the last segment in the next one, whatever the rates', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 200, 24_000), 24_000);
    playing.whole(1, concatPcm(silence(150, 24_000), sine(300, 200, 24_000)), 24_000);
    const heard = playing.hearAll();
    const ofFirst = inPieces(heard, 8).findIndex((piece, ms) => ms > 100 && levelDbfs(piece) < -45);
    const ofSecond = inPieces(heard, 8).findIndex((piece, ms) => ms > ofFirst && levelDbfs(piece) > -30);
    assert.ok(ofFirst >= 188 && ofFirst <= 206, `the first ends after ${ofFirst} ms`);
    assert.ok(ofSecond - ofFirst <= 20, `and the second begins ${ofSecond - ofFirst} ms later`);
  });

  it('wait while it is held, but what has begun goes on', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 100, RATE_HZ));
    playing.whole(1, sine(300, 100, RATE_HZ));
    playing.pull();
    playing.queue.held = true;
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 80);
    assert.deepEqual(playing.told, ['0 started', '0 played']);
    assert.equal(playing.queue.waiting, true);
    assert.equal(playing.missing, 0);
    playing.queue.held = false;
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 100);
  });

  it('plays the silence of an engine that has nothing else to give yet', (t) => {
    const playing = new Playing(t);
    playing.queue.open(0, RATE_HZ, undefined);
    playing.queue.add(0, clause(0, 100, 400));
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 500);
    assert.equal(playing.missing, 1);
  });
});

describe('PlayoutQueue with a backlog', () => {
  it('plays a sentence by itself as it was spoken, however long', (t) => {
    const playing = new Playing(t);
    const pcm = concatPcm(sine(300, 2_000, RATE_HZ), silence(400, RATE_HZ), sine(300, 2_000, RATE_HZ));
    playing.whole(0, pcm);
    assert.deepEqual(playing.hearAll(), softly(pcm));
  });

  it('shortens a long pause to 80 ms when something waits, before and besides any speed', (t) => {
    const playing = new Playing(t);
    playing.whole(0, concatPcm(sine(300, 200, RATE_HZ), silence(400, RATE_HZ), sine(300, 200, RATE_HZ)));
    playing.whole(1, sine(300, 500, RATE_HZ));
    const heard = playing.hearAll();
    const pauseMs = inPieces(heard, 40).filter((piece) => levelDbfs(piece) < -50).length * 5;
    assert.ok(pauseMs >= 60 && pauseMs <= 95, `${pauseMs} ms`);
  });

  it('leaves pauses alone that are not long', (t) => {
    const playing = new Playing(t);
    playing.queue.moreComing = true;
    playing.whole(0, concatPcm(sine(300, 100, RATE_HZ), silence(140, RATE_HZ), sine(300, 1_000, RATE_HZ)));
    const heard = playing.hearAll();
    const pauseMs = inPieces(heard, 40).filter((piece) => levelDbfs(piece) < -50).length * 5;
    assert.ok(pauseMs >= 110 && pauseMs <= 145, `${pauseMs} ms`);
  });

  it('plays faster, pitch kept, without a click, never past 1.25 times while little waits', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 2_900, RATE_HZ));
    playing.whole(1, sine(300, 900, RATE_HZ));
    let fastest = 1;
    const heard: Int16Array[] = [];
    while (!playing.told.includes('1 started')) {
      heard.push(playing.hear(1));
      fastest = Math.max(fastest, playing.queue.speed);
    }
    const all = concatPcm(...heard);
    assert.equal(fastest, 1.25);
    assert.ok(durationMs(all, RATE_HZ) < 2_900 / 1.12 && durationMs(all, RATE_HZ) > 2_900 / 1.25);
    assert.ok(Math.abs(pitchHz(sliceMs(all, RATE_HZ, 20, 2_200), RATE_HZ) - 300) < 4);
    assert.ok(greatestStep(all) <= greatestStep(sine(300, 100, RATE_HZ)) * 1.05);
  });

  it('is in no hurry for the last of what there is to say', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(300, 2_000, RATE_HZ));
    playing.whole(1, sine(300, 2_000, RATE_HZ));
    playing.hear(50);
    assert.ok(playing.queue.speed > 1.1, `${playing.queue.speed}`);
    while (!playing.told.includes('1 started')) {
      playing.pull();
    }
    playing.hear(25);
    assert.equal(playing.queue.speed, 1);
  });
});

describe('PlayoutQueue after a stall', () => {
  it('does not care when nothing was playing', (t) => {
    const playing = new Playing(t);
    playing.queue.stalled(300);
    playing.whole(0, noise(100, RATE_HZ));
    playing.queue.stalled(300);
    assert.equal(playing.queue.behindMs, 0);
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 100);
  });

  it('is back on time within 2 s of a voice without pauses, its pitch kept', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(220, 4_000, RATE_HZ));
    playing.hear(5);
    playing.queue.stalled(300);
    assert.equal(playing.queue.behindMs, 300);
    const heard: Int16Array[] = [];
    while (playing.queue.behindMs >= 20) {
      heard.push(playing.hear(1));
    }
    const hurried = concatPcm(...heard);
    assert.ok(durationMs(hurried, RATE_HZ) <= 2_000, `${durationMs(hurried, RATE_HZ)} ms`);
    assert.ok(Math.abs(pitchHz(hurried, RATE_HZ) - 220) < 4, `${pitchHz(hurried, RATE_HZ)} Hz`);
    const rest = playing.hearAll();
    const wholeMs = 100 + durationMs(hurried, RATE_HZ) + durationMs(rest, RATE_HZ);
    assert.ok(Math.abs(wholeMs - 3_700) <= 40, `${wholeMs} ms: 300 of 4,000 ms were worked off`);
    assert.ok(Math.abs(pitchHz(rest, RATE_HZ) - 220) < 2);
    assert.equal(playing.queue.behindMs, 0);
  });

  it('is back on time within 2 s of speech', (t) => {
    for (const clip of loadLibrivoxClips()) {
      const playing = new Playing(t);
      playing.whole(0, clip.pcm, clip.rateHz);
      playing.hear(10);
      playing.queue.stalled(300);
      playing.hear(100);
      assert.ok(playing.queue.behindMs < 20, `${clip.name}: ${playing.queue.behindMs} ms behind`);
    }
  });

  it('skips what is more than 80 ms of a pause, and hurries only for the rest', (t) => {
    const playing = new Playing(t);
    playing.whole(0, concatPcm(sine(220, 100, RATE_HZ), silence(1_000, RATE_HZ), sine(220, 2_000, RATE_HZ)));
    playing.hear(5);
    playing.queue.stalled(300);
    const heard = playing.hearAll();
    const pauseMs = inPieces(heard, 80).filter((piece) => levelDbfs(piece) < -50).length * 10;
    assert.ok(pauseMs >= 650 && pauseMs <= 800, `${pauseMs} ms of pause are left of 1,000`);
    const wholeMs = 100 + durationMs(heard, RATE_HZ);
    assert.ok(Math.abs(wholeMs - 2_800) <= 60, `${wholeMs} ms of 3,100`);
  });

  it('is on time when it has nothing left to say', (t) => {
    const playing = new Playing(t);
    playing.whole(0, noise(200, RATE_HZ));
    playing.hear(2);
    playing.queue.stalled(3_000);
    playing.hearAll();
    assert.equal(playing.queue.behindMs, 0);
    playing.whole(1, noise(200, RATE_HZ));
    assert.equal(durationMs(playing.hearAll(), RATE_HZ), 200);
  });

  it('plays at its own speed, bit for bit, once it is back on time', (t) => {
    const playing = new Playing(t);
    playing.whole(0, sine(220, 1_000, RATE_HZ));
    playing.hear(2);
    playing.queue.stalled(100);
    playing.hear(40);
    assert.ok(playing.queue.behindMs < 20);
    playing.hearAll();
    const pcm = noise(400, RATE_HZ);
    playing.whole(1, pcm);
    assert.deepEqual(playing.hearAll(), softly(pcm));
  });
});

describe('the manner of a segment', () => {
  const SLOW: SegmentManner = { speed: 0.85, gainDb: 0, restMs: 0 };

  /** A segment that has all its sound. */
  function speak({ queue }: Playing, id: number, pcm: Int16Array, manner: Partial<SegmentManner>): void {
    queue.open(id, RATE_HZ, undefined, { ...AS_SPOKEN, ...manner });
    queue.add(id, pcm);
    queue.end(id);
  }

  it('is its speed, from the first sound on, either way', (t) => {
    for (const speed of [0.85, 1.15]) {
      const playing = new Playing(t);
      speak(playing, 0, sine(400, 2_000, RATE_HZ), { speed });
      const heard = playing.hearAll();
      assert.ok(
        Math.abs(durationMs(heard, RATE_HZ) - 2_000 / speed) < 50,
        `${durationMs(heard, RATE_HZ)} ms`,
      );
      assert.ok(Math.abs(pitchHz(sliceMs(heard, RATE_HZ, 200, 1_200), RATE_HZ) - 400) < 4);
    }
  });

  it('is left as soon as speech waits: nobody lags for it', (t) => {
    const playing = new Playing(t);
    speak(playing, 0, sine(400, 2_000, RATE_HZ), SLOW);
    playing.hear(10);
    assert.equal(playing.queue.speed, 0.85);
    speak(playing, 1, sine(400, 1_000, RATE_HZ), SLOW);
    playing.hear(60);
    assert.ok(playing.queue.speed > 1.2, `${playing.queue.speed}`);
  });

  it('makes nothing late: what is slow on purpose is not made up for', (t) => {
    const playing = new Playing(t);
    speak(playing, 0, sine(400, 2_000, RATE_HZ), SLOW);
    playing.hear(50);
    assert.equal(playing.queue.behindMs, 0);
  });

  it('is a rest before it, the silence counted that was there anyway', (t) => {
    const playing = new Playing(t);
    speak(playing, 0, noise(200, RATE_HZ), {});
    playing.hear(10);
    speak(playing, 1, noise(200, RATE_HZ), { restMs: 100 });
    assert.equal(levelDbfs(playing.hear(5)), Number.NEGATIVE_INFINITY);
    assert.ok(playing.pull() !== undefined);
    playing.hear(9 + 3);
    speak(playing, 2, noise(200, RATE_HZ), { restMs: 100 });
    assert.equal(levelDbfs(playing.hear(2)), Number.NEGATIVE_INFINITY, 'three frames were silent already');
    assert.ok(playing.pull() !== undefined);
  });

  it('is no rest at all while more speech waits behind it', (t) => {
    const playing = new Playing(t);
    speak(playing, 0, noise(200, RATE_HZ), {});
    playing.hear(10);
    speak(playing, 1, noise(200, RATE_HZ), { restMs: 300 });
    speak(playing, 2, noise(200, RATE_HZ), {});
    assert.ok(playing.pull() !== undefined);
  });

  it('is how loud it is, told with each frame', (t) => {
    const playing = new Playing(t);
    speak(playing, 0, noise(100, RATE_HZ), { gainDb: -6 });
    speak(playing, 1, noise(100, RATE_HZ), { gainDb: 3 });
    const gains: number[] = [];
    while (playing.pull() !== undefined) {
      gains.push(playing.queue.gainDb);
    }
    assert.deepEqual([gains[0], gains.at(-1)], [-6, 3]);
  });
});
