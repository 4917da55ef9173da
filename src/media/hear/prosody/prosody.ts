/**
 * How something was said, measured: how high, how loud, how fast, with which pauses. Numbers of the sound, which say
 * nothing of who speaks or how they feel; they mean something only beside the same speaker's others.
 */

export interface Pitch {
  /** Half of the voice lies below it. */
  readonly medianHz: number;
  /** A tenth of the voice lies below it, a tenth above {@link highHz}. */
  readonly lowHz: number;
  readonly highHz: number;
  /** How long a pitch was heard, in ms. */
  readonly heardMs: number;
}

/** Of one stretch of one speaker's speech: a clause, or some of it. */
export interface Prosody {
  /** How long the voice was heard, in ms. */
  readonly voiceMs: number;
  /** Silence within the stretch, in ms. */
  readonly pausedMs: number;
  /** Of the voice without its pauses: root mean square, in dB relative to full scale. */
  readonly levelDbfs: number;
  /** Syllables, as far as they can be told by sound alone. */
  readonly syllables: number;
  /** Energy above 1 kHz over energy below, in dB: higher for effort, whatever the distance to the microphone. */
  readonly tiltDb: number;
  /** Undefined: none was found. */
  readonly pitch: Pitch | undefined;
}

/** Level and pitch frame by frame, 20 ms each: what a word is stressed by. */
export interface Contour {
  /** In dB relative to full scale; -120 where no voice is. */
  readonly levelsDbfs: Float32Array;
  /** In Hz; 0 where there is none. */
  readonly pitchesHz: Float32Array;
}

/** What is measured at a time: it ends after half a second, or with a pause. */
export interface MeasuredProsody extends Prosody {
  /** When it began and ended, in ms of the clock. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly contour?: Contour;
}

/** Less voice than this says nothing of how fast somebody speaks, in ms. */
const LEAST_RATE_MS = 300;

/** How many semitones `toHz` lies above `fromHz`. */
export function semitonesBetween(fromHz: number, toHz: number): number {
  return 12 * Math.log2(toHz / fromHz);
}

/** Syllables in a second of voice, pauses left out; undefined where too little was said to tell. */
export function syllablesPerSecond({ syllables, voiceMs }: Prosody): number | undefined {
  return voiceMs < LEAST_RATE_MS || syllables === 0 ? undefined : (syllables * 1_000) / voiceMs;
}

/** Several stretches as one; undefined where there is no voice in them. */
export function joined(parts: readonly Prosody[]): Prosody | undefined {
  const voiceMs = sum(parts, (part) => part.voiceMs);
  if (voiceMs === 0) {
    return undefined;
  }
  const power = sum(parts, (part) => part.voiceMs * powerOfDb(part.levelDbfs)) / voiceMs;
  return {
    voiceMs,
    pausedMs: sum(parts, (part) => part.pausedMs),
    levelDbfs: dbOfPower(power),
    syllables: sum(parts, (part) => part.syllables),
    tiltDb: sum(parts, (part) => part.voiceMs * part.tiltDb) / voiceMs,
    pitch: joinedPitch(parts.flatMap(({ pitch }) => (pitch === undefined ? [] : [pitch]))),
  };
}

/**
 * By how long each was heard, the median of the medians; and the quarters of the ends, since one stretch in which the
 * pitch was an octave off must not be the range of all.
 */
function joinedPitch(pitches: readonly Pitch[]): Pitch | undefined {
  const medianHz = quantile(pitches, 0.5, ({ medianHz: hz }) => hz);
  const lowHz = quantile(pitches, 0.25, ({ lowHz: hz }) => hz);
  const highHz = quantile(pitches, 0.75, ({ highHz: hz }) => hz);
  return medianHz === undefined || lowHz === undefined || highHz === undefined
    ? undefined
    : { medianHz, lowHz, highHz, heardMs: sum(pitches, ({ heardMs }) => heardMs) };
}

function quantile(
  pitches: readonly Pitch[],
  share: number,
  hzOf: (pitch: Pitch) => number,
): number | undefined {
  const sorted = [...pitches].sort((a, b) => hzOf(a) - hzOf(b));
  let leftMs = share * sum(pitches, ({ heardMs }) => heardMs);
  const found = sorted.find(({ heardMs }) => {
    leftMs -= heardMs;
    return leftMs <= 0;
  });
  return found === undefined ? undefined : hzOf(found);
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

/** `power` at full scale 1, in dB; -120 dB at least. */
export function dbOfPower(power: number): number {
  return 10 * Math.log10(Math.max(power, 1e-12));
}

function powerOfDb(db: number): number {
  return 10 ** (db / 10);
}
