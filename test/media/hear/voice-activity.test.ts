import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { Endpointer } from '../../../src/media/hear/endpointer.ts';
import { VoiceActivity } from '../../../src/media/hear/voice-activity.ts';
import {
  concatPcm,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  silence,
  sine,
  sliceMs,
} from '../../asterisk/audio.ts';
import { framesOf } from '../frames.ts';

const RATE_HZ = 16_000;
const modules = await loadMediaModules();

/** How many 20 ms frames of `pcm` are voice. */
function voicedFrames(pcm: Int16Array): number {
  const detector = new VoiceActivity(modules);
  const voiced = framesOf(pcm, RATE_HZ).filter((frame) => detector.isVoice(frame)).length;
  detector.close();
  return voiced;
}

interface Found {
  readonly audioFromMs: number;
  readonly voiceFromMs: number;
  voiceToMs: number;
  decidedMs: number;
}

/** The utterances that detector and endpointer find in `pcm`. */
function findUtterances(pcm: Int16Array): readonly Found[] {
  const detector = new VoiceActivity(modules);
  const endpointer = new Endpointer();
  const found: Found[] = [];
  for (const frame of framesOf(pcm, RATE_HZ)) {
    const event = endpointer.push(detector.isVoice(frame));
    const last = found.at(-1);
    if (event?.type === 'start') {
      const [audioFromMs, voiceFromMs] = [event.fromFrame * 20, event.voiceFrame * 20];
      found.push({ audioFromMs, voiceFromMs, voiceToMs: Number.NaN, decidedMs: Number.NaN });
    } else if (event?.type === 'end' && last !== undefined) {
      last.voiceToMs = event.silenceFrame * 20;
      last.decidedMs = event.toFrame * 20;
    }
  }
  detector.close();
  return found;
}

/** Where `pcm` is at least as loud as a soft voice: from, to, in ms, in steps of 10 ms. */
function voicePart(pcm: Int16Array): { readonly fromMs: number; readonly toMs: number } {
  const loudMs = Array.from({ length: pcm.length / 160 }, (_, index) => index * 10).filter(
    (atMs) => levelDbfs(sliceMs(pcm, RATE_HZ, atMs, atMs + 10)) >= -40,
  );
  return { fromMs: loudMs[0] ?? Number.NaN, toMs: (loudMs.at(-1) ?? Number.NaN) + 10 };
}

/** Two tones at once, as a key sends them. */
function keyTone(durationMs: number): Int16Array {
  const high = sine(1_336, durationMs, RATE_HZ, 0.25);
  return sine(770, durationMs, RATE_HZ, 0.25).map((sample, index) => sample + (high[index] ?? 0));
}

describe('VoiceActivity', () => {
  it('hears most of a voice', () => {
    for (const { name, pcm } of loadLibrivoxClips()) {
      const share = voicedFrames(pcm) / framesOf(pcm, RATE_HZ).length;
      assert.ok(share > 0.75, `${name}: ${share}`);
    }
  });

  it('hears no voice in silence', () => {
    assert.equal(voicedFrames(silence(5_000, RATE_HZ)), 0);
  });

  it('hears no voice in noise at -60 dBFS, whatever it looks like', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const pcm = noise(4_000, RATE_HZ, 0.0017, seed);
      assert.ok(Math.abs(levelDbfs(pcm) + 60) < 0.5);
      assert.equal(voicedFrames(pcm), 0, `seed ${seed}`);
    }
  });

  it('hears no voice in what is below -55 dBFS, though it is one', () => {
    for (const { name, pcm } of loadLibrivoxClips()) {
      const soft = pcm.map((sample) => sample / 300);
      assert.ok(levelDbfs(soft) < -70, `${name}: ${levelDbfs(soft)}`);
      assert.equal(voicedFrames(soft), 0);
    }
  });

  it('takes a tone for a voice, from about 400 Hz up, until it has been the noise of the line for two seconds', () => {
    for (const toneHz of [440, 1_000, 2_000]) {
      const pcm = concatPcm(silence(500, RATE_HZ), sine(toneHz, 3_000, RATE_HZ));
      const voiced = voicedFrames(pcm);
      assert.ok(voiced >= 80 && voiced <= 100, `${toneHz} Hz: ${voiced}`);
    }
  });

  it('takes the tones of a key for a voice', () => {
    assert.equal(voicedFrames(concatPcm(silence(500, RATE_HZ), keyTone(1_000))), 50);
  });

  it('takes a low tone and noise at -40 dBFS for a voice only for 80 ms after they set in', () => {
    for (const pcm of [sine(100, 2_000, RATE_HZ), noise(2_000, RATE_HZ, 0.0173)]) {
      assert.equal(voicedFrames(concatPcm(silence(500, RATE_HZ), pcm)), 4);
    }
  });

  it('stops with a voice that ends in silence', () => {
    const tone = sine(1_000, 400, RATE_HZ);
    assert.equal(voicedFrames(concatPcm(silence(500, RATE_HZ), tone, silence(500, RATE_HZ))), 20);
  });

  for (const voiceMs of [20, 80, 120, 1_000]) {
    it(`stops with ${voiceMs} ms of voice that ends in noise above the gate`, () => {
      const before = noise(2_000, RATE_HZ, 0.0045, 5);
      const after = noise(1_000, RATE_HZ, 0.0045, 3);
      assert.ok(levelDbfs(after) > -55);
      const tone = sine(1_000, voiceMs, RATE_HZ);
      assert.equal(voicedFrames(concatPcm(before, tone, after)), voiceMs / 20);
    });
  }

  it('hears no voice in noise that sets in, however loud, after its first frame', () => {
    for (const peak of [0.01, 0.1, 0.5]) {
      assert.ok(voicedFrames(noise(4_000, RATE_HZ, peak, 3)) <= 1, `${peak}`);
    }
  });

  it('hears the same voice in noise 20 dB below it', () => {
    for (const { name, pcm } of loadLibrivoxClips()) {
      const peak = Math.sqrt(3) * 10 ** ((levelDbfs(pcm) - 20) / 20);
      const noisy = noise(pcm.length / 16, RATE_HZ, peak, 4).map((sample, i) => sample + (pcm[i] ?? 0));
      assert.ok(voicedFrames(noisy) > 0.75 * voicedFrames(pcm), name);
    }
  });

  it('refuses to judge after close, which can be repeated', () => {
    const detector = new VoiceActivity(modules);
    detector.close();
    detector.close();
    assert.throws(() => detector.isVoice(new Int16Array(320)), { code: 'closed' });
  });
});

describe('VoiceActivity with Endpointer', () => {
  const gaps = [
    { name: 'silence', pcm: silence(1_500, RATE_HZ), lateMs: 100 },
    { name: 'noise at -60 dBFS', pcm: noise(1_500, RATE_HZ, 0.0017), lateMs: 200 },
  ];
  for (const gap of gaps) {
    it(`finds each of five sentences once, none cut off, with ${gap.name} between`, () => {
      const clips = loadLibrivoxClips();
      const found = findUtterances(concatPcm(...clips.flatMap(({ pcm }) => [gap.pcm, pcm]), gap.pcm));
      assert.equal(found.length, clips.length);
      let startMs = 0;
      for (const [index, clip] of clips.entries()) {
        startMs += 1_500;
        const { fromMs, toMs } = voicePart(clip.pcm);
        const utterance = found[index];
        assert.ok(utterance !== undefined);
        const where = `${clip.name}: ${fromMs} to ${toMs}: ${JSON.stringify(utterance)} - ${startMs}`;
        assert.ok(utterance.audioFromMs <= startMs + fromMs, where);
        assert.ok(utterance.voiceFromMs <= startMs + fromMs + gap.lateMs, where);
        assert.ok(utterance.voiceFromMs >= startMs - 40, where);
        assert.ok(Math.abs(utterance.voiceToMs - (startMs + toMs)) <= 200, where);
        // 600 ms of hang-over.
        assert.equal(utterance.decidedMs, utterance.voiceToMs + 600, where);
        startMs += clip.pcm.length / 16;
      }
    });
  }

  it("takes the tones of a key, 120 ms long, for an utterance: telling them apart is the tone detector's", () => {
    const pcm = concatPcm(silence(500, RATE_HZ), keyTone(120), silence(1_000, RATE_HZ));
    assert.equal(findUtterances(pcm).length, 1);
  });

  for (const snrDb of [30, 20, 15]) {
    it(`says within 100 ms when a voice ended, ${snrDb} dB above the noise`, () => {
      for (const { name, pcm } of loadLibrivoxClips()) {
        const endMs = 600;
        // A stretch that ends in the middle of a word, so that its end is known.
        const loudMs = voicePart(pcm).fromMs + endMs;
        const said = concatPcm(
          silence(2_500, RATE_HZ),
          sliceMs(pcm, RATE_HZ, 0, loudMs),
          silence(1_500, RATE_HZ),
        );
        const peak = Math.sqrt(3) * 10 ** ((levelDbfs(pcm) - snrDb) / 20);
        const noisy = noise(said.length / 16, RATE_HZ, peak, 7).map((sample, i) => sample + (said[i] ?? 0));
        const lastLoudMs = 2_500 + voicePart(sliceMs(pcm, RATE_HZ, 0, loudMs)).toMs;
        const [utterance] = findUtterances(noisy);
        const offMs = (utterance?.voiceToMs ?? Number.NaN) - lastLoudMs;
        assert.ok(Math.abs(offMs) <= 100, `${name}: ${offMs} ms`);
      }
    });
  }

  it('takes a loud click in noise for no utterance', () => {
    const pcm = noise(3_000, RATE_HZ, 0.0045, 9);
    pcm.fill(20_000, 32_000, 32_040);
    pcm.fill(-20_000, 32_040, 32_080);
    assert.deepEqual(findUtterances(pcm), []);
  });

  it('finds no utterance in a second of noise at -60 dBFS between silence', () => {
    const pcm = concatPcm(silence(500, RATE_HZ), noise(1_000, RATE_HZ, 0.0017), silence(500, RATE_HZ));
    assert.deepEqual(findUtterances(pcm), []);
  });
});
