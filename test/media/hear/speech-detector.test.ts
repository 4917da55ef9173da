import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { SpeechDetector } from '../../../src/media/hear/speech-detector.ts';
import type { FoundSpeech } from '../../../src/media/hear/speech-event.ts';
import { allocateFrameRing, FrameRingReader } from '../../../src/media/ring/frame-ring.ts';
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
import { contentOf, framesOf, readAll } from '../frames.ts';
import { KEY_PAIRS_HZ, tones } from '../line-tones.ts';
import { ListeningLeg } from '../listening-leg.ts';
import { playMusic } from '../played-music.ts';
import { echoOf, mixed } from '../telephone-path.ts';
import { voiceLike } from '../voice-like.ts';

const SPEECH_HZ = 16_000;
const modules = await loadMediaModules();

interface Told {
  readonly type: 'started' | 'ended';
  readonly frame: number;
  readonly atMs: number;
}

/** A detector over a ring of 40 s, and what it told. */
class Listening {
  readonly told: Told[] = [];
  readonly ring = allocateFrameRing(2_000, 640);
  readonly detector: SpeechDetector;
  nowMs: number;

  constructor(test: TestContext, nowMs = 50_000) {
    this.nowMs = nowMs;
    this.detector = new SpeechDetector(modules, this.ring, (event, frame) => {
      if (event.type === 'started') {
        this.told.push({ type: event.type, frame, atMs: event.startMs });
      } else if (event.type === 'ended') {
        this.told.push({ type: event.type, frame, atMs: event.endMs });
      }
    });
    test.after(() => this.detector.close());
  }

  /** Frames that arrive each 20 ms, the first one 20 ms from now, with a tick after each. */
  hear(pcm: Int16Array, rateHz: number): void {
    for (const frame of framesOf(pcm, rateHz)) {
      this.nowMs += 20;
      this.detector.push(frame, rateHz, this.nowMs);
      this.detector.idle(this.nowMs);
    }
  }

  /** Nothing arrives for `durationMs`. */
  wait(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.nowMs < endMs) {
      this.nowMs += 20;
      this.detector.idle(this.nowMs);
    }
  }
}

describe('SpeechDetector', () => {
  it('keeps what arrives at 16 kHz in the ring as it is, with its time', (t) => {
    const listening = new Listening(t);
    const pcm = noise(1_000, SPEECH_HZ);
    listening.hear(pcm, SPEECH_HZ);
    assert.deepEqual(contentOf(listening.ring), pcm);
    const reader = new FrameRingReader(listening.ring, 49);
    reader.read();
    assert.deepEqual([reader.rateHz, reader.atMs], [SPEECH_HZ, 51_000]);
  });

  it('keeps what arrives at other rates at 16 kHz, in step', (t) => {
    for (const rateHz of [8_000, 12_000, 24_000, 44_100, 48_000, 192_000]) {
      const listening = new Listening(t);
      listening.hear(sine(1_000, 1_000, rateHz), rateHz);
      const kept = contentOf(listening.ring);
      assert.ok(kept.length >= 49 * 320, `${rateHz} Hz: ${kept.length} samples`);
      const middle = sliceMs(kept, SPEECH_HZ, 100, 900);
      assert.ok(Math.abs(toneDbfs(middle, 1_000, SPEECH_HZ) + 9) < 0.2, `${rateHz} Hz`);
      assert.ok(levelDbfs(middle) - toneDbfs(middle, 1_000, SPEECH_HZ) < 0.2, `${rateHz} Hz`);
    }
  });

  it('goes on when the rate changes, to 16 kHz too', (t) => {
    const listening = new Listening(t);
    for (const rateHz of [44_100, 16_000, 8_000, 48_000, 16_000]) {
      listening.hear(sine(1_000, 500, rateHz), rateHz);
    }
    const kept = contentOf(listening.ring);
    assert.ok(kept.length >= (2_500 - 20) * 16, `${kept.length} samples`);
    for (let atMs = 100; atMs < 2_400; atMs += 500) {
      const part = sliceMs(kept, SPEECH_HZ, atMs, atMs + 300);
      assert.ok(Math.abs(toneDbfs(part, 1_000, SPEECH_HZ) + 9) < 0.5, `at ${atMs} ms`);
    }
  });

  it("tells when the voice began and ended on the clock, and which frames are the utterance's", (t) => {
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    const listening = new Listening(t);
    listening.hear(concatPcm(silence(1_000, SPEECH_HZ), clip.pcm, silence(1_000, SPEECH_HZ)), SPEECH_HZ);
    const [started, ended, ...more] = listening.told;
    assert.deepEqual([started?.type, ended?.type, more.length], ['started', 'ended', 0]);
    assert.ok(started !== undefined && ended !== undefined);
    // It is heard from 51,000 ms on, and the clip is a voice from nearly its beginning to 350 ms before its end.
    assert.ok(Math.abs(started.atMs - 51_000) <= 40, `${started.atMs}`);
    assert.equal(started.frame, (started.atMs - 300 - 50_000) / 20, 'with 300 ms of pre-roll');
    const lengthMs = clip.pcm.length / 16;
    assert.ok(Math.abs(ended.atMs - (51_000 + lengthMs - 200)) <= 200, `${ended.atMs}`);
    assert.equal(ended.frame, (ended.atMs + 600 - 50_000) / 20, 'with the hang-over');
  });

  it('tells the same of a narrow voice, within a frame or two', (t) => {
    const listening = new Listening(t);
    listening.hear(concatPcm(silence(1_000, 8_000), voiceLike(1_000, 8_000), silence(1_000, 8_000)), 8_000);
    const times = listening.told.map(({ atMs }) => atMs);
    assert.equal(times.length, 2);
    assert.ok(Math.abs((times[0] ?? 0) - 51_000) <= 40, `${times}`);
    assert.ok(Math.abs((times[1] ?? 0) - 52_000) <= 80, `${times}`);
  });

  it('ends an utterance in a gap in what arrives, filled with silent frames', (t) => {
    const listening = new Listening(t);
    listening.hear(concatPcm(silence(500, SPEECH_HZ), voiceLike(500, SPEECH_HZ)), SPEECH_HZ);
    listening.wait(600);
    assert.equal(listening.told.length, 1, 'not before the hang-over is over');
    listening.wait(400);
    const [, ended] = listening.told;
    assert.equal(ended?.type, 'ended');
    // The voice broke off at 51,000 ms.
    assert.ok(ended !== undefined && Math.abs(ended.atMs - 51_000) <= 60, `${ended?.atMs}`);
    const reader = new FrameRingReader(listening.ring, 50);
    assert.equal(levelDbfs(readAll(reader)), Number.NEGATIVE_INFINITY);
  });

  it('takes less than 120 ms without a frame for jitter', (t) => {
    const listening = new Listening(t);
    listening.hear(concatPcm(silence(500, SPEECH_HZ), voiceLike(500, SPEECH_HZ)), SPEECH_HZ);
    const before = contentOf(listening.ring).length;
    listening.wait(100);
    assert.equal(contentOf(listening.ring).length, before);
    listening.wait(20);
    assert.equal(contentOf(listening.ring).length, before + 320);
  });

  it('puts no silence into a word when it stood still itself, and ends the utterance when nothing had been sent', (t) => {
    const listening = new Listening(t);
    const voice = voiceLike(1_000, SPEECH_HZ);
    listening.hear(voice, SPEECH_HZ);
    listening.nowMs += 600;
    listening.detector.idle(listening.nowMs);
    // What was sent meanwhile is read only now.
    for (const frame of framesOf(sliceMs(voice, SPEECH_HZ, 0, 600), SPEECH_HZ)) {
      listening.detector.push(frame, SPEECH_HZ, listening.nowMs);
    }
    assert.deepEqual(contentOf(listening.ring), concatPcm(voice, sliceMs(voice, SPEECH_HZ, 0, 600)));
    listening.nowMs += 600;
    listening.wait(1_500);
    assert.deepEqual(
      listening.told.map(({ type }) => type),
      ['started', 'ended'],
    );
  });

  it('fills no gap outside an utterance', (t) => {
    const listening = new Listening(t);
    listening.hear(silence(500, SPEECH_HZ), SPEECH_HZ);
    listening.wait(5_000);
    assert.equal(contentOf(listening.ring).length, 500 * 16);
  });

  it('goes on in the numbers of the ring it is given', (t) => {
    const first = new Listening(t);
    first.hear(silence(200, SPEECH_HZ), SPEECH_HZ);
    const told: number[] = [];
    const heir = new SpeechDetector(modules, first.ring, (event, frame) => {
      if (event.type === 'started') {
        told.push(frame);
      }
    });
    t.after(() => heir.close());
    for (const frame of framesOf(voiceLike(100, SPEECH_HZ), SPEECH_HZ)) {
      heir.push(frame, SPEECH_HZ, 0);
    }
    assert.deepEqual(told, [10], 'and never reaches back to what another has judged');
  });

  it('refuses to listen after close, which can be repeated', (t) => {
    const listening = new Listening(t);
    listening.detector.close();
    listening.detector.close();
    assert.throws(() => listening.detector.push(silence(20, SPEECH_HZ), SPEECH_HZ, 0), { code: 'closed' });
  });
});

const RATE_HZ = 8_000;

function legOf(test: TestContext): ListeningLeg {
  const leg = new ListeningLeg(modules, RATE_HZ);
  test.after(() => leg.close());
  return leg;
}

describe('SpeechDetector, which is deaf to what is no speech', () => {
  // What a partner says, and below what comes back of it.
  const played = concatPcm(silence(500, RATE_HZ), voiceLike(2_000, RATE_HZ), silence(1_000, RATE_HZ));
  const path = { delayMs: 140, levelDb: -15, place: 'handset', seed: 3 } as const;

  it('takes what was played and comes back for no utterance', (t) => {
    const leg = legOf(t);
    leg.hear(echoOf(played, path), played);
    assert.deepEqual(leg.utterances, []);
  });

  it('takes the same sound for an utterance when it was not played', (t) => {
    const leg = legOf(t);
    leg.hear(echoOf(played, path));
    assert.equal(leg.utterances.length, 1);
  });

  it('hears a voice over an echo', (t) => {
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    const own = clip.pcm.filter((_, i) => i % 2 === 0);
    const leg = legOf(t);
    leg.hear(mixed([echoOf(played, path), own], [0, 1_500]), played);
    assert.equal(leg.utterances.length, 1);
    const late = (leg.utterances[0]?.decidedMs ?? Number.NaN) - 1_500;
    assert.ok(late >= 0 && late <= 400, `${late} ms`);
  });

  it('takes a key for no utterance, whichever and wherever in a frame it begins', (t) => {
    const leg = legOf(t);
    for (const [index, pair] of KEY_PAIRS_HZ.entries()) {
      leg.hear(concatPcm(silence(500 + index, RATE_HZ), tones(pair, 40 + 10 * index, RATE_HZ, -10)));
    }
    assert.deepEqual(leg.utterances, []);
  });

  it('ends an utterance in spite of a tone after it', (t) => {
    const leg = legOf(t);
    leg.hear(concatPcm(silence(500, RATE_HZ), voiceLike(1_000, RATE_HZ), tones([425], 1_800, RATE_HZ, -15)));
    assert.equal(leg.utterances.length, 1);
    const voiceToMs = leg.utterances[0]?.voiceToMs ?? Number.NaN;
    assert.ok(voiceToMs >= 1_500 && voiceToMs <= 1_620, `${voiceToMs}`);
  });

  it('says of an utterance that it was music, ends it, and begins no other while the music goes on', (t) => {
    const leg = legOf(t);
    leg.hear(concatPcm(silence(500, RATE_HZ), playMusic('pad and drum', 20_000, RATE_HZ)));
    assert.equal(leg.utterances.length, 1);
    const { decidedMs, noneMs, endedMs } = leg.utterances[0] ?? {};
    assert.equal(noneMs, endedMs);
    assert.ok(noneMs !== undefined && decidedMs !== undefined && noneMs - decidedMs < 3_000, `${noneMs}`);
  });

  it('reaches back to where a person began to speak after music', (t) => {
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    const leg = legOf(t);
    leg.hear(concatPcm(silence(500, RATE_HZ), playMusic('piano chords', 10_000, RATE_HZ)));
    const musicEndMs = leg.nowMs;
    leg.hear(clip.pcm.filter((_, i) => i % 2 === 0));
    leg.hear(silence(1_000, RATE_HZ));
    const spoken = leg.utterances.filter(({ noneMs }) => noneMs === undefined);
    assert.equal(spoken.length, 1);
    const lateMs = (spoken[0]?.voiceFromMs ?? Number.NaN) - musicEndMs;
    assert.ok(lateMs >= -400 && lateMs <= 250, `${lateMs} ms`);
  });

  it('does not reach back over the silence between music and a voice', (t) => {
    const leg = legOf(t);
    leg.hear(
      concatPcm(silence(500, RATE_HZ), playMusic('piano chords', 6_000, RATE_HZ), silence(800, RATE_HZ)),
    );
    const silenceEndMs = leg.nowMs;
    leg.hear(concatPcm(voiceLike(500, RATE_HZ), silence(800, RATE_HZ)));
    const lateMs = (leg.utterances.at(-1)?.voiceFromMs ?? Number.NaN) - silenceEndMs;
    assert.ok(Math.abs(lateMs) <= 60, `${lateMs} ms`);
  });

  it('hears a voice in silence after an echo', (t) => {
    const leg = legOf(t);
    leg.hear(echoOf(played, path), played);
    leg.hear(concatPcm(silence(1_500, RATE_HZ), voiceLike(500, RATE_HZ), silence(800, RATE_HZ)));
    assert.equal(leg.utterances.length, 1);
  });
});

describe('what a detector measures', () => {
  /** What is told of 2.2 s of voice, a pause of 300 ms in it. */
  function toldOf(t: TestContext, measuring: boolean) {
    const told: FoundSpeech[] = [];
    const detector = new SpeechDetector(modules, allocateFrameRing(256, 640), (event) => told.push(event));
    t.after(() => detector.close());
    detector.measuring = measuring;
    const pcm = concatPcm(
      ...[silence(200, 8_000), voiceLike(1_200, 8_000, 0.3, 150), silence(300, 8_000)],
      ...[voiceLike(1_000, 8_000, 0.3, 150), silence(1_000, 8_000)],
    );
    let nowMs = 5_000;
    for (const frame of framesOf(pcm, 8_000)) {
      nowMs += 20;
      detector.push(frame, 8_000, nowMs);
    }
    return told;
  }

  it('is told in pieces of half a second, the last of each before the pause or the end', (t) => {
    const told = toldOf(t, true);
    assert.match(
      told.map(({ type }) => type).join(' '),
      /^started measured measured measured paused resumed measured measured( measured)? paused ended$/,
    );
    const pieces = told.flatMap((event) => (event.type === 'measured' ? [event.prosody] : []));
    const voiceMs = pieces.reduce((sum, piece) => sum + piece.voiceMs, 0);
    assert.ok(voiceMs > 1_900 && voiceMs <= 2_300, `${voiceMs} ms of voice`);
    for (const { fromMs, toMs, voiceMs: voice, pausedMs, pitch } of pieces) {
      assert.equal(toMs - fromMs, voice + pausedMs);
      assert.ok(pitch !== undefined && Math.abs(pitch.medianHz - 150) < 30, `${pitch?.medianHz} Hz`);
    }
  });

  it('is nothing unless it is asked to', (t) => {
    assert.ok(toldOf(t, false).every(({ type }) => type !== 'measured'));
  });
});
