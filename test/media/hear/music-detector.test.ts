import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { MusicDetector } from '../../../src/media/hear/music-detector.ts';
import { concatPcm, loadLibrivoxClips, noise, silence } from '../../asterisk/audio.ts';
import { framesOf } from '../frames.ts';
import { playMusic } from '../played-music.ts';
import { toRate } from '../spoken-pieces.ts';

const SPEECH_HZ = 16_000;
const modules = await loadMediaModules();
const reading = concatPcm(...loadLibrivoxClips().map(({ pcm }) => pcm));

/** For each frame whether music was present after it. Frames below -55 dBFS are silence. */
function presence(pcm: Int16Array, detector = new MusicDetector(), counts = true): readonly boolean[] {
  return framesOf(pcm, SPEECH_HZ).map((frame) => {
    const energy = frame.reduce((sum, sample) => sum + sample * sample, 0);
    detector.push(frame, energy < 320 * 58 ** 2 ? 0 : energy, counts);
    return detector.present;
  });
}

function music(style: 'pad and drum' | 'arpeggio' | 'piano chords', durationMs: number): Int16Array {
  return toRate(modules, playMusic(style, durationMs, 8_000), 8_000, SPEECH_HZ);
}

describe('MusicDetector', () => {
  for (const style of ['pad and drum', 'arpeggio', 'piano chords'] as const) {
    it(`finds a ${style} within 2.5 s, and it stays found`, () => {
      const frames = presence(music(style, 12_000));
      const from = frames.indexOf(true);
      assert.ok(from > 0 && from <= 125, `frame ${from}`);
      assert.ok(!frames.slice(from).includes(false));
    });
  }

  it('finds none in a reading, in noise and in silence', () => {
    for (const pcm of [reading, noise(5_000, SPEECH_HZ), silence(5_000, SPEECH_HZ)]) {
      assert.ok(!presence(pcm).includes(true));
    }
  });

  it('finds none in a voice over music 15 dB softer', () => {
    const soft = music('piano chords', 20_000);
    const level = (pcm: Int16Array): number => Math.sqrt(pcm.reduce((sum, s) => sum + s * s, 0) / pcm.length);
    const gain = (0.178 * level(reading)) / level(soft);
    assert.ok(!presence(reading.map((sample, i) => sample + gain * (soft[i] ?? 0))).includes(true));
  });

  it('finds the end of music in 600 ms of silence', () => {
    const detector = new MusicDetector();
    presence(music('pad and drum', 5_000), detector);
    const frames = presence(silence(1_000, SPEECH_HZ), detector);
    assert.equal(frames.indexOf(false), 29);
    assert.equal(detector.spokenFrames, 0);
  });

  it('finds the end of music when somebody speaks, and says for how long they have', () => {
    const detector = new MusicDetector();
    presence(music('pad and drum', 5_000), detector);
    const frames = presence(reading, detector);
    const spokenFrames = detector.spokenFrames;
    const end = frames.indexOf(false);
    assert.ok(end > 0 && end <= 60, `frame ${end}`);
    assert.equal(spokenFrames, 32);
  });

  it('counts neither echo nor tones of the network', () => {
    assert.ok(!presence(music('arpeggio', 6_000), new MusicDetector(), false).includes(true));
  });
});
