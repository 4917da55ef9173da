/**
 * The stages between the wires, each by itself: rings, resampling, voice detection, endpointing, time stretch and
 * playout, with the qualities the legs use.
 */

import { frameSamples, SPEECH_HZ } from '../../src/base/units.ts';
import { HEARD_QUALITY, Resampler, SPEECH_QUALITY } from '../../src/media/dsp/resampler.ts';
import { TimeStretch } from '../../src/media/dsp/time-stretch.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import { Endpointer } from '../../src/media/hear/endpointer.ts';
import { ProsodyMeter } from '../../src/media/hear/prosody/prosody-meter.ts';
import { VoiceActivity } from '../../src/media/hear/voice-activity.ts';
import { ComfortNoise } from '../../src/media/play/comfort-noise.ts';
import { Limiter } from '../../src/media/play/limiter.ts';
import { PlayoutQueue } from '../../src/media/play/playout-queue.ts';
import { allocateFrameRing, FrameRingReader, FrameRingWriter } from '../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, MediaCounters } from '../../src/media/ring/leg-memory.ts';
import type { Case } from './measure.ts';
import { voiceFrames, voiceSamples } from './voice-samples.ts';

/** Two seconds of voice, so that pauses and syllables are both in it. */
const FRAMES = 100;

export function soundCases(modules: MediaModules): readonly Case[] {
  return [
    ringCase(),
    resampleCase(modules, 8_000, 16_000, SPEECH_QUALITY),
    resampleCase(modules, 16_000, 8_000, HEARD_QUALITY),
    resampleCase(modules, 24_000, 16_000, HEARD_QUALITY),
    resampleCase(modules, 44_100, 16_000, SPEECH_QUALITY),
    resampleCase(modules, 48_000, 16_000, SPEECH_QUALITY),
    resampleCase(modules, 22_050, 8_000, HEARD_QUALITY),
    voiceActivityCase(modules),
    endpointerCase(),
    prosodyCase(),
    timeStretchCase(modules, 1.25),
    playoutCase(modules, 8_000, 8_000),
    playoutCase(modules, 24_000, 8_000),
    playoutCase(modules, 24_000, 16_000),
    limiterCase(),
    comfortNoiseCase(),
  ];
}

function ringCase(): Case {
  const ring = allocateFrameRing(32, 7_680);
  const writer = new FrameRingWriter(ring);
  const reader = new FrameRingReader(ring);
  const frames = voiceFrames(8_000, FRAMES);
  return {
    name: 'ring write + read, 8,000 Hz, 320 bytes',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const frame of frames) {
          writer.write(frame, 8_000, i);
          reader.read();
          reader.publish();
        }
      }
    },
  };
}

function resampleCase(modules: MediaModules, fromHz: number, toHz: number, quality: number): Case {
  const resampler = new Resampler(modules, fromHz, toHz, quality);
  const frames = sampleFrames(fromHz);
  return {
    name: `resample ${thousands(fromHz)} -> ${thousands(toHz)} Hz, quality ${quality}`,
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const frame of frames) {
          resampler.process(frame);
        }
      }
    },
    close: () => resampler.close(),
  };
}

function voiceActivityCase(modules: MediaModules): Case {
  const detector = new VoiceActivity(modules);
  const frames = sampleFrames(SPEECH_HZ);
  return {
    name: 'voice activity, 16,000 Hz, 320 samples',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const frame of frames) {
          detector.isVoice(frame);
        }
      }
    },
    close: () => detector.close(),
  };
}

function endpointerCase(): Case {
  const endpointer = new Endpointer();
  return {
    name: 'endpointer, utterances of 1 s',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (let frame = 0; frame < FRAMES; frame += 1) {
          endpointer.push(frame < FRAMES / 2);
        }
      }
    },
  };
}

function prosodyCase(): Case {
  const meter = new ProsodyMeter();
  const frames = sampleFrames(SPEECH_HZ);
  return {
    name: 'prosody of a voice, 16,000 Hz, a record each 500 ms',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const frame of frames) {
          meter.push(frame, true);
          if (meter.frames === 25) {
            meter.take();
          }
        }
      }
    },
  };
}

function timeStretchCase(modules: MediaModules, speed: number): Case {
  const stretch = new TimeStretch(modules, 8_000, speed);
  const frames = sampleFrames(8_000);
  const out = new Int16Array(4_096);
  return {
    name: `time stretch ${speed} times as fast, 8,000 Hz`,
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const frame of frames) {
          stretch.write(frame);
          stretch.read(out);
        }
      }
    },
    close: () => stretch.close(),
  };
}

/** A segment of two seconds announced, given in one piece, and played to its end. */
function playoutCase(modules: MediaModules, fromHz: number, toHz: number): Case {
  const ignore = { segmentStarted: () => {}, segmentEnded: () => {} };
  const queue = new PlayoutQueue(modules, toHz, new MediaCounters(allocateLegMemory().counters), ignore);
  const segment = voiceSamples(fromHz, FRAMES);
  const out = new Int16Array(frameSamples(toHz));
  return {
    name: `playout of ${thousands(fromHz)} Hz speech on an ${thousands(toHz)} Hz leg`.replace(
      /an (?!8)/,
      'a ',
    ),
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        queue.open(i, fromHz, undefined);
        queue.add(i, segment);
        queue.end(i);
        while (queue.pull(out)) {
          // Played.
        }
      }
    },
    close: () => queue.close(),
  };
}

function limiterCase(): Case {
  const limiter = new Limiter();
  const frames = sampleFrames(8_000);
  const mixes = frames.map((frame) => Float32Array.from(frame, (sample) => sample * 1.5));
  const out = new Int16Array(frameSamples(8_000));
  return {
    name: 'limiter, 8,000 Hz, peaks 3 dB too loud',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times; i += 1) {
        for (const mix of mixes) {
          limiter.limit(mix, out, 8_000);
        }
      }
    },
  };
}

function comfortNoiseCase(): Case {
  const noise = new ComfortNoise();
  const mix = new Float32Array(frameSamples(8_000));
  return {
    name: 'comfort noise, 8,000 Hz',
    framesPerOp: FRAMES,
    run: (times) => {
      for (let i = 0; i < times * FRAMES; i += 1) {
        mix.fill(0);
        noise.mixInto(mix, 8_000, -60);
      }
    },
  };
}

function sampleFrames(rateHz: number): readonly Int16Array[] {
  const samples = frameSamples(rateHz);
  const pcm = voiceSamples(rateHz, FRAMES);
  return Array.from({ length: FRAMES }, (_, frame) => pcm.slice(frame * samples, (frame + 1) * samples));
}

function thousands(rateHz: number): string {
  return rateHz.toLocaleString('en-US');
}
