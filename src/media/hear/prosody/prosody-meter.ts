/**
 * Measures how a voice speaks, frame by frame, in the thread that hears it. A frame allocates nothing; what was
 * measured is taken as one record, in which nothing of the sound itself is left. It does not judge what is a voice: who
 * pushes frames says so.
 */

import { FRAME_MS, SPEECH_FRAME_SAMPLES } from '../../../base/units.ts';
import { PitchFinder } from './pitch-finder.ts';
import { PitchHistogram } from './pitch-histogram.ts';
import { type Contour, dbOfPower, type Pitch, type Prosody } from './prosody.ts';
import { SyllableCounter } from './syllable-counter.ts';

const FULL_SCALE = 32_768;
/** Frames of which level and pitch are kept one by one: what is measured at a time in calls is 25 of them. */
const CONTOUR_FRAMES = 50;
const NO_VOICE_DBFS = -120;
/** A filter of one pole at 1 kHz: 1 - e^(-2 pi * 1,000 / 16,000). */
const LOW_PASS = 0.3247;

export class ProsodyMeter {
  readonly #pitch = new PitchFinder();
  readonly #pitches = new PitchHistogram();
  readonly #syllableCounter = new SyllableCounter();
  readonly #levelsDbfs = new Float32Array(CONTOUR_FRAMES);
  readonly #pitchesHz = new Float32Array(CONTOUR_FRAMES);
  /** What is below 1 kHz of the last sample. */
  #low = 0;
  #voiceFrames = 0;
  #pauseFrames = 0;
  #syllables = 0;
  /** Sums of squares over the voice, in samples at full scale 1. */
  #energy = 0;
  #lowEnergy = 0;
  #highEnergy = 0;

  /** Frames since the last {@link take}. */
  get frames(): number {
    return this.#voiceFrames + this.#pauseFrames;
  }

  /** Takes the next frame, 320 samples at 16 kHz: 30 us of a voice, 1 us of a pause. */
  push(frame: Int16Array, voice: boolean): void {
    this.#pitch.push(frame);
    if (!voice) {
      this.#keep(NO_VOICE_DBFS, 0);
      this.#pauseFrames += 1;
      this.#low = 0;
      this.#syllables += this.#syllableCounter.push(Number.NEGATIVE_INFINITY, false) ? 1 : 0;
      return;
    }
    const energy = this.#measure(frame);
    const hz = this.#pitch.find();
    if (hz > 0) {
      this.#pitches.add(hz);
    }
    const levelDb = dbOfPower(energy / SPEECH_FRAME_SAMPLES);
    this.#keep(levelDb, hz);
    this.#voiceFrames += 1;
    this.#syllables += this.#syllableCounter.push(levelDb, hz > 0) ? 1 : 0;
  }

  /** Level and pitch of the frames since the last {@link take}, of the first 50 at the most. */
  contour(): Contour {
    return {
      levelsDbfs: this.#levelsDbfs.slice(0, this.frames),
      pitchesHz: this.#pitchesHz.slice(0, this.frames),
    };
  }

  /** What was measured since the last call, which is forgotten here; undefined when there was no voice. */
  take(): Prosody | undefined {
    const voiceFrames = this.#voiceFrames;
    const measured: Prosody | undefined =
      voiceFrames === 0
        ? undefined
        : {
            voiceMs: voiceFrames * FRAME_MS,
            pausedMs: this.#pauseFrames * FRAME_MS,
            levelDbfs: dbOfPower(this.#energy / (voiceFrames * SPEECH_FRAME_SAMPLES)),
            syllables: this.#syllables,
            tiltDb: dbOfPower(this.#highEnergy) - dbOfPower(this.#lowEnergy),
            pitch: this.#pitchMeasured(),
          };
    this.#forget();
    return measured;
  }

  #keep(levelDbfs: number, hz: number): void {
    const { frames } = this;
    if (frames < CONTOUR_FRAMES) {
      this.#levelsDbfs[frames] = levelDbfs;
      this.#pitchesHz[frames] = hz;
    }
  }

  #pitchMeasured(): Pitch | undefined {
    const medianHz = this.#pitches.quantileHz(0.5);
    const lowHz = this.#pitches.quantileHz(0.1);
    const highHz = this.#pitches.quantileHz(0.9);
    if (medianHz === undefined || lowHz === undefined || highHz === undefined) {
      return undefined;
    }
    return { medianHz, lowHz, highHz, heardMs: this.#pitches.frames * FRAME_MS };
  }

  /** Adds the energies of a frame; returns all of it. */
  #measure(frame: Int16Array): number {
    let low = this.#low;
    let energy = 0;
    let lowEnergy = 0;
    let highEnergy = 0;
    for (let i = 0; i < SPEECH_FRAME_SAMPLES; i += 1) {
      const sample = (frame[i] ?? 0) / FULL_SCALE;
      low += LOW_PASS * (sample - low);
      const high = sample - low;
      energy += sample * sample;
      lowEnergy += low * low;
      highEnergy += high * high;
    }
    this.#low = low;
    this.#energy += energy;
    this.#lowEnergy += lowEnergy;
    this.#highEnergy += highEnergy;
    return energy;
  }

  #forget(): void {
    this.#pitches.clear();
    this.#voiceFrames = 0;
    this.#pauseFrames = 0;
    this.#syllables = 0;
    this.#energy = 0;
    this.#lowEnergy = 0;
    this.#highEnergy = 0;
  }
}
