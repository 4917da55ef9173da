import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import { bytesOf } from '../../../src/media/dsp/sound.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import type { SpeechEvent } from '../../../src/media/hear/speech-event.ts';
import { FrameBell } from '../../../src/media/ring/frame-bell.ts';
import {
  type FrameRingHandle,
  FrameRingReader,
  FrameRingWriter,
} from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory } from '../../../src/media/ring/leg-memory.ts';
import type { PlayedSink, PlayingSegment } from '../../../src/media/thread/announced-segments.ts';
import { LegLink } from '../../../src/media/thread/leg-link.ts';
import { LocalThreads } from '../../../src/media/thread/local-threads.ts';
import type { HearMode } from '../../../src/media/thread/orders.ts';
import { LegHung } from '../../../src/media/thread/served-thread.ts';
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
} from '../../asterisk/audio.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { framesOf } from '../frames.ts';
import { voiceLike } from '../voice-like.ts';

const RATE_HZ = 8_000;
const modules = await loadMediaModules();
/** 2 s with one utterance in them. */
const UTTERANCE = concatPcm(silence(400, RATE_HZ), voiceLike(400, RATE_HZ), silence(1_200, RATE_HZ));

/** A leg's media on the test's own thread, ticked each 20 ms. */
class Rig {
  readonly clock = new FakeClock();
  readonly threads: LocalThreads;
  /** What was told of the leg's speech, and of segments. */
  readonly told: string[] = [];
  /** When each pause of the speech began. */
  readonly pausesMs: number[] = [];
  readonly speech: Int16Array[] = [];
  readonly leg: LegLink;

  /** @param wakes whether the threads pass an utterance on as it comes. */
  constructor(test: TestContext, wakes = false) {
    this.threads = new LocalThreads(modules, this.clock, wakes);
    const givenUp = (): void => {
      this.told.push('given up');
    };
    this.leg = LegLink.open(this.threads, this.clock, silentLog, { firstMs: 0, givenUp });
    this.leg.order({ attending: true });
    this.leg.onSpeech((event) => this.hear(event));
    test.after(() => this.close());
  }

  hear(event: SpeechEvent): void {
    switch (event.type) {
      case 'started':
        this.told.push(`speech started ${event.startMs}`);
        break;
      case 'audio':
        this.speech.push(event.pcm);
        break;
      case 'paused':
        this.pausesMs.push(event.silenceStartMs);
        break;
      case 'ended':
        this.told.push('speech ended');
        break;
      case 'resumed':
      case 'measured':
      case 'was-none':
        break;
    }
  }

  /** Hears a partner in a way from now on. */
  hearPartner(ring: FrameRingHandle, how: HearMode): void {
    this.leg.order({ voices: [{ id: 'partner', ring, how }] });
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

  segment(name: string, pcm: Int16Array, whole = true): PlayingSegment {
    const sink: PlayedSink = {
      started: () => this.told.push(`${name} started`),
      ended: (_, end) => this.told.push(`${name} ${end}`),
    };
    const segment = this.leg.openSegment(RATE_HZ, undefined, sink);
    segment.add(pcm);
    if (whole) {
      segment.end();
    }
    return segment;
  }
}

describe('LegLink', () => {
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

  it('knows what waits: frames until its thread has heard them, for how long, and segments until they begin', async (t) => {
    const rig = new Rig(t);
    await rig.run(200);
    rig.segment('one', sine(440, 200, RATE_HZ));
    rig.segment('two', sine(440, 200, RATE_HZ));
    assert.deepEqual([rig.leg.segmentsWaiting, rig.leg.tempo], [2, 1]);
    const frame = bytesOf(new Int16Array(160));
    for (let count = 0; count < 3; count += 1) {
      rig.leg.receive(frame, RATE_HZ, rig.clock.nowMs() - 7);
    }
    assert.equal(rig.leg.framesUnheard, 3);
    await rig.run(60);
    assert.deepEqual([rig.leg.segmentsWaiting, rig.leg.framesUnheard], [1, 0]);
    const waited = new Map(rig.leg.counts.inboundWait.entries());
    // The thread ticks 4 ms before the frame is due.
    assert.deepEqual([waited.get('20'), waited.get('40'), waited.get('sum')], [0, 3, 3 * (7 + 16)]);
    await rig.run(600);
    assert.equal(rig.leg.segmentsWaiting, 0);
  });

  it('plays keys, waits with a tone, and hears a partner', async (t) => {
    const rig = new Rig(t);
    rig.leg.pressKey('#');
    const key = await rig.run(200);
    const keyMs = findSoundMs(key, RATE_HZ) ?? Number.NaN;
    assert.equal(findDtmfKey(sliceMs(key, RATE_HZ, keyMs + 10, keyMs + 110), RATE_HZ), '#');
    rig.leg.order({ waiting: true });
    assert.ok(findSoundMs(await rig.run(200), RATE_HZ, 0, -60) !== undefined);
    rig.leg.order({ waiting: false });
    assert.equal(levelDbfs(sliceMs(await rig.run(200), RATE_HZ, 40, 200)), Number.NEGATIVE_INFINITY);
    const partner = allocateLegMemory().inbound;
    rig.hearPartner(partner, 'through');
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
    assert.equal(rig.leg.counts.speechLost, 0);
    assert.equal(rig.leg.rateHz, 16_000);
  });

  it('does not listen while it is told not to, on another thread neither, and again when told', async (t) => {
    const rig = new Rig(t);
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    rig.leg.order({ attending: false });
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    rig.threads.kill();
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    assert.deepEqual(rig.told, []);
    rig.leg.order({ attending: true });
    await rig.run(clip.pcm.length / 16, clip.pcm, 16_000);
    assert.match(rig.told[0] ?? '', /^speech started/);
  });

  it('counts an utterance that nobody listens to, and reads nothing of it', async (t) => {
    const rig = new Rig(t);
    rig.leg.onSpeech(undefined);
    await rig.run(2_000, UTTERANCE);
    assert.deepEqual([rig.told, rig.speech], [[], []]);
    assert.equal(rig.leg.utterances, 1);
    assert.equal(rig.leg.counts.speechLost, 0);
  });

  it('counts utterances from 1', async (t) => {
    const rig = new Rig(t);
    const begun: number[] = [];
    rig.leg.onSpeech((event) => {
      if (event.type === 'started') {
        begun.push(event.utterance);
      }
    });
    await rig.run(4_000, concatPcm(UTTERANCE, UTTERANCE));
    assert.deepEqual(begun, [1, 2]);
  });

  it('tells an utterance only to who heard it begin', async (t) => {
    const rig = new Rig(t);
    await rig.run(700, UTTERANCE);
    assert.equal(rig.told.length, 1);
    const passed = rig.speech.length;
    assert.ok(passed > 0);
    const late: string[] = [];
    rig.leg.onSpeech((event) => late.push(event.type));
    await rig.run(1_300, sliceMs(UTTERANCE, RATE_HZ, 700, 2_000));
    assert.equal(rig.told.length, 1, 'who was told before hears no more of it');
    assert.equal(rig.speech.length, passed);
    assert.deepEqual(late, []);
    await rig.run(2_000, UTTERANCE);
    assert.deepEqual([late[0], late.at(-1)], ['started', 'ended']);
    assert.ok(late.filter((type) => type === 'audio').length > 20);
  });

  it('stops reading when its listener stops in the middle of the audio', async (t) => {
    const rig = new Rig(t);
    const heard: string[] = [];
    rig.leg.onSpeech((event) => {
      heard.push(event.type);
      if (heard.length === 4) {
        rig.leg.onSpeech(undefined);
      }
    });
    await rig.run(2_000, UTTERANCE);
    assert.deepEqual(heard, ['started', 'audio', 'audio', 'audio']);
  });

  it('says whether the leg is being spoken to when it begins', async (t) => {
    const rig = new Rig(t);
    const overlapping: boolean[] = [];
    rig.leg.onSpeech((event) => {
      if (event.type === 'started') {
        overlapping.push(event.overlapping);
      }
    });
    await rig.run(2_000, UTTERANCE);
    rig.segment('one', sine(440, 1_500, RATE_HZ));
    await rig.run(2_000, UTTERANCE);
    assert.deepEqual(overlapping, [false, true]);
  });

  it('goes on when who listens throws, and counts it', async (t) => {
    const rig = new Rig(t);
    const heard: string[] = [];
    rig.leg.onSpeech((event) => {
      heard.push(event.type);
      throw new Error('a bad listener');
    });
    const ended: string[] = [];
    const segment = rig.leg.openSegment(RATE_HZ, undefined, {
      started: () => {
        throw new Error('a bad sink');
      },
      ended: (_, end) => ended.push(end),
    });
    segment.add(sine(440, 100, RATE_HZ));
    segment.end();
    await rig.run(2_000, UTTERANCE);
    assert.deepEqual([heard[0], heard.at(-1), ended], ['started', 'ended', ['played']]);
    assert.equal(rig.leg.counts.listenersFailed, heard.length + 1);
  });

  it('speaks at the rate it is told, and says which', async (t) => {
    const rig = new Rig(t);
    assert.equal(rig.leg.spokenToHz, 8_000);
    await rig.run(100, silence(100, 16_000), 16_000);
    assert.deepEqual([rig.leg.sendRateHz, rig.leg.spokenToHz], [16_000, 16_000]);
    rig.leg.order({ onlyHz: 8_000 });
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

  it('knows how much speech waits', async (t) => {
    const rig = new Rig(t);
    assert.equal(rig.leg.backlogMs, 0);
    rig.segment('one', sine(440, 2_000, RATE_HZ));
    rig.segment('two', sine(440, 1_000, RATE_HZ));
    await rig.run(700);
    assert.ok(rig.leg.backlogMs > 2_000 && rig.leg.backlogMs < 2_500, `${rig.leg.backlogMs}`);
    rig.leg.flush();
    await rig.run(40);
    assert.equal(rig.leg.backlogMs, 0);
  });

  it('changes how a partner is heard without a gap in the voice', async (t) => {
    const rig = new Rig(t);
    const partner = allocateLegMemory().inbound;
    const writer = new FrameRingWriter(partner);
    const said = noise(1_000, RATE_HZ, 0.5);
    const heard: Int16Array[] = [];
    rig.hearPartner(partner, 'through');
    await rig.run(40);
    for (const [index, frame] of framesOf(said, RATE_HZ).entries()) {
      writer.writeSamples(frame, RATE_HZ, 0);
      if (index === 20) {
        rig.hearPartner(partner, 'full');
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
    segment.add(sine(440, 500, RATE_HZ));
    segment.end();
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
    rig.leg.order({ voices: [], waiting: true });
    rig.leg.pressKey('1');
    await rig.clock.advance(40);
    assert.equal(rig.clock.pendingTimers, 0);
  });
});

describe('LegLink whose thread dies', () => {
  it('goes on on another: whom it hears, that it waits, its rate, segments that were not heard', async (t) => {
    const rig = new Rig(t);
    const partner = allocateLegMemory().inbound;
    rig.hearPartner(partner, 'through');
    rig.leg.order({ waiting: true });
    rig.leg.order({ onlyHz: 16_000 });
    rig.segment('one', sine(440, 200, RATE_HZ));
    rig.segment('two', sine(1_000, 1_000, RATE_HZ));
    await rig.run(900);
    rig.threads.kill();
    rig.leg.order({ waiting: false });
    const heard = await rig.run(600);
    assert.equal(rig.leg.counts.mediaRestarts, 1);
    assert.equal(rig.threads.started, 2);
    assert.equal(rig.leg.sendRateHz, 16_000);
    const toneMs = framesOf(heard, 16_000).filter((frame) => isTone(frame, 1_000, 16_000)).length * 20;
    assert.ok(toneMs >= 240 && toneMs <= 380, `${toneMs} ms of it are heard: what had not been heard before`);
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
    rig.leg.order({ waiting: true });
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
    segment.add(sine(440, 100, RATE_HZ));
    segment.end();
    await rig.run(400);
    assert.equal(rig.told.at(-1), 'one played');
  });

  it('is given up when threads hang in it twice within a minute, and not for what is longer ago', async (t) => {
    const rig = new Rig(t);
    const hang = async (): Promise<void> => {
      rig.threads.kill(new LegHung('a media thread did not come back from it'));
      await rig.clock.advance(0);
    };
    await hang();
    await rig.clock.advance(61_000);
    await hang();
    assert.deepEqual([rig.told, rig.threads.started], [[], 3]);
    await rig.clock.advance(59_000);
    await hang();
    assert.deepEqual([rig.told, rig.threads.started], [['given up'], 3]);
  });

  it('goes on in the utterance that was going on, without what was said meanwhile being lost', async (t) => {
    const rig = new Rig(t);
    await rig.run(1_000, concatPcm(silence(400, RATE_HZ), voiceLike(600, RATE_HZ)));
    assert.equal(rig.told.length, 1);
    rig.threads.kill();
    for (const frame of framesOf(voiceLike(200, RATE_HZ), RATE_HZ)) {
      rig.leg.receive(bytesOf(frame), RATE_HZ, rig.clock.nowMs());
    }
    await rig.run(400, voiceLike(400, RATE_HZ));
    assert.equal(rig.told.length, 1);
    await rig.run(800);
    assert.equal(rig.told.at(-1), 'speech ended');
    const saidMs = rig.speech.length * 20;
    assert.ok(saidMs >= 300 + 600 + 200 + 400 + 560, `${saidMs} ms, with what came before and after it`);
    assert.equal(rig.leg.counts.inboundLost, 0);
    rig.threads.kill();
    await rig.run(400, voiceLike(400, RATE_HZ));
    assert.equal(rig.told.length, 3, 'the next one is another');
  });

  it('ends the utterance that was going on when it may be what the thread died of', async (t) => {
    const rig = new Rig(t);
    await rig.run(1_000, concatPcm(silence(400, RATE_HZ), voiceLike(600, RATE_HZ)));
    rig.threads.kill();
    await rig.run(100, voiceLike(100, RATE_HZ));
    assert.equal(rig.told.length, 1);
    rig.threads.kill();
    await rig.run(20);
    assert.equal(rig.told.at(-1), 'speech ended');
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

describe('LegLink that is started anew', () => {
  it('goes on on another task with what was not heard, and ends the utterance that was going on', async (t) => {
    const rig = new Rig(t);
    rig.segment('one', sine(440, 1_500, RATE_HZ));
    await rig.run(1_000, concatPcm(silence(400, RATE_HZ), voiceLike(600, RATE_HZ)));
    rig.leg.restart();
    const frames = await rig.run(1_000);
    assert.deepEqual(
      rig.told.filter((told) => !told.startsWith('speech started')),
      ['one started', 'speech ended', 'one started', 'one played'],
    );
    assert.ok(isTone(sliceMs(frames, RATE_HZ, 100, 400), 440, RATE_HZ));
    assert.deepEqual([rig.threads.started, rig.threads.running, rig.leg.counts.mediaRestarts], [2, 1, 0]);
  });

  it('is not, once it is closed', async (t) => {
    const rig = new Rig(t);
    await rig.run(100);
    rig.leg.restart();
    await rig.leg.close();
    rig.leg.restart();
    await rig.clock.settle();
    assert.deepEqual([rig.threads.started, rig.threads.running], [1, 0]);
  });
});

describe('LegLink on threads that wake each other', () => {
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
    rig.leg.onSpeech(undefined);
    await rig.run(400, voiced);
    assert.equal(rig.leg.utterances, 1);
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

  it('goes on without a tick on another thread when one dies', async (t) => {
    const rig = new Rig(t, true);
    await rig.run(400, voiced);
    rig.threads.kill();
    await rig.run(400, voiced);
    assert.equal(rig.told.length, 1);
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

describe("LegLink's rings", () => {
  it('let another hear what the leg says', async (t) => {
    const rig = new Rig(t);
    const reader = new FrameRingReader(rig.leg.voice);
    const said = noise(20, RATE_HZ);
    rig.leg.receive(bytesOf(said), RATE_HZ, 5);
    assert.deepEqual(reader.read(), said);
  });
});
