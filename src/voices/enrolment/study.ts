/**
 * What of a recording is worth making a voice of: where somebody speaks, evenly, clearly above the noise and not clipped.
 * Pure and slow, a second of processor for five minutes of sound: it runs in a process of its own.
 */

import { FRAME_MS, SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../../media/dsp/resampler.ts';
import type { MediaModules } from '../../media/dsp/wasm.ts';
import {
  joined,
  type Prosody,
  semitonesBetween,
  syllablesPerSecond,
} from '../../media/hear/prosody/prosody.ts';
import { ProsodyMeter } from '../../media/hear/prosody/prosody-meter.ts';
import { VoiceActivity } from '../../media/hear/voice-activity.ts';
import { encodeWav, type Wav } from '../../protocol/wav.ts';
import type { MeasuredStyle } from '../profile.ts';

/** Of speech in all; less makes nobody's voice, in ms. */
const LEAST_SPEECH_MS = 6_000;
/** Speech is this much above what is between it, in dB. */
const LEAST_SNR_DB = 15;
const LEAST_LEVEL_DBFS = -45;
/** Of the frames of the best stretch: more distorts every voice that is made of it. */
const MOST_CLIPPED_SHARE = 0.02;
/** A sample as loud as this was cut off. */
const CLIP_LEVEL = 32_700;
/** Frames of speech are as loud as the median, with so much up and down, in dB. */
const LOUDER_DB = 9;
const SOFTER_DB = 15;
/** A frame that is clipped spoils more than one that is missing. */
const CLIPPED_COST = 6;
/** Of a frame of a pause that is longer than people make within a sentence. */
const PAUSE_COST = 0.5;
const LONG_PAUSE_FRAMES = 25;
/** A stretch begins and ends in a pause, if there is one so near, in frames. */
const SNAP_FRAMES = 30;
const TELEPHONE_HZ = 8_000;
/** How high somebody speaks is measured over so much of their voice at a time, in ms: it is known well after that. */
const PITCH_MS = 3_000;
/** One person's such measurements lie closer together, but for a tenth at either end; a man's and a woman's do not. */
const ONE_PERSON_SEMITONES = 9;
/** What a model is asked about: one long piece, and three that are compared with each other, in ms. */
const IDENTITY_MS = 8_000;
const PIECE_MS = 4_000;

/** Why nothing is made of a recording. */
export type Unfit = 'too-little-speech' | 'too-quiet' | 'too-noisy' | 'clipped' | 'several-people';

export interface Fit {
  readonly type: 'fit';
  readonly speechMs: number;
  readonly levelDbfs: number;
  readonly snrDb: number;
  /** How the person speaks. */
  readonly style: MeasuredStyle;
  /** The best stretch of each length that was asked for, as WAV files at the recording's own rate. */
  readonly stretches: readonly { readonly soundMs: number; readonly wav: Uint8Array }[];
  /** 16 kHz, in the band of the telephone: what tells who it is, and pieces that must all be the same person. */
  readonly identity: Int16Array;
  readonly pieces: readonly Int16Array[];
}

export type Studied = Fit | { readonly type: 'unfit'; readonly why: Unfit };

interface Frame {
  readonly voice: boolean;
  readonly levelDbfs: number;
  readonly clipped: boolean;
}

/** @param wantedMs lengths of stretches, at least one, the longest first. */
export function studyRecording(wav: Wav, wantedMs: readonly number[], modules: MediaModules): Studied {
  const speech = converted(wav.pcm, wav.rateHz, SPEECH_HZ, modules);
  const { frames, prosody } = framesOf(wav, speech, modules);
  const voiced = frames.filter(({ voice }) => voice).map(({ levelDbfs }) => levelDbfs);
  const speechMs = voiced.length * FRAME_MS;
  if (speechMs < LEAST_SPEECH_MS) {
    return { type: 'unfit', why: 'too-little-speech' };
  }
  const levelDbfs = quantile(voiced, 0.5);
  if (levelDbfs < LEAST_LEVEL_DBFS) {
    return { type: 'unfit', why: 'too-quiet' };
  }
  const between = frames.filter(({ voice }) => !voice).map((frame) => frame.levelDbfs);
  const snrDb = levelDbfs - (between.length === 0 ? levelDbfs : quantile(between, 0.25));
  if (snrDb < LEAST_SNR_DB) {
    return { type: 'unfit', why: 'too-noisy' };
  }
  if (pitchSpread(prosody) > ONE_PERSON_SEMITONES) {
    return { type: 'unfit', why: 'several-people' };
  }
  const scores = scoresOf(frames, levelDbfs);
  const spans = wantedMs.map((ms) => bestSpan(frames, scores, Math.floor(ms / FRAME_MS)));
  const [longest] = spans;
  if (longest === undefined || clippedShare(frames, longest) > MOST_CLIPPED_SHARE) {
    return { type: 'unfit', why: 'clipped' };
  }
  return {
    ...{ type: 'fit', speechMs, levelDbfs, snrDb, style: styleOf(prosody) },
    stretches: spans.map(({ from, to }) => ({
      soundMs: (to - from) * FRAME_MS,
      wav: encodeWav({ rateHz: wav.rateHz, pcm: cut(wav.pcm, wav.rateHz, from, to) }),
    })),
    ...identityOf(speech, longest, modules),
  };
}

interface Span {
  readonly from: number;
  /** The first frame after it. */
  readonly to: number;
}

function framesOf({ pcm, rateHz }: Wav, speech: Int16Array, modules: MediaModules) {
  const activity = new VoiceActivity(modules);
  const meter = new ProsodyMeter();
  const frames: Frame[] = [];
  const prosody: Prosody[] = [];
  let voiceMs = 0;
  for (let index = 0; (index + 1) * SPEECH_FRAME_SAMPLES <= speech.length; index += 1) {
    const frame = speech.subarray(index * SPEECH_FRAME_SAMPLES, (index + 1) * SPEECH_FRAME_SAMPLES);
    const voice = activity.isVoice(frame);
    meter.push(frame, voice);
    voiceMs += voice ? FRAME_MS : 0;
    if (voiceMs >= PITCH_MS) {
      voiceMs = 0;
      prosody.push(...taken(meter));
    }
    frames.push({
      voice,
      levelDbfs: levelOf(frame),
      clipped: cut(pcm, rateHz, index, index + 1).some((sample) => Math.abs(sample) >= CLIP_LEVEL),
    });
  }
  activity.close();
  prosody.push(...taken(meter));
  return { frames, prosody };
}

function taken(meter: ProsodyMeter): readonly Prosody[] {
  const measured = meter.take();
  return measured === undefined ? [] : [measured];
}

/** How far apart it is that somebody speaks, in semitones, but for a tenth of it at either end. */
function pitchSpread(prosody: readonly Prosody[]): number {
  const medians = prosody.flatMap(({ pitch }) => (pitch === undefined ? [] : [pitch.medianHz]));
  return medians.length < 2 ? 0 : semitonesBetween(quantile(medians, 0.1), quantile(medians, 0.9));
}

function styleOf(prosody: readonly Prosody[]): MeasuredStyle {
  const all = joined(prosody);
  if (all === undefined) {
    return {};
  }
  const { pitch, levelDbfs, tiltDb } = all;
  const rate = syllablesPerSecond(all);
  return {
    ...{ levelDbfs: tenth(levelDbfs), tiltDb: tenth(tiltDb) },
    ...(rate === undefined ? {} : { syllablesPerSecond: tenth(rate) }),
    ...(pitch === undefined
      ? {}
      : {
          f0MedianHz: tenth(pitch.medianHz),
          f0RangeSemitones: tenth(semitonesBetween(pitch.lowHz, pitch.highHz)),
        }),
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What each frame is worth to a stretch that has it. */
function scoresOf(frames: readonly Frame[], medianDbfs: number): readonly number[] {
  let pause = 0;
  return frames.map(({ voice, levelDbfs, clipped }) => {
    pause = voice ? 0 : pause + 1;
    if (clipped) {
      return -CLIPPED_COST;
    }
    const even = levelDbfs <= medianDbfs + LOUDER_DB && levelDbfs >= medianDbfs - SOFTER_DB;
    return voice ? Number(even) : pause > LONG_PAUSE_FRAMES ? -PAUSE_COST : 0;
  });
}

/** The span of so many frames that is worth most, begun and ended in a pause; all of it where it is no longer. */
function bestSpan(frames: readonly Frame[], scores: readonly number[], count: number): Span {
  const length = Math.min(count, frames.length);
  let worth = scores.slice(0, length).reduce((sum, score) => sum + score, 0);
  let best = { from: 0, worth };
  for (let from = 1; from + length <= frames.length; from += 1) {
    worth += (scores[from + length - 1] ?? 0) - (scores[from - 1] ?? 0);
    if (worth > best.worth) {
      best = { from, worth };
    }
  }
  const { from } = best;
  const start = snapped(frames, from, 1);
  const end = snapped(frames, from + length - 1, -1);
  return start < end ? { from: start, to: end + 1 } : { from, to: from + length };
}

/** The nearest frame without a voice, going inwards; the frame itself where there is none near. */
function snapped(frames: readonly Frame[], at: number, step: 1 | -1): number {
  for (let moved = 0; moved <= SNAP_FRAMES; moved += 1) {
    const index = at + moved * step;
    if (frames[index]?.voice === false) {
      return index;
    }
  }
  return at;
}

function clippedShare(frames: readonly Frame[], { from, to }: Span): number {
  return frames.slice(from, to).filter(({ clipped }) => clipped).length / (to - from);
}

function identityOf(
  speech: Int16Array,
  { from, to }: Span,
  modules: MediaModules,
): Pick<Fit, 'identity' | 'pieces'> {
  const stretch = cut(speech, SPEECH_HZ, from, to);
  const narrow = converted(stretch, SPEECH_HZ, TELEPHONE_HZ, modules);
  const heard = converted(narrow, TELEPHONE_HZ, SPEECH_HZ, modules);
  const pieceSamples = Math.min((PIECE_MS * SPEECH_HZ) / 1_000, heard.length);
  const pieces = [0, 0.5, 1].map((share) => {
    const start = Math.round(share * (heard.length - pieceSamples));
    return heard.slice(start, start + pieceSamples);
  });
  return { identity: heard.slice(0, (IDENTITY_MS * SPEECH_HZ) / 1_000), pieces };
}

/** The samples of frames `from` to `to`. */
function cut(pcm: Int16Array, rateHz: number, from: number, to: number): Int16Array {
  const samples = (rateHz * FRAME_MS) / 1_000;
  return pcm.subarray(Math.floor(from * samples), Math.floor(to * samples));
}

function converted(pcm: Int16Array, fromHz: number, toHz: number, modules: MediaModules): Int16Array {
  if (fromHz === toHz) {
    return pcm;
  }
  const resampler = new Resampler(modules, fromHz, toHz, SPEECH_QUALITY);
  const result = resampler.process(pcm).slice();
  resampler.close();
  return result;
}

function levelOf(frame: Int16Array): number {
  let energy = 0;
  for (const sample of frame) {
    energy += sample * sample;
  }
  return 10 * Math.log10(Math.max(energy / frame.length, 1) / 32_768 ** 2);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
