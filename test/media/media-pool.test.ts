import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { FrameRingWriter } from '../../src/media/frame-ring.ts';
import { allocateLegMemory } from '../../src/media/leg-memory.ts';
import { MediaLeg } from '../../src/media/media-leg.ts';
import { MediaPool } from '../../src/media/media-pool.ts';
import { bytesOf } from '../../src/media/sound.ts';
import { concatPcm, findSoundMs, isTone, sine } from '../asterisk/audio.ts';
import { framesOf } from './frames.ts';
import { voiceLike } from './voice-like.ts';

const WORKER_URL = new URL('../../workers/media-thread.js', import.meta.url);
const RATE_HZ = 8_000;

/** Lets real threads work for a moment. */
function pause(): Promise<void> {
  return systemClock.sleep(2, new AbortController().signal);
}

/** A leg on a real thread, and what it was sent so far. */
class ThreadedLeg {
  readonly told: string[] = [];
  /** What was passed on of its utterances. */
  readonly spoken: Int16Array[] = [];
  readonly leg: MediaLeg;
  #sent: Int16Array = new Int16Array(0);

  constructor(test: TestContext, pool: MediaPool) {
    this.leg = new MediaLeg(pool, systemClock, silentLog, 0, {
      speechStarted: () => true,
      speech: (pcm) => this.spoken.push(pcm),
      speechPaused: () => {},
      speechResumed: () => {},
      speechWasNone: () => {},
      speechEnded: () => this.told.push('speech ended'),
    });
    test.after(() => this.leg.close());
  }

  segment(pcm: Int16Array): void {
    const segment = this.leg.openSegment(RATE_HZ, {
      started: () => this.told.push('started'),
      ended: (_, end) => this.told.push(end),
    });
    this.leg.addAudio(segment, pcm);
    this.leg.endSegment(segment);
  }

  /** Takes frames as they come until what was sent since the call fulfils `predicate`. @throws Error after 5 s. */
  async until(what: string, predicate: (sent: Int16Array) => boolean): Promise<void> {
    const limitMs = systemClock.nowMs() + 5_000;
    this.#sent = new Int16Array(0);
    while (!predicate(this.#sent)) {
      assert.ok(systemClock.nowMs() < limitMs, `not within 5 s: ${what}; ${this.told}`);
      const bytes = this.leg.takeFrame();
      if (bytes !== undefined) {
        this.#sent = concatPcm(this.#sent, new Int16Array(bytes.slice().buffer));
      }
      await pause();
    }
  }
}

/** Whether the last 60 ms of `pcm` are the tone. */
function endsWithTone(toneHz: number): (pcm: Int16Array) => boolean {
  return (pcm) => pcm.length >= 480 && isTone(pcm.subarray(-480), toneHz, RATE_HZ);
}

describe('MediaPool', () => {
  let pool: MediaPool;
  before(async () => {
    pool = new MediaPool({ threads: 1, workerUrl: WORKER_URL });
    await pool.ready();
  });
  after(() => pool.close());

  it('runs a leg on a thread: frames come, segments are heard and told of', async (t) => {
    const leg = new ThreadedLeg(t, pool);
    leg.segment(sine(440, 200, RATE_HZ));
    await leg.until('the tone', endsWithTone(440));
    await leg.until('its end', () => leg.told.includes('played'));
    assert.deepEqual(leg.told, ['started', 'played']);
  });

  it('runs several legs on one thread, apart from each other', async (t) => {
    const [one, other] = [new ThreadedLeg(t, pool), new ThreadedLeg(t, pool)];
    one.segment(sine(440, 1_000, RATE_HZ));
    other.segment(sine(1_000, 1_000, RATE_HZ));
    await Promise.all([one.until('440', endsWithTone(440)), other.until('1000', endsWithTone(1_000))]);
  });

  it('survives a killed thread: whom a leg hears, that it waits, and what it has to say', async (t) => {
    const [hearing, waiting, speaking] = [
      new ThreadedLeg(t, pool),
      new ThreadedLeg(t, pool),
      new ThreadedLeg(t, pool),
    ];
    const partner = allocateLegMemory().inbound;
    hearing.leg.hear(partner, 'through');
    waiting.leg.wait(true);
    speaking.segment(sine(440, 400, RATE_HZ));
    await speaking.until('the segment', (sent) => findSoundMs(sent, RATE_HZ) !== undefined);
    assert.ok(await pool.killThread(0));
    await Promise.all([
      speaking.until('the segment, again', () => speaking.told.includes('played')),
      waiting.until('the waiting tone', (sent) => findSoundMs(sent, RATE_HZ, 0, -60) !== undefined),
    ]);
    assert.deepEqual(speaking.told, ['started', 'started', 'played']);
    const frames = framesOf(sine(700, 5_000, RATE_HZ), RATE_HZ);
    const writer = new FrameRingWriter(partner);
    let said = 0;
    await hearing.until('the partner', (sent) => {
      // As many frames are said as were heard.
      for (; said <= sent.length / 160; said += 1) {
        writer.writeSamples(frames[said % frames.length] ?? new Int16Array(160), RATE_HZ, 0);
      }
      return endsWithTone(700)(sent);
    });
    assert.deepEqual(
      [hearing, waiting, speaking].map(({ leg }) => leg.restarts),
      [1, 1, 1],
    );
  });

  it('passes an utterance on frame by frame, though the main thread never looks for them', async (t) => {
    const leg = new ThreadedLeg(t, pool);
    const frames = framesOf(voiceLike(600, RATE_HZ), RATE_HZ);
    await leg.until('its thread', (sent) => sent.length > 0);
    for (const frame of frames.slice(0, 20)) {
      leg.leg.receive(bytesOf(frame), RATE_HZ, systemClock.nowMs());
    }
    await leg.until('its beginning', () => leg.spoken.length > 0);
    for (const frame of frames.slice(20)) {
      const passed = leg.spoken.length;
      leg.leg.receive(bytesOf(frame), RATE_HZ, systemClock.nowMs());
      await leg.until('the next frame', () => leg.spoken.length > passed);
    }
    assert.deepEqual(leg.told, []);
  });

  it('ends a task when its leg is closed, twice or not', async (t) => {
    const leg = new ThreadedLeg(t, pool);
    await leg.until('a frame', (sent) => sent.length > 0);
    await Promise.all([leg.leg.close(), leg.leg.close()]);
    await leg.leg.close();
  });

  it('has no thread to kill past its number', async () => {
    assert.equal(pool.threads, 1);
    assert.equal(await pool.killThread(1), false);
  });
});

describe('a MediaPool that is closed', () => {
  it('rejects the tasks that still run', async () => {
    const pool = new MediaPool({ threads: 1, workerUrl: WORKER_URL });
    await pool.ready();
    const task = pool.start({ memory: allocateLegMemory(), phaseMs: 0, rateHz: RATE_HZ });
    const rejected = assert.rejects(task.ended);
    await pool.close();
    await rejected;
    task.port.close();
  });
});
