import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setEnvironmentData } from 'node:worker_threads';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { bytesOf } from '../../../src/media/dsp/sound.ts';
import { FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { FrameWire } from '../../../src/media/ring/frame-wire.ts';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import { LegLink } from '../../../src/media/thread/leg-link.ts';
import { MediaPool } from '../../../src/media/thread/media-pool.ts';
import { NO_ORDERS } from '../../../src/media/thread/orders.ts';
import { AudioSocketDecoder } from '../../../src/protocol/audiosocket/decoder.ts';
import { concatPcm, findSoundMs, isTone, sine } from '../../asterisk/audio.ts';
import { never } from '../../support/waiting.ts';
import { framesOf } from '../frames.ts';
import { voiceLike } from '../voice-like.ts';

const WORKER_URL = new URL('../../../workers/media-thread.js', import.meta.url);
/** No limit that is tested: a thread that is started anew takes a busy machine seconds. */
const LIMIT_MS = 60_000;
const RATE_HZ = 8_000;

/** Lets real threads work for a moment. */
function pause(): Promise<void> {
  return systemClock.sleep(2, never());
}

/** A leg on a real thread, and what it was sent so far. */
class ThreadedLeg {
  readonly told: string[] = [];
  /** What was passed on of its utterances. */
  readonly spoken: Int16Array[] = [];
  readonly leg: LegLink;
  #sent: Int16Array = new Int16Array(0);

  constructor(test: TestContext, pool: MediaPool, givenUp = (): void => {}) {
    this.leg = LegLink.open(pool, systemClock, silentLog, { firstMs: 0, givenUp });
    this.leg.order({ attending: true });
    this.leg.onSpeech((event) => {
      if (event.type === 'audio') {
        this.spoken.push(event.pcm);
      } else if (event.type === 'ended') {
        this.told.push('speech ended');
      }
    });
    test.after(() => this.leg.close());
  }

  segment(pcm: Int16Array): void {
    const segment = this.leg.openSegment(RATE_HZ, undefined, {
      started: () => this.told.push('started'),
      ended: (_, end) => this.told.push(end),
    });
    segment.add(pcm);
    segment.end();
  }

  /** Takes frames as they come until what was sent since the call fulfils `predicate`. @throws Error after a minute. */
  async until(what: string, predicate: (sent: Int16Array) => boolean): Promise<void> {
    const limitMs = systemClock.nowMs() + LIMIT_MS;
    this.#sent = new Int16Array(0);
    while (!predicate(this.#sent)) {
      assert.ok(systemClock.nowMs() < limitMs, `it never came: ${what}; ${this.told}`);
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

/** The way of a leg's frames, to a file in place of a connection; `sent` are the frames in it, all whole. */
function fileWire(test: TestContext, leg: LegLink) {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-wire-'));
  const file = join(folder, 'wire');
  const descriptor = openSync(file, 'w');
  const wire = new FrameWire(leg.wire, 'main', writeSync);
  // Its thread may be at work on a frame, and be held up there.
  const disconnect = (): Promise<void> =>
    eventually('it is disconnected', () => wire.disconnect() !== undefined);
  test.after(async () => {
    await disconnect();
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  wire.connect(descriptor);
  const sent = (): readonly Int16Array[] => {
    const frames: Int16Array[] = [];
    const wrong = (): never => assert.fail('there is nothing but audio on the wire');
    const decoder = new AudioSocketDecoder({
      audio: (pcm) => frames.push(new Int16Array(Uint8Array.from(pcm).buffer)),
      uuid: wrong,
      dtmf: wrong,
      hangup: wrong,
      error: wrong,
    });
    decoder.push(readFileSync(file));
    return frames;
  };
  return { wire, sent, disconnect };
}

/** Stands still, and the loop with it, until `fact` is true. */
function standStillUntil(fact: () => boolean): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  const limitMs = systemClock.nowMs() + LIMIT_MS;
  while (!fact()) {
    assert.ok(systemClock.nowMs() < limitMs, 'it never came');
    Atomics.wait(nothing, 0, 0, 10);
  }
}

async function eventually(what: string, fact: () => boolean): Promise<void> {
  const limitMs = systemClock.nowMs() + LIMIT_MS;
  while (!fact()) {
    assert.ok(systemClock.nowMs() < limitMs, `it never came: ${what}`);
    await pause();
  }
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
    hearing.leg.order({ voices: [{ id: 'partner', ring: partner, how: 'through' }] });
    waiting.leg.order({ waiting: true });
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
      [hearing, waiting, speaking].map(({ leg }) => leg.counts.mediaRestarts),
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

  it('writes what is due to the connection by itself, however long the main thread stands still', async (t) => {
    const { wire, sent, disconnect } = fileWire(t, new ThreadedLeg(t, pool).leg);
    // What was ordered is posted when this thread comes to the end of what it does.
    await pause();
    standStillUntil(() => wire.threadFrames >= 10);
    await disconnect();
    const frames = sent();
    assert.equal(frames.length, wire.threadFrames);
    assert.ok(frames.every((pcm) => pcm.length === 160));
  });

  it('leaves what is due to the main thread when it is killed, and begins again on another', async (t) => {
    const { leg } = new ThreadedLeg(t, pool);
    const { sent, disconnect } = fileWire(t, leg);
    await eventually('its thread sends', () => leg.sendsItself(systemClock.nowMs()));
    assert.ok(await pool.killThread(0));
    await eventually('the main thread knows', () => !leg.sendsItself(systemClock.nowMs()));
    await eventually('another thread sends', () => leg.sendsItself(systemClock.nowMs()));
    await disconnect();
    assert.ok(sent().every((pcm) => pcm.length === 160));
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
    const task = pool.start({ memory: allocateLegMemory(), firstMs: 0, rateHz: RATE_HZ, orders: NO_ORDERS });
    const rejected = assert.rejects(task.ended);
    await pool.close();
    await rejected;
    task.port.close();
  });
});

describe('a media thread that stands by', () => {
  const workerUrl = new URL('../late-thread.js', import.meta.url);

  it('has the legs of one that dies at once: none has to be loaded', async (t) => {
    const pool = new MediaPool({ threads: 1, spareThreads: 1, workerUrl });
    t.after(() => pool.close());
    await pool.ready();
    setEnvironmentData('threads load', false);
    t.after(() => setEnvironmentData('threads load', undefined));
    const leg = new ThreadedLeg(t, pool);
    await leg.until('its thread', (sent) => sent.length > 0);
    await pool.killThread(0);
    leg.segment(sine(440, 200, RATE_HZ));
    await leg.until('the tone on the spare thread', endsWithTone(440));
    assert.deepEqual([leg.leg.counts.mediaRestarts, pool.threads], [1, 1]);
  });
});

describe('a media thread that hangs in a loop', () => {
  const workerUrl = new URL('../hanging-thread.js', import.meta.url);

  it('is replaced, and its legs carry on; a leg that hangs the next one as well is given up', async (t) => {
    const pool = new MediaPool({ threads: 1, workerUrl });
    t.after(() => pool.close());
    let givenUp = 0;
    const culprit = new ThreadedLeg(t, pool, () => {
      givenUp += 1;
    });
    const other = new ThreadedLeg(t, pool);
    await other.until('its thread', (sent) => sent.length > 0);
    culprit.leg.pressKey('#');
    await other.until('it is found', () => pool.counts.mediaThreadsHung === 1);
    other.segment(sine(440, 200, RATE_HZ));
    await other.until('the tone on another thread', endsWithTone(440));
    await culprit.until('a frame for the culprit', (sent) => sent.length > 0);
    assert.deepEqual([culprit.leg.counts.mediaRestarts, other.leg.counts.mediaRestarts, givenUp], [1, 1, 0]);
    culprit.leg.pressKey('#');
    await other.until('it is found again', () => givenUp === 1);
    other.segment(sine(700, 200, RATE_HZ));
    await other.until('the tone on a third thread', endsWithTone(700));
    assert.equal(pool.counts.mediaThreadsHung, 2);
    await culprit.leg.close();
  });
});
