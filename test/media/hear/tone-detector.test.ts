import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { ToneDetector, type ToneVerdict } from '../../../src/media/hear/tone-detector.ts';
import { VoiceActivity } from '../../../src/media/hear/voice-activity.ts';
import { concatPcm, loadLibrivoxClips, noise } from '../../asterisk/audio.ts';
import { framesOf } from '../frames.ts';
import { CADENCES, KEY_PAIRS_HZ, tones } from '../line-tones.ts';
import { espeak, toRate } from '../spoken-pieces.ts';
import { throughMuLaw } from '../telephone-path.ts';
import { voiceLike } from '../voice-like.ts';

const SPEECH_HZ = 16_000;
const modules = await loadMediaModules();

/** As it comes over a telephone. */
function narrow(pcm: Int16Array): Int16Array {
  return toRate(modules, throughMuLaw(pcm), 8_000, SPEECH_HZ);
}

function verdicts(pcm: Int16Array, noiseEnergy = 0): readonly ToneVerdict[] {
  const detector = new ToneDetector();
  return framesOf(pcm, SPEECH_HZ).map((frame) => detector.judge(frame, noiseEnergy));
}

const LINE_TONES: readonly (readonly number[])[] = [
  ...KEY_PAIRS_HZ,
  ...CADENCES.flatMap(({ parts }) => parts.map(({ tonesHz }) => tonesHz)).filter(({ length }) => length > 0),
];

describe('ToneDetector', () => {
  it('calls every tone of the network a tone from its fourth whole frame on, and none of its frames a voice', () => {
    for (const tonesHz of LINE_TONES) {
      for (const level of [-3, -30]) {
        const all = verdicts(narrow(tones(tonesHz, 400, 8_000, level)));
        const where = `${tonesHz.join('+')} Hz at ${level} dBm0: ${all.join(' ')}`;
        // The first and the last frames hold the filter's edges.
        assert.deepEqual(new Set(all.slice(5, -1)), new Set(['tone']), where);
        assert.ok(!all.slice(1, -1).includes('none'), where);
      }
    }
  });

  it('does so in noise 15 dB below the tone, whose energy is known', () => {
    for (const tonesHz of [[425], [440, 480], [697, 1_209], [1_400]]) {
      const tone = tones(tonesHz, 1_000, SPEECH_HZ, -20);
      const energy = tone.reduce((sum, sample) => sum + sample * sample, 0) / 50;
      const hiss = noise(1_000, SPEECH_HZ, 1, 3);
      const gain = Math.sqrt(energy / 32 / (hiss.reduce((sum, sample) => sum + sample * sample, 0) / 50));
      const all = verdicts(
        tone.map((sample, i) => sample + gain * (hiss[i] ?? 0)),
        energy / 32,
      );
      const voices = all.filter((verdict) => verdict === 'none').length;
      assert.ok(voices <= 5, `${tonesHz.join('+')}: ${voices} of 50`);
    }
  });

  it('calls one frame of a tone "perhaps": that is all there is of a key of 40 ms', () => {
    assert.deepEqual(verdicts(tones([770, 1_336], 20, SPEECH_HZ, -10)), ['perhaps']);
  });

  it('calls two partials of one pitch no tone, and neither a tone that moves', () => {
    for (const tonesHz of [
      [220, 440],
      [400, 600],
      [250, 750],
    ]) {
      assert.deepEqual(new Set(verdicts(tones(tonesHz, 200, SPEECH_HZ, -10))), new Set(['none']));
    }
    const moving = [400, 420, 440, 460].map((toneHz) => tones([toneHz], 20, SPEECH_HZ, -10));
    assert.deepEqual(verdicts(concatPcm(...moving)), ['perhaps', 'none', 'none', 'none']);
    assert.ok(!verdicts(voiceLike(2_000, SPEECH_HZ)).includes('tone'));
  });

  it('calls silence and noise no tone', () => {
    assert.deepEqual(new Set(verdicts(noise(1_000, SPEECH_HZ))), new Set(['none']));
    assert.ok(!verdicts(new Int16Array(3_200)).includes('tone'));
  });

  it('compares nothing with what came before a skipped frame', () => {
    const detector = new ToneDetector();
    const [frame] = framesOf(tones([425], 20, SPEECH_HZ, -10), SPEECH_HZ);
    assert.ok(frame !== undefined);
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 3; i += 1) {
        assert.equal(detector.judge(frame, 0), 'perhaps');
      }
      detector.skip();
    }
  });

  it('calls less than 0.5 % of voiced frames a tone, of a reading and of synthesised voices', () => {
    const said = [
      ...loadLibrivoxClips().map(({ pcm }) => pcm),
      ...['en', 'en+f2', 'es+f4', 'de'].map((voice) => {
        const { pcm, rateHz } = espeak(
          voice,
          'Who knew the moon? Oh no, nobody ever knew; you may mean Louise, too.',
        );
        return toRate(modules, pcm, rateHz, SPEECH_HZ);
      }),
    ];
    let voiced = 0;
    let called = 0;
    for (const pcm of said) {
      const activity = new VoiceActivity(modules);
      const detector = new ToneDetector();
      for (const frame of framesOf(narrow(toRate(modules, pcm, SPEECH_HZ, 8_000)), SPEECH_HZ)) {
        if (activity.isVoice(frame)) {
          voiced += 1;
          called += detector.judge(frame, activity.noiseEnergy) === 'tone' ? 1 : 0;
        } else {
          detector.skip();
        }
      }
      activity.close();
    }
    assert.ok(voiced > 1_500, `${voiced} voiced frames`);
    assert.ok(called < 0.005 * voiced, `${called} of ${voiced}`);
  });
});
