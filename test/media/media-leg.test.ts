import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { SegmentSink } from '../../src/media/announced-segments.ts';
import { FrameBell } from '../../src/media/frame-bell.ts';
import { FrameRingReader, FrameRingWriter } from '../../src/media/frame-ring.ts';
import { allocateLegMemory } from '../../src/media/leg-memory.ts';
import { MediaLeg } from '../../src/media/media-leg.ts';
import { bytesOf } from '../../src/media/sound.ts';
import { loadMediaModules } from '../../src/media/wasm.ts';
import {
  concatPcm,
  findDtmfKey,
  findSoundMs,
  isTone,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  silence,
  sine,
  sliceMs,
} from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { framesOf } from './frames.ts';
import { LocalThreads } from './local-threads.ts';
import { voiceLike } from './voice-like.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();

/** A leg's media on the test's own thread, ticked each 20 ms. */
class Rig {
  readonly clock = new FakeClock();
  readonly threads: LocalThreads;
  /** What was told of the leg's speech, and of segments. */
  readonly told: string[] = [];
  /** When each pause of the speech began. */
  readonly pausesMs: number[] = [];
  readonly speech: Int16Array[] = [];
  /** Whether the next utterance's audio is wanted. */
  wanted = true;
  readonly leg: MediaLeg;

  /** @param wakes whether the threads pass an utterance on as it comes. */
  constructor(test: TestContext, wakes = false) {
    this.threads = new LocalThreads(modules, this.clock, wakes);
    this.leg = new MediaLeg(this.threads, this.clock, silentLog, 0, {
      speechStarted: (startMs) => {
        this.told.push(`speech started ${startMs}`);
        return this.wanted;
      },
      speech: (pcm) => this.speech.push(pcm),
      speechPaused: (sinceMs) => this.pausesMs.push(sinceMs),
      speechResumed: () => {},
      speechWasNone: () => {},
      speechEnded: () => this.told.push('speech ended'),
    });
    test.after(() => this.close());
  }

  /** The leg says a frame, and nobody's clock moves; messages there and back arrive. */
  async sayWithoutTick(frame: Int16Array): Promise<void> {
    this.leg.receive(bytesOf(frame), RATE_HZ, this.clock.nowMs());
    for (let turn = 0; turn < 4; turn += 1) {
      await this.clock.settle();
    }
  }

  async close(): Promise<void> {
    const closed = this.leg.close();
    await this.clock.advance(100);
    await closed;
  }

  /** What the leg is sent in `durationMs`, while it says `said`. */
  async run(durationMs: number, said: Int16Array = new Int16Array(0), saidHz = RATE_HZ): Promise<Int16Array> {
    const frames = framesOf(said, saidHz);
    const sent: Int16Array[] = [];
    for (let tick = 0; tick < durationMs / 20; tick += 1) {
      const frame = frames[tick];
      if (frame !== undefined) {
        this.leg.receive(bytesOf(frame), saidHz, this.clock.nowMs());
      }
      await this.clock.advance(20);
      const bytes = this.leg.takeFrame();
      this.leg.drainSpeech();
      sent.push(bytes === undefined ? new Int16Array(160) : new Int16Array(bytes.slice().buffer));
    }
    return concatPcm(...sent);
  }

  segment(name: string, pcm: Int16Array, whole = true): number {
    const sink: SegmentSink = {
      started: () => this.told.push(`${name} started`),
      ended: (_, end) => this.told.push(`${name} ${end}`),
    };
    const segment = this.leg.openSegment(RATE_HZ, sink);
    this.leg.addAudio(segment, pcm);
    if (whole) {
      this.leg.endSegment(segment);
    }
    return segment;
  }
}

describe('MediaLeg', () => {
  it('has a frame ready each 20 ms, silence at first', async (t) => {
    const rig = new Rig(t);
    await rig.clock.advance(20);
    for (let tick = 0; tick < 50; tick += 1) {
      assert.ok(rig.leg.takeFrame() !== undefined);
      assert.equal(rig.leg.sendRateHz, 8_000);
      assert.equal(rig.leg.takeFrame(), undefined);
      await rig.clock.advance(20);
    }
  });

  it('plays segments in order, and tells of each', async (t) => {
    const rig = new Rig(t);
    rig.segment('one', sine(440, 200, RATE_HZ));
    rig.segment('two', sine(1_000, 200, RATE_HZ));
    const heard = await rig.run(600);
    const startMs = findSoundMs(heard, RATE_HZ) ?? Number.NaN;
    assert.ok(startMs <= 40, `${startMs}`);
    assert.ok(isTone(sliceMs(heard, RATE_HZ, startMs, startMs + 180), 440, RATE_HZ));
    assert.ok(isTone(sliceMs(heard, RATE_HZ, startMs + 220, startMs + 380), 1_000, RATE_HZ));
    assert.deepEqual(rig.told, ['one started', 'one played', 'two started', 'two played']);
  });

  it('plays keys, waits with a tone, and hears a partner', async (t) => {
    const rig = new Rig(t);
    rig.leg.pressKey('#');
    const key = await rig.run(200);
    const keyMs = findSoundMs(key, RATE_HZ) ?? Number.NaN;
    assert.equal(findDtmfKey(sliceMs(key, RATE_HZ, keyMs + 10, keyMs + 110), RATE_HZ), '#');
    rig.leg.wait(true);
    assert.ok(findSoundMs(await rig.run(200), RATE_HZ, 0, -60) !== undefined);
    rig.leg.wait(false);
    assert.equal(levelDbfs(sliceMs(await rig.run(200), RATE_HZ, 40, 200)), Number.NEGATIVE_INFINITY);
    const partner = allocateLegMemory().inbound;
    rig.leg.hear(partner, 'through');
    await rig.run(40);
    for (const frame of framesOf(sine(440, 100, RATE_HZ), RATE_HZ)) {
      new FrameRingWriter(partner).writeSamples(frame, RATE_HZ, 0);
    }
    assert.ok(findSoundMs(await rig.run(100), RATE_HZ) !== undefined);
  });

  it('passes an utterance on from its pre-roll to its end, 16 kHz, nothing lost', async (t) => {
    const rig = new Rig(t);
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    const said = concatPcm(silence(1_000, 16_000), clip.pcm, silence(1_000, 16_000));
    await rig.run(said.length / 16 + 200, said, 16_000);
    assert.equal(rig.told.length, 2);
    assert.equal(rig.told[1], 'speech ended');
    assert.ok(rig.pausesMs.length >= 1, 'the end of speech begins with a pause');
    const passed = concatPcm(...rig.speech);
    const atMs = framesOf(said, 16_000).findIndex((_, index) =>
      passed.every((sample, offset) => sample === said[index * 320 + offset]),
    );
    assert.ok(atMs >= 0, 'what is passed on is a part of what was said');
    assert.ok(passed.length >= clip.pcm.length, 'and all of the voice is in it');
    assert.equal(rig.leg.speechLost, 0);
    assert.equal(rig.leg.rateHz, 16_000);
  });

  it('does not listen while it is told not to, on another thread neither, and again when told', async (t) => {
    const rig = new Rig(t);
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    rig.leg.attend(false);
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    rig.threads.kill();
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    assert.deepEqual(rig.told, []);
    rig.leg.attend(true);
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    assert.match(rig.told[0] ?? '', /^speech started/);
  });

  it('passes nothing on of an utterance that nobody wants', async (t) => {
    const rig = new Rig(t);
    rig.wanted = false;
    await rig.run(2_000, concatPcm(silence(400, RATE_HZ), voiceLike(400, RATE_HZ), silence(1_200, RATE_HZ)));
    assert.equal(rig.told.length, 2);
    assert.deepEqual(rig.speech, []);
  });

  it('speaks at the rate it is told, and says which', async (t) => {
    const rig = new Rig(t);
    assert.equal(rig.leg.spokenToHz, 8_000);
    await rig.run(100, silence(100, 16_000), 16_000);
    assert.deepEqual([rig.leg.sendRateHz, rig.leg.spokenToHz], [16_000, 16_000]);
    rig.leg.speakAt(8_000);
    await rig.run(100, silence(100, 16_000), 16_000);
    assert.deepEqual([rig.leg.sendRateHz, rig.leg.spokenToHz, rig.leg.rateHz], [8_000, 8_000, 16_000]);
  });

  it('forgets what was not heard when it is flushed', async (t) => {
    const rig = new Rig(t);
    rig.segment('one', sine(440, 2_000, RATE_HZ));
    rig.segment('two', sine(440, 2_000, RATE_HZ));
    await rig.run(200);
    rig.leg.flush();
    const heard = await rig.run(400);
    assert.equal(levelDbfs(sliceMs(heard, RATE_HZ, 60, 400)), Number.NEGATIVE_INFINITY);
    assert.deepEqual(rig.told, ['one started', 'one flushed', 'two flushed']);
  });

  it('knows how much speech waits, and how fast it plays', async (t) => {
    const rig = new Rig(t);
    assert.deepEqual([rig.leg.backlogMs, rig.leg.tempo], [0, 1]);
    rig.segment('one', sine(440, 2_000, RATE_HZ));
    rig.segment('two', sine(440, 1_000, RATE_HZ));
    await rig.run(700);
    assert.ok(rig.leg.backlogMs > 2_000 && rig.leg.backlogMs < 2_500, `${rig.leg.backlogMs}`);
    assert.ok(rig.leg.tempo > 1.15 && rig.leg.tempo <= 1.25, `${rig.leg.tempo}`);
    rig.leg.flush();
    await rig.run(40);
    assert.deepEqual([rig.leg.backlogMs, rig.leg.tempo], [0, 1]);
  });

  it('changes how a partner is heard without a gap in the voice', async (t) => {
    const rig = new Rig(t);
    const partner = allocateLegMemory().inbound;
    const writer = new FrameRingWriter(partner);
    const said = noise(1_000, RATE_HZ, 0.5);
    const heard: Int16Array[] = [];
    rig.leg.hear(partner, 'through');
    await rig.run(40);
    for (const [index, frame] of framesOf(said, RATE_HZ).entries()) {
      writer.writeSamples(frame, RATE_HZ, 0);
      if (index === 20) {
        rig.leg.hear(partner, 'full');
      }
      heard.push(await rig.run(20));
    }
    const voice = concatPcm(...heard);
    const lag = [0, 160, 320].find((samples) =>
      voice.subarray(1_600).every((sample, index) => sample === said[index + 1_600 - samples]),
    );
    assert.ok(lag !== undefined);
  });

  it('ignores sound of a segment that is over', async (t) => {
    const rig = new Rig(t);
    const segment = rig.segment('one', sine(440, 100, RATE_HZ));
    await rig.run(300);
    rig.leg.addAudio(segment, sine(440, 500, RATE_HZ));
    rig.leg.endSegment(segment);
    assert.equal(levelDbfs(await rig.run(300)), Number.NEGATIVE_INFINITY);
  });

  it('flushes what is left, ends its task, and leaves no timer when it is closed, twice or not', async (t) => {
    const rig = new Rig(t);
    rig.segment('one', sine(440, 2_000, RATE_HZ));
    await rig.run(200);
    const closing = rig.leg.close();
    assert.deepEqual(rig.told, ['one started', 'one flushed']);
    await rig.clock.advance(40);
    await closing;
    await rig.leg.close();
    assert.equal(rig.threads.running, 0);
    rig.leg.hear(undefined, 'off');
    rig.leg.pressKey('1');
    await rig.clock.advance(40);
    assert.equal(rig.clock.pendingTimers, 0);
  });
});

describe('MediaLeg whose thread dies', () => {
  it('goes on on another: whom it hears, that it waits, its rate, segments that were not heard', async (t) => {
    const rig = new Rig(t);
    const partner = allocateLegMemory().inbound;
    rig.leg.hear(partner, 'through');
    rig.leg.wait(true);
    rig.leg.speakAt(16_000);
    rig.segment('one', sine(440, 200, RATE_HZ));
    rig.segment('two', sine(1_000, 400, RATE_HZ));
    await rig.run(300);
    rig.threads.kill();
    rig.leg.wait(false);
    const heard = await rig.run(600);
    assert.equal(rig.leg.restarts, 1);
    assert.equal(rig.threads.started, 2);
    assert.equal(rig.leg.sendRateHz, 16_000);
    const toneMs = framesOf(heard, 16_000).filter((frame) => isTone(frame, 1_000, 16_000)).length * 20;
    assert.ok(toneMs >= 400 && toneMs <= 420, `${toneMs} ms of it are heard: all, and a frame from before`);
    assert.deepEqual(rig.told, ['one started', 'one played', 'two started', 'two started', 'two played']);
    const writer = new FrameRingWriter(partner);
    const voice: Int16Array[] = [];
    for (const frame of framesOf(sine(700, 200, 16_000), 16_000)) {
      writer.writeSamples(frame, 16_000, 0);
      voice.push(await rig.run(20));
    }
    assert.ok(isTone(sliceMs(concatPcm(...voice), 16_000, 60, 200), 700, 16_000));
  });

  it('waits with a tone again', async (t) => {
    const rig = new Rig(t);
    rig.leg.wait(true);
    await rig.run(1_000);
    rig.threads.kill();
    assert.ok(findSoundMs(await rig.run(300), RATE_HZ, 0, -60) !== undefined);
  });

  it('does not play what was flushed before it was started again', async (t) => {
    const rig = new Rig(t);
    rig.segment('one', sine(440, 2_000, RATE_HZ));
    await rig.run(100);
    rig.threads.kill();
    rig.leg.flush();
    rig.segment('two', sine(1_000, 200, RATE_HZ));
    const heard = await rig.run(600);
    assert.deepEqual(rig.told, ['one started', 'one flushed', 'two started', 'two played']);
    assert.ok(levelDbfs(sliceMs(heard, RATE_HZ, 400, 600)) === Number.NEGATIVE_INFINITY);
    assert.equal(rig.leg.playing, false);
  });

  it('plays on a segment whose sound is still coming', async (t) => {
    const rig = new Rig(t);
    const segment = rig.segment('one', sine(440, 100, RATE_HZ), false);
    await rig.run(60);
    rig.threads.kill();
    await rig.run(20);
    rig.leg.addAudio(segment, sine(440, 100, RATE_HZ));
    rig.leg.endSegment(segment);
    await rig.run(400);
    assert.equal(rig.told.at(-1), 'one played');
  });

  it('ends the utterance that was going on', async (t) => {
    const rig = new Rig(t);
    await rig.run(1_000, concatPcm(silence(400, RATE_HZ), voiceLike(600, RATE_HZ)));
    assert.equal(rig.told.length, 1);
    rig.threads.kill();
    await rig.run(20);
    assert.equal(rig.told[1], 'speech ended');
  });

  it('is started again at once the first time, and then once a second', async (t) => {
    const rig = new Rig(t);
    rig.threads.kill();
    await rig.run(20);
    assert.equal(rig.threads.started, 2);
    rig.threads.kill();
    await rig.run(980);
    assert.equal(rig.threads.started, 2);
    await rig.run(40);
    assert.equal(rig.threads.started, 3);
  });

  it('is not started again once it is closed, and nothing waits for that', async (t) => {
    const rig = new Rig(t);
    for (let death = 0; death < 2; death += 1) {
      rig.threads.kill();
      await rig.clock.settle();
    }
    await rig.leg.close();
    await rig.clock.advance(20);
    assert.equal(rig.clock.pendingTimers, 0);
    assert.equal(rig.threads.started, 2);
  });
});

describe('MediaLeg on threads that wake each other', () => {
  const voiced = voiceLike(1_000, RATE_HZ);
  const [frame] = framesOf(voiced, RATE_HZ);
  assert.ok(frame !== undefined);

  it('passes each frame of an utterance on without a tick', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    assert.equal(rig.told.length, 1);
    const passed = rig.speech.length;
    for (let said = 1; said <= 5; said += 1) {
      await rig.sayWithoutTick(frame);
      assert.equal(rig.speech.length, passed + said);
    }
  });

  it('does so from the frame after the one that began it', async (t) => {
    const rig = new Rig(t, true);
    for (const next of framesOf(voiced, RATE_HZ)) {
      if (rig.told.length === 0) {
        await rig.run(20, next);
      }
    }
    const passed = rig.speech.length;
    await rig.sayWithoutTick(frame);
    assert.equal(rig.speech.length, passed + 1);
  });

  it('decides that the utterance has ended without a tick, and waits for ticks from then on', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    for (let said = 0; said < 40; said += 1) {
      await rig.sayWithoutTick(new Int16Array(160));
    }
    assert.equal(rig.told[1], 'speech ended');
    // The thread looks up once more, and finds that nobody waits.
    await rig.run(20);
    const { voice } = rig.leg;
    assert.equal(new FrameBell(voice).wanted, false);
  });

  it('makes no frame to be heard before its time', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    rig.leg.takeFrame();
    await rig.sayWithoutTick(frame);
    assert.equal(rig.leg.takeFrame(), undefined);
  });

  it('waits for ticks when nobody wants the utterance', async (t) => {
    const rig = new Rig(t, true);
    rig.wanted = false;
    await rig.run(400, voiced);
    assert.equal(rig.told.length, 1);
    assert.equal(new FrameBell(rig.leg.voice).wanted, false);
  });

  it('passes on the same, frame by frame, as threads that do not', async (t) => {
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    const said = concatPcm(silence(500, 16_000), clip.pcm, silence(1_000, 16_000));
    const rigs = [new Rig(t), new Rig(t, true)];
    for (const rig of rigs) {
      await rig.run(said.length / 16 + 200, said, 16_000);
    }
    const [ticked, woken] = rigs;
    assert.deepEqual(woken?.told, ticked?.told);
    assert.deepEqual(woken?.pausesMs, ticked?.pausesMs);
    assert.deepEqual(woken?.speech, ticked?.speech);
  });

  it('goes on without a tick on another thread when one dies, in the next utterance', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    rig.threads.kill();
    await rig.run(20);
    assert.equal(rig.told[1], 'speech ended');
    await rig.run(400, voiced);
    assert.equal(rig.told.length, 3);
    const passed = rig.speech.length;
    await rig.sayWithoutTick(frame);
    assert.equal(rig.speech.length, passed + 1);
  });

  it('rings for nobody once it is closed', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    const closing = rig.leg.close();
    const passed = rig.speech.length;
    await rig.sayWithoutTick(frame);
    assert.equal(rig.speech.length, passed);
    await rig.clock.advance(40);
    await closing;
    assert.equal(rig.clock.pendingTimers, 0);
  });
});

describe("MediaLeg's rings", () => {
  it('let another hear what the leg says', async (t) => {
    const rig = new Rig(t);
    const reader = new FrameRingReader(rig.leg.voice);
    const said = noise(20, RATE_HZ);
    rig.leg.receive(bytesOf(said), RATE_HZ, 5);
    assert.deepEqual(reader.read(), said);
  });
});
