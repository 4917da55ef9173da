import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Resampler, SPEECH_QUALITY } from '../../../src/media/dsp/resampler.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { SpeechDetector } from '../../../src/media/hear/speech-detector.ts';
import { allocateFrameRing } from '../../../src/media/ring/frame-ring.ts';
import { type Burst, DeepgramEar } from '../../stand-ins/deepgram-ear.ts';
import { movingVoice } from '../moving-voice.ts';
import { CallVoice, callOfSound, frameAt, pitchOf } from './call-voice.ts';
import { isLoud } from './live-phone.ts';
import { type LiveTurn, MOST_CALLS } from './live-turns.ts';

const TURN: LiveTurn = {
  id: 0,
  startFrame: 20,
  words: [{ text: 'yes.', startMs: 0, endMs: 410 }],
  clauses: 1,
  lengthMs: 410,
};

describe('the voice of a call', () => {
  it('is loud in its turns and quiet elsewhere', () => {
    const voice = new CallVoice(0, [TURN, { ...TURN, startFrame: 60 }], 8_000);
    const loud = Array.from({ length: 90 }, (_, frame) => isLoud(voice.frame(frame)));
    assert.deepEqual(
      loud.flatMap((is, frame) => (is ? [frame] : [])),
      [...Array.from({ length: 21 }, (_, i) => 20 + i), ...Array.from({ length: 21 }, (_, i) => 60 + i)],
    );
  });

  it('tells by its pitch which call it is of, after conversion to 16 kHz too', async () => {
    const modules = await loadMediaModules();
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const resampler = new Resampler(modules, 8_000, 16_000, SPEECH_QUALITY);
      const voice = new CallVoice(call, [TURN], 8_000);
      const heard: (number | undefined)[] = [];
      const ear = new DeepgramEar(
        {
          type: 'bursts',
          choose: (burst) => {
            heard.push(callOfSound(burst, MOST_CALLS));
            return undefined;
          },
        },
        0,
        16_000,
      );
      for (let frame = 0; frame < 50; frame += 1) {
        const pcm = resampler.process(voice.frame(frame));
        ear.hear(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
      }
      assert.deepEqual(heard, [call]);
    }
  });

  it('takes no other sound for a call', () => {
    const tone = { purity: 0.95 };
    assert.equal(callOfSound({ ...tone, pitchHz: 140 }, 20), undefined);
    assert.equal(callOfSound({ ...tone, pitchHz: pitchOf(20) }, 20), undefined);
    assert.equal(callOfSound({ ...tone, pitchHz: pitchOf(19) }, 20), 19);
    assert.equal(callOfSound({ purity: 0.6, pitchHz: pitchOf(19) }, 20), undefined);
  });

  it('takes no voice for a call, such as the sound with which a server tries its recogniser', () => {
    for (let hz = 90; hz <= 260; hz += 5) {
      const heard: (number | undefined)[] = [];
      const choose = (burst: Burst): undefined => void heard.push(callOfSound(burst, MOST_CALLS));
      const ear = new DeepgramEar({ type: 'bursts', choose }, 0, 16_000);
      const pcm = movingVoice(16_000, hz).subarray(0, 16_000);
      ear.hear(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
      assert.deepEqual(heard, [undefined], `${hz} Hz`);
    }
  });

  it('knows the frame that holds the end of a word', () => {
    assert.equal(frameAt(TURN, 20), 20);
    assert.equal(frameAt(TURN, 21), 21);
    assert.equal(frameAt(TURN, 410), 40);
  });
});

describe('the sound of a caller', () => {
  it('is one utterance from the first word to the last to the speech detector, and never music', async () => {
    const modules = await loadMediaModules();
    const turn: LiveTurn = {
      ...TURN,
      words: [
        { text: 'a', startMs: 0, endMs: 4_000 },
        { text: 'b.', startMs: 4_120, endMs: 8_000 },
      ],
      lengthMs: 8_000,
    };
    const ring = allocateFrameRing(1_024, 640);
    const heard: string[] = [];
    const detector = new SpeechDetector(modules, ring, ({ type }) => heard.push(type));
    const voice = new CallVoice(0, [turn], 8_000);
    for (let frame = 0; frame < 500; frame += 1) {
      detector.push(voice.frame(frame), 8_000, frame * 20);
    }
    detector.close();
    assert.deepEqual(heard, ['started', 'paused', 'ended']);
  });
});
