import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SPEECH_HZ } from '../../../../src/base/units.ts';
import { loadMediaModules } from '../../../../src/media/dsp/wasm.ts';
import {
  joined,
  type Prosody,
  semitonesBetween,
  syllablesPerSecond,
} from '../../../../src/media/hear/prosody/prosody.ts';
import { ProsodyMeter } from '../../../../src/media/hear/prosody/prosody-meter.ts';
import { levelDbfs, loadLibrivoxClips, noise } from '../../../asterisk/audio.ts';
import { framesOf } from '../../frames.ts';
import { toRate } from '../../spoken-pieces.ts';
import { throughMuLaw } from '../../telephone-path.ts';

const modules = await loadMediaModules();

/** Overtones of `hz` from `lowestHz` to 3,400 Hz, in syllables of 250 ms of which the last 60 ms are 20 dB softer. */
function hum(hz: number, seconds: number, lowestHz = 0, peak = 0.2): Int16Array {
  return new Int16Array(SPEECH_HZ * seconds).map((_, i) => {
    const at = i / SPEECH_HZ;
    let sample = 0;
    for (let overtone = 1; overtone * hz < 3_400; overtone += 1) {
      sample +=
        overtone * hz < lowestHz ? 0 : Math.sin(2 * Math.PI * overtone * hz * at + overtone) / overtone;
    }
    return Math.round(sample * peak * 32_767 * (at % 0.25 < 0.19 ? 1 : 0.1));
  });
}

function measured(pcm: Int16Array, isVoice: (frame: number) => boolean = () => true): Prosody {
  const meter = new ProsodyMeter();
  for (const [index, frame] of framesOf(pcm, SPEECH_HZ).entries()) {
    meter.push(frame, isVoice(index));
  }
  const prosody = meter.take();
  assert.ok(prosody !== undefined);
  return prosody;
}

describe('the contour of a prosody meter', () => {
  it('is level and pitch of each frame since the last look, of fifty at most', () => {
    const meter = new ProsodyMeter();
    const frames = framesOf(hum(165, 2), SPEECH_HZ);
    for (const [index, frame] of frames.entries()) {
      if (index === 20) {
        meter.take();
      }
      meter.push(frame, index !== 25);
    }
    const { levelsDbfs, pitchesHz } = meter.contour();
    assert.deepEqual([levelsDbfs.length, pitchesHz.length], [50, 50]);
    assert.deepEqual([levelsDbfs[5], pitchesHz[5]], [-120, 0], 'nobody spoke');
    for (const place of [0, 4, 6]) {
      const wantedDb = levelDbfs(frames[20 + place] ?? new Int16Array(1));
      assert.ok(
        Math.abs((levelsDbfs[place] ?? 0) - wantedDb) < 0.1,
        `${levelsDbfs[place]} of ${wantedDb} dB`,
      );
      assert.ok(Math.abs(semitonesBetween(165, pitchesHz[place] ?? 1)) < 0.5);
    }
    meter.take();
    assert.equal(meter.contour().levelsDbfs.length, 0);
  });
});

describe('the prosody meter', () => {
  for (const hz of [70, 110, 165, 220, 330, 390]) {
    it(`hears a pitch of ${hz} Hz within a third of a semitone`, () => {
      const { pitch } = measured(hum(hz, 1));
      assert.ok(pitch !== undefined);
      assert.ok(Math.abs(semitonesBetween(hz, pitch.medianHz)) < 0.34, `heard ${pitch.medianHz} Hz`);
      assert.ok(semitonesBetween(pitch.lowHz, pitch.highHz) < 1);
      assert.ok(pitch.heardMs > 700);
    });
  }

  it('hears the pitch of a voice whose fundamental the telephone has cut off', () => {
    const { pitch } = measured(hum(104, 1, 300));
    assert.ok(pitch !== undefined && Math.abs(semitonesBetween(104, pitch.medianHz)) < 0.34);
  });

  it('hears no pitch in noise', () => {
    const { pitch, voiceMs } = measured(noise(1_000, SPEECH_HZ));
    assert.equal(voiceMs, 1_000);
    assert.ok((pitch?.heardMs ?? 0) <= 40, `a pitch for ${pitch?.heardMs} ms`);
  });

  it('counts syllables by their loud middles', () => {
    assert.ok(Math.abs(measured(hum(120, 3)).syllables - 12) <= 1);
  });

  it('tells the level of the voice without its pauses', () => {
    const pcm = hum(120, 2, 0, 0.1);
    const half = new Int16Array(pcm.length).map((_, i) => (i < SPEECH_HZ ? (pcm[i] ?? 0) : 0));
    const prosody = measured(half, (frame) => frame < 50);
    assert.ok(Math.abs(prosody.levelDbfs - levelDbfs(pcm.subarray(0, SPEECH_HZ))) < 0.1);
    assert.deepEqual([prosody.voiceMs, prosody.pausedMs], [1_000, 1_000]);
  });

  it('tells a bright voice from a dull one, however loud', () => {
    const bright = measured(hum(120, 1, 900, 0.05));
    const dull = measured(hum(120, 1));
    assert.ok(bright.tiltDb > dull.tiltDb + 3);
    assert.ok(Math.abs(measured(hum(120, 1, 0, 0.02)).tiltDb - dull.tiltDb) < 0.5);
  });

  it('begins anew once it was read, and has nothing to tell without a voice', () => {
    const meter = new ProsodyMeter();
    const [frame] = framesOf(hum(120, 1), SPEECH_HZ);
    assert.ok(frame !== undefined);
    meter.push(frame, true);
    assert.equal(meter.take()?.voiceMs, 20);
    meter.push(frame, false);
    assert.equal(meter.frames, 1);
    assert.equal(meter.take(), undefined);
    assert.equal(meter.frames, 0);
  });

  it('hears a man read on a telephone: low, four syllables a second', () => {
    const read = loadLibrivoxClips().map(({ pcm, rateHz }) =>
      measured(toRate(modules, throughMuLaw(toRate(modules, pcm, rateHz, 8_000)), 8_000, SPEECH_HZ)),
    );
    const all = joined(read);
    assert.ok(all?.pitch !== undefined);
    assert.ok(all.pitch.medianHz > 90 && all.pitch.medianHz < 120, `${all.pitch.medianHz} Hz`);
    const rate = syllablesPerSecond(all);
    assert.ok(rate !== undefined && rate > 3 && rate < 5, `${rate} syllables a second`);
  });
});

describe('stretches joined', () => {
  const part = (changes: Partial<Prosody>): Prosody => ({
    ...{ voiceMs: 500, pausedMs: 0, levelDbfs: -20, syllables: 2, tiltDb: -5 },
    pitch: { medianHz: 120, lowHz: 100, highHz: 140, heardMs: 400 },
    ...changes,
  });

  it('add up', () => {
    const whole = joined([part({ pausedMs: 100 }), part({ voiceMs: 1_500, syllables: 6, tiltDb: -9 })]);
    assert.deepEqual([whole?.voiceMs, whole?.pausedMs, whole?.syllables], [2_000, 100, 8]);
    assert.equal(whole?.tiltDb, -8);
  });

  it('are as loud as their power together', () => {
    const whole = joined([part({ levelDbfs: -20 }), part({ levelDbfs: -40 })]);
    // Half of the power of the louder one: 3 dB less.
    assert.ok(whole !== undefined && Math.abs(whole.levelDbfs + 23) < 0.1);
  });

  it('have the pitch of most, whatever one of them took for it', () => {
    const slip = { medianHz: 240, lowHz: 230, highHz: 390, heardMs: 300 };
    const whole = joined([part({}), part({ pitch: slip }), part({}), part({}), part({ pitch: undefined })]);
    assert.deepEqual(whole?.pitch, { medianHz: 120, lowHz: 100, highHz: 140, heardMs: 1_500 });
  });

  it('are none without a voice', () => {
    assert.equal(joined([]), undefined);
    assert.equal(joined([part({ voiceMs: 0 })]), undefined);
  });

  it('say no rate of too little', () => {
    assert.equal(syllablesPerSecond(part({ voiceMs: 200 })), undefined);
    assert.equal(syllablesPerSecond(part({ syllables: 0 })), undefined);
    assert.equal(syllablesPerSecond(part({})), 4);
  });
});
