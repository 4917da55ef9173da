/**
 * Whether a leg plays music, as on hold, and does not speak. Notes stay on their frequencies; the overtones of a voice
 * move all the time. A partial that is still where it was 40, 80, 120 and 160 ms ago is a note's, and music is present
 * when much of the last 3 s had such partials. A voice over soft music is a voice: frames count by their loudness.
 */

import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { PowerSpectrum } from '../dsp/spectrum.ts';

/** 64 ms, so that two notes a semitone apart are two peaks from 300 Hz up; bins of 15.6 Hz. */
const WINDOW_SAMPLES = 1_024;
/** 160 Hz to 3.6 kHz. */
const FIRST_BIN = 10;
const LAST_BIN = 230;
/** A peak is 10 dB above what is beside it, and at most 30 dB below the loudest one; the 12 strongest are looked at. */
const PEAK_ABOVE = 10;
const PEAK_BELOW_LOUDEST = 1e-3;
const MOST_PEAKS = 12;
/** Every second frame is looked at, which halves the cost; a note's partial must have been there in the four before. */
const HISTORY = 5;
/** How far it may have moved, in bins and as a part. */
const SAME_BINS = 0.3;
const SAME_PART = 0.004;
/** A frame is tonal when its steady partials have at least this part of its power. */
const TONAL_POWER = 0.05;

/** 3 s. */
const LONG_FRAMES = 150;
/** Sounding frames of the last 3 s without which nothing is decided. */
const LEAST_SOUNDING = 80;
/** Music begins at this share of tonal frames. Speech has up to 0.2, music mostly 0.4 to 1. */
const BEGIN_SHARE = 0.43;
/** Or at this one, when there was music in the last 10 s: it comes back after a break. */
const AGAIN_SHARE = 0.35;
const AGAIN_FRAMES = 500;
/** It goes on until the share falls below this, */
const END_SHARE = 0.2;
/** or until the last 640 ms, */
const SHORT_FRAMES = 32;
/** most of them sounding, have next to nothing of it: somebody speaks; */
const SHORT_SOUNDING = 22;
const SHORT_SHARE = 0.04;
/** or until nothing sounds for this long: 600 ms. */
const SILENT_FRAMES = 30;

interface Moment {
  readonly weight: number;
  readonly tonal: boolean;
}

const SILENT_MOMENT: Moment = { weight: 0, tonal: false };

export class MusicDetector {
  readonly #spectrum = new PowerSpectrum(WINDOW_SAMPLES, WINDOW_SAMPLES, SPEECH_HZ);
  readonly #window = new Int16Array(WINDOW_SAMPLES);
  /** Whether the next frame is looked at, and what the last one was. */
  #look = true;
  #tonal = false;
  /** The peaks of the frames looked at, in bins and parts of them; the newest last. */
  readonly #history: (readonly number[])[] = [];
  #moments: Moment[] = [];
  #silentFrames = 0;
  #present = false;
  #framesSince = AGAIN_FRAMES;
  #spokenFrames = 0;

  /** Whether what is heard is music. */
  get present(): boolean {
    return this.#present;
  }

  /** For how many frames somebody had been speaking when {@link present} last turned false; 0 if it was for silence. */
  get spokenFrames(): number {
    return this.#spokenFrames;
  }

  /**
   * Takes the next frame, 320 samples at 16 kHz; about 6 us when it is no silence.
   * @param energy its sum of squares, 0 for a frame that is silence; @param counts false for echo and tones of the
   *   network: they may lie under music, and are neither music nor voice.
   */
  push(frame: Int16Array, energy: number, counts: boolean): void {
    this.#window.copyWithin(0, SPEECH_FRAME_SAMPLES);
    this.#window.set(frame, WINDOW_SAMPLES - SPEECH_FRAME_SAMPLES);
    this.#silentFrames = energy > 0 ? 0 : this.#silentFrames + 1;
    if (energy > 0) {
      if (this.#look) {
        this.#tonal = this.#isTonal();
      }
      this.#look = !this.#look;
      const tonal = this.#tonal;
      // The square root: a drum does not outweigh the chord it is played to.
      this.#note(counts ? { weight: Math.sqrt(energy), tonal } : SILENT_MOMENT);
    } else {
      this.#history.length = 0;
      this.#look = true;
      this.#note(SILENT_MOMENT);
    }
    this.#decide();
  }

  #note(moment: Moment): void {
    this.#moments.push(moment);
    if (this.#moments.length > LONG_FRAMES) {
      this.#moments.shift();
    }
  }

  #decide(): void {
    const beginShare = this.#framesSince < AGAIN_FRAMES ? AGAIN_SHARE : BEGIN_SHARE;
    this.#framesSince = this.#present ? 0 : this.#framesSince + 1;
    if (this.#present) {
      const spoken =
        this.#sounding(SHORT_FRAMES) >= SHORT_SOUNDING && this.#share(SHORT_FRAMES) < SHORT_SHARE;
      if (spoken || this.#silentFrames >= SILENT_FRAMES || this.#share(LONG_FRAMES) < END_SHARE) {
        this.#present = false;
        this.#spokenFrames = spoken ? SHORT_FRAMES : 0;
        this.#moments = this.#moments.slice(-SHORT_FRAMES);
      }
    } else if (this.#sounding(LONG_FRAMES) >= LEAST_SOUNDING && this.#share(LONG_FRAMES) >= beginShare) {
      this.#present = true;
    }
  }

  #sounding(frames: number): number {
    let count = 0;
    for (let i = Math.max(0, this.#moments.length - frames); i < this.#moments.length; i += 1) {
      count += (this.#moments[i] ?? SILENT_MOMENT).weight > 0 ? 1 : 0;
    }
    return count;
  }

  /** The share of tonal frames of the last `frames`, by loudness. */
  #share(frames: number): number {
    let tonal = 0;
    let whole = 0;
    for (let i = Math.max(0, this.#moments.length - frames); i < this.#moments.length; i += 1) {
      const moment = this.#moments[i] ?? SILENT_MOMENT;
      whole += moment.weight;
      tonal += moment.tonal ? moment.weight : 0;
    }
    return whole === 0 ? 0 : tonal / whole;
  }

  #isTonal(): boolean {
    const power = this.#spectrum.of(this.#window);
    const peaks = findPeaks(power);
    const history = this.#history;
    history.push(peaks);
    if (history.length > HISTORY) {
      history.shift();
    }
    if (history.length < HISTORY) {
      return false;
    }
    const before = history.slice(0, -1);
    let steady = 0;
    for (const peak of peaks) {
      if (before.every((peaksBefore) => hasPeak(peaksBefore, peak))) {
        const bin = Math.round(peak);
        steady += (power[bin - 1] ?? 0) + (power[bin] ?? 0) + (power[bin + 1] ?? 0);
      }
    }
    let whole = 0;
    for (let bin = FIRST_BIN; bin < LAST_BIN; bin += 1) {
      whole += power[bin] ?? 0;
    }
    return steady > TONAL_POWER * whole;
  }
}

function hasPeak(peaks: readonly number[], wanted: number): boolean {
  const within = Math.max(SAME_BINS, wanted * SAME_PART);
  return peaks.some((peak) => Math.abs(peak - wanted) < within);
}

/** Where the strongest partials are, in bins and parts of them. */
function findPeaks(power: Float64Array): readonly number[] {
  const bins: number[] = [];
  let loudest = 0;
  for (let bin = FIRST_BIN; bin < LAST_BIN; bin += 1) {
    const here = power[bin] ?? 0;
    if (isPeak(power, bin)) {
      bins.push(bin);
      loudest = Math.max(loudest, here);
    }
  }
  return bins
    .filter((bin) => (power[bin] ?? 0) > PEAK_BELOW_LOUDEST * loudest)
    .sort((one, other) => (power[other] ?? 0) - (power[one] ?? 0))
    .slice(0, MOST_PEAKS)
    .map((bin) => bin + offset(power, bin));
}

function isPeak(power: Float64Array, bin: number): boolean {
  const here = power[bin] ?? 0;
  if (here <= (power[bin - 1] ?? 0) || here < (power[bin + 1] ?? 0)) {
    return false;
  }
  if (here <= (power[bin - 2] ?? 0) || here <= (power[bin + 2] ?? 0)) {
    return false;
  }
  const below = Math.min(power[bin - 4] ?? 0, power[bin - 5] ?? 0);
  const above = Math.min(power[bin + 4] ?? 0, power[bin + 5] ?? 0);
  return here > PEAK_ABOVE * Math.min(below, above);
}

/** How far from the bin's middle its peak is: the top of a parabola through the logarithms. */
function offset(power: Float64Array, bin: number): number {
  const before = Math.log((power[bin - 1] ?? 0) + 1);
  const here = Math.log((power[bin] ?? 0) + 1);
  const after = Math.log((power[bin + 1] ?? 0) + 1);
  const bend = before - 2 * here + after;
  return bend === 0 ? 0 : (before - after) / (2 * bend);
}
