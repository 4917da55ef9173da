/**
 * Something that passes for a voice on a telephone, music detectors included: a pitch with overtones that rises and
 * falls all the time, as a speaker's does, with syllables and never a pause.
 */

/** After this it repeats, without a seam: whole periods of all that is in it fit. */
const LOOP_S = 5;
const MEAN_HZ = 120;
/** The pitch swings by these parts of itself, so many times in the loop. */
const SWINGS = [
  { part: 0.2, times: 4 },
  { part: 0.07, times: 13 },
] as const;
const OVERTONES = 20;
const SYLLABLES_PER_LOOP = 20;
/** Of a syllable on average; between two of them it is 20 dB softer than at its loudest, as steady sound is a noise. */
const LOUDNESS = 0.55;
const PEAK = 9_000;

/** By rate, pitch and overtones. */
const voices = new Map<string, Int16Array>();

/**
 * 5 s of it, the same samples each time; to be read, not written.
 * @param meanHz a whole number. Two who are heard by each other need two: sound that comes back is an echo.
 * @param overtoneCount fewer leave room above them.
 */
export function movingVoice(rateHz: number, meanHz = MEAN_HZ, overtoneCount = OVERTONES): Int16Array {
  const key = `${rateHz} ${meanHz} ${overtoneCount}`;
  const known = voices.get(key);
  if (known !== undefined) {
    return known;
  }
  const sound = new Float64Array(rateHz * LOOP_S);
  for (let i = 0; i < sound.length; i += 1) {
    const turn = (2 * Math.PI * i) / sound.length;
    // The integral of the pitch; a swing comes back to where it began.
    const phase = SWINGS.reduce(
      (sum, { part, times }) => sum + (meanHz * LOOP_S * part * (1 - Math.cos(times * turn))) / times,
      meanHz * LOOP_S * turn,
    );
    const syllable = LOUDNESS + (1 - LOUDNESS) * Math.sin(SYLLABLES_PER_LOOP * turn);
    sound[i] = syllable * overtones(phase, meanHz, overtoneCount);
  }
  const peak = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const voice = Int16Array.from(sound, (sample) => Math.round((sample / peak) * PEAK));
  voices.set(key, voice);
  return voice;
}

/** Loudest about 600 and 1,800 Hz, as a vowel is. */
function overtones(phase: number, meanHz: number, overtoneCount: number): number {
  let sum = 0;
  for (let overtone = 1; overtone <= overtoneCount; overtone += 1) {
    const hz = overtone * meanHz;
    const loudness = 1 / (1 + ((hz - 600) / 300) ** 2) + 0.4 / (1 + ((hz - 1_800) / 300) ** 2) + 0.05;
    sum += loudness * Math.sin(overtone * phase + overtone * overtone);
  }
  return sum;
}
