import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME_MS, SPEECH_HZ } from '../../../src/base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../../../src/media/dsp/resampler.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { Endpointer } from '../../../src/media/hear/endpointer.ts';
import { VoiceActivity } from '../../../src/media/hear/voice-activity.ts';
import { concatPcm, silence } from '../../asterisk/audio.ts';
import { framesOf } from '../../media/frames.ts';
import { hasTranslatedSound, SpeakerSound, translatedSound } from './speech-sound.ts';
import { conversation } from './timelines.ts';

const modules = await loadMediaModules();

/** A turn as 16 kHz frames, 1 s of line noise around it. */
function turnFrames(rateHz: number, id: number): readonly Int16Array[] {
  const [turn] = conversation(id + 1, 5).slice(id);
  assert.ok(turn !== undefined);
  const sound = new SpeakerSound(rateHz);
  const frames: Int16Array[] = [];
  for (let atMs = -1_000; atMs < turn.lengthMs + 1_000; atMs += FRAME_MS) {
    frames.push(sound.frame(turn.words, atMs).slice());
  }
  const pcm = concatPcm(...frames);
  if (rateHz === SPEECH_HZ) {
    return framesOf(pcm, SPEECH_HZ);
  }
  const resampler = new Resampler(modules, rateHz, SPEECH_HZ, SPEECH_QUALITY);
  const converted = resampler.process(pcm).slice();
  resampler.close();
  return framesOf(converted, SPEECH_HZ);
}

describe('the sound of a speaker', () => {
  for (const rateHz of [8_000, 16_000]) {
    it(`is a voice while words are said and none around them, at ${rateHz} Hz`, () => {
      const detector = new VoiceActivity(modules);
      const voiced = turnFrames(rateHz, 0).map((frame) => detector.isVoice(frame));
      detector.close();
      const first = voiced.indexOf(true) * FRAME_MS;
      const last = (voiced.lastIndexOf(true) + 1) * FRAME_MS;
      const turn = conversation(1, 5)[0];
      assert.ok(Math.abs(first - 1_000) <= 60, `the voice begins at ${first} ms`);
      const endMs = 1_000 + (turn?.lengthMs ?? 0);
      assert.ok(
        last - endMs >= -40 && last - endMs <= 140,
        `the voice ends ${last - endMs} ms after the words`,
      );
    });
  }

  it('lets the endpointer find each pause that is long enough, and no others', () => {
    const detector = new VoiceActivity(modules);
    const endpointer = new Endpointer();
    const turn = conversation(3, 5)[2];
    assert.ok(turn !== undefined);
    const events = turnFrames(16_000, 2).flatMap((frame) => endpointer.push(detector.isVoice(frame)) ?? []);
    detector.close();
    const gapsMs = turn.words.slice(1).map((word, index) => word.startMs - (turn.words[index]?.endMs ?? 0));
    const ends = events.filter(({ type }) => type === 'end').length;
    const sure = gapsMs.filter((gapMs) => gapMs > 700).length;
    const possible = gapsMs.filter((gapMs) => gapMs > 560).length;
    assert.ok(
      ends >= sure + 1 && ends <= possible + 1,
      `${ends} utterances, gaps of ${gapsMs.join(', ')} ms`,
    );
  });
});

describe("the translation's tone", () => {
  it('is told from silence, from a voice and from other tones', () => {
    assert.equal(hasTranslatedSound(translatedSound(20, 8_000), 8_000), true);
    assert.equal(hasTranslatedSound(translatedSound(20, 16_000), 16_000), true);
    assert.equal(hasTranslatedSound(silence(20, 8_000), 8_000), false);
    const turn = conversation(1, 5)[0];
    const spoken = new SpeakerSound(8_000);
    for (let atMs = 0; atMs < 2_000; atMs += 20) {
      // A partner's voice that is heard under a translation is 16 dB lower.
      const ducked = spoken.frame(turn?.words ?? [], atMs).map((sample) => sample * 0.15);
      assert.equal(hasTranslatedSound(ducked, 8_000), false);
    }
  });
});
