/**
 * Whether a 20 ms frame is a tone of the telephone network and not a voice: keys, ringing, busy, special information
 * and fax tones are one or two pure sines of any country's frequencies, steady while they last. A vowel too can be
 * little more than two partials; but these are overtones of one pitch, and the pitch moves. A single frame cannot
 * always tell, so there are three verdicts: "perhaps" begins no utterance and ends none.
 */

import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { PowerSpectrum } from '../dsp/spectrum.ts';

export type ToneVerdict = 'none' | 'perhaps' | 'tone';

/** Bins of 31.25 Hz. */
const PADDED_SAMPLES = 512;
/** A tone fills this many bins on each side of its peak: the window's main lobe is 100 Hz wide each way. */
const LOBE_BINS = 3;
/** Tones of the network lie between 150 Hz and 3.9 kHz. */
const FIRST_BIN = 5;
const LAST_BIN = 125;
/** What is heard of other sounds: 90 Hz to 4 kHz. */
const LOWEST_BIN = 3;
const HIGHEST_BIN = 128;
/** The part of the power that is in the tones, at least; the line's noise counts as theirs. */
const PURITY = 0.97;
/** The most of a frame's power that is taken for the line's noise. */
const MOST_NOISE = 0.1;
/** What the spectrum makes of a sum of squares: half of the padded length, times the mean square of the window. */
const POWER_OF_ENERGY = (PADDED_SAMPLES / 2) * 0.375;
/** A second tone has at least this part of the first one's power (-15 dB). */
const SECOND_TONE = 0.03;
/** Two tones nearer than this beat within a frame, and only their middle stays where it is. */
const BEAT_BINS = 6;
/** A tone moves no further than this from frame to frame, in Hz; a voice does. */
const STEADY_HZ = 8;
/** Steady frames that are a tone: no key is shorter than 40 ms, and a voice may hold a pitch for 60 ms. */
const TONE_FRAMES = 4;
/** Ratios of two overtones of one pitch. No network's pair of tones is as near as this to one of them. */
const OVERTONE_RATIOS = [1.5, 2, 3] as const;
const RATIO_WITHIN = 0.045;
/** An overtone sticks out of the bins around it by this factor, and has this part of the tone's power, at least. */
const OVERTONE_STANDS_OUT = 8;
const OVERTONE_POWER = 1e-4;

/** The one or two tones a frame consists of, the lower one first, in bins; `high` is 0 without a second. */
interface Tones {
  readonly low: number;
  readonly high: number;
}

interface Lobe {
  /** Where it lies, in bins and parts of them: the mean of its power. */
  readonly bin: number;
  readonly power: number;
}

const NO_PEAK = -1_000;
const NO_LOBE: Lobe = { bin: NO_PEAK, power: 0 };

export class ToneDetector {
  readonly #spectrum = new PowerSpectrum(SPEECH_FRAME_SAMPLES, PADDED_SAMPLES, SPEECH_HZ);
  #before: Tones | undefined;
  #steadyFrames = 0;

  /**
   * Judges the next frame in which there is sound; about 5 us.
   * @param frame 320 samples at 16 kHz; @param noiseEnergy the sum of squares of a frame of the line's noise.
   */
  judge(frame: Int16Array, noiseEnergy: number): ToneVerdict {
    const before = this.#before;
    const tones = findTones(this.#spectrum.of(frame), noiseEnergy * POWER_OF_ENERGY);
    this.#before = tones;
    if (tones === undefined || (before !== undefined && !this.#isSteady(tones, before))) {
      this.#steadyFrames = 0;
      return 'none';
    }
    this.#steadyFrames += 1;
    return this.#steadyFrames >= TONE_FRAMES ? 'tone' : 'perhaps';
  }

  #isSteady(tones: Tones, before: Tones): boolean {
    const mostBins = STEADY_HZ / this.#spectrum.binHz;
    return Math.abs(tones.low - before.low) < mostBins && Math.abs(tones.high - before.high) < mostBins;
  }

  /** Call it for a frame that is not judged: what comes next is compared with nothing. */
  skip(): void {
    this.#before = undefined;
    this.#steadyFrames = 0;
  }
}

function findTones(power: Float64Array, noise: number): Tones | undefined {
  const firstPeak = strongestBin(power, NO_PEAK);
  const first = lobe(power, firstPeak, NO_PEAK);
  const second = lobe(power, strongestBin(power, firstPeak), firstPeak);
  let whole = 0;
  for (let bin = LOWEST_BIN; bin <= HIGHEST_BIN; bin += 1) {
    whole += power[bin] ?? 0;
  }
  if (whole === 0 || first.power + second.power < PURITY * whole - Math.min(noise, MOST_NOISE * whole)) {
    return undefined;
  }
  if (second.power <= SECOND_TONE * first.power) {
    const voiced = hasPartial(power, first, [0.5, 1.5, 2, 3], NO_LOBE, noise);
    return voiced ? undefined : { low: first.bin, high: 0 };
  }
  const [low, high] = first.bin < second.bin ? [first, second] : [second, first];
  if (high.bin - low.bin < BEAT_BINS) {
    const middle = (low.bin * low.power + high.bin * high.power) / (low.power + high.power);
    return { low: middle, high: 0 };
  }
  const voiced = areOvertones(high.bin / low.bin) || hasPartial(power, low, [2, 3], high, noise);
  return voiced ? undefined : { low: low.bin, high: high.bin };
}

/** The strongest bin that is not in the lobe of the peak at `apart`. */
function strongestBin(power: Float64Array, apart: number): number {
  let strongest = -1;
  let peak = FIRST_BIN;
  for (let bin = FIRST_BIN; bin <= LAST_BIN; bin += 1) {
    const here = power[bin] ?? 0;
    if (here > strongest && (bin < apart - LOBE_BINS || bin > apart + LOBE_BINS)) {
      strongest = here;
      peak = bin;
    }
  }
  return peak;
}

/** The power around `peak`, without the bins that belong to the peak at `apart`. */
function lobe(power: Float64Array, peak: number, apart: number): Lobe {
  let sum = 0;
  let moment = 0;
  for (let bin = peak - LOBE_BINS; bin <= peak + LOBE_BINS; bin += 1) {
    if (bin < apart - LOBE_BINS || bin > apart + LOBE_BINS) {
      const here = power[bin] ?? 0;
      sum += here;
      moment += here * bin;
    }
  }
  return { bin: sum === 0 ? peak : moment / sum, power: sum };
}

function areOvertones(ratio: number): boolean {
  return OVERTONE_RATIOS.some((overtone) => Math.abs(ratio - overtone) < RATIO_WITHIN);
}

/** Whether something stands out at one of `multiples` of `tone`, which is neither this tone nor `other`. */
function hasPartial(
  power: Float64Array,
  tone: Lobe,
  multiples: readonly number[],
  other: Lobe,
  noise: number,
): boolean {
  const least = Math.max(OVERTONE_POWER * tone.power, (OVERTONE_STANDS_OUT * noise) / HIGHEST_BIN);
  const apart = 2 * LOBE_BINS + 1;
  return multiples.some((multiple) => {
    const at = Math.round(tone.bin * multiple);
    if (at < FIRST_BIN - 1 || at >= LAST_BIN) {
      return false;
    }
    if (Math.abs(at - tone.bin) < apart || Math.abs(at - other.bin) < apart) {
      return false;
    }
    const peak = Math.max(power[at - 1] ?? 0, power[at] ?? 0, power[at + 1] ?? 0);
    const around = Math.min(meanOf(power, at - 6, at - 3), meanOf(power, at + 3, at + 6));
    return peak > OVERTONE_STANDS_OUT * around && peak > least;
  });
}

function meanOf(power: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let bin = from; bin <= to; bin += 1) {
    sum += power[bin] ?? 0;
  }
  return sum / (to - from + 1);
}
