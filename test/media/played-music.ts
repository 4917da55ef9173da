/**
 * Music for tests, the same each time: chords held like a string pad with a drum under them, and a plucked arpeggio.
 * Notes have overtones, a bow or a decay; nothing of it is a pure tone.
 */

import { seededRandom } from '../asterisk/audio.ts';

export type MusicStyle = 'pad and drum' | 'arpeggio' | 'piano chords';

/** Semitones above A2 (110 Hz) of the chords of a common song: Am, F, C, G. */
const CHORDS = [
  [0, 12, 15, 19],
  [-4, 8, 12, 15],
  [3, 10, 15, 19],
  [-2, 10, 14, 17],
] as const;
/** A chord lasts two seconds. */
const CHORD_MS = 2_000;

export function playMusic(
  style: MusicStyle,
  durationMs: number,
  rateHz: number,
  levelDbfs = -24,
): Int16Array {
  const sound = new Float64Array(Math.round((durationMs * rateHz) / 1_000));
  for (let atMs = 0, bar = 0; atMs < durationMs; atMs += CHORD_MS, bar += 1) {
    const chord = CHORDS[bar % CHORDS.length] ?? CHORDS[0];
    if (style === 'arpeggio') {
      for (let step = 0; step < 8; step += 1) {
        pluck(sound, rateHz, atMs + step * 250, noteHz((chord[step % 4] ?? 0) + 12), 700, 4);
      }
    } else if (style === 'piano chords') {
      for (let beat = 0; beat < 4; beat += 1) {
        for (const note of chord) {
          pluck(sound, rateHz, atMs + beat * 500, noteHz(note + 12), 900, 2);
        }
      }
    } else {
      for (const note of chord) {
        bow(sound, rateHz, atMs, noteHz(note + 12));
      }
      for (let beat = 0; beat < 4; beat += 1) {
        drum(sound, rateHz, atMs + beat * 500, beat);
      }
    }
  }
  return atLevel(sound, levelDbfs);
}

function noteHz(semitones: number): number {
  return 110 * 2 ** (semitones / 12);
}

/** A string that is plucked: overtones that die away, the higher the sooner. */
function pluck(
  sound: Float64Array,
  rateHz: number,
  atMs: number,
  hz: number,
  lengthMs: number,
  decay: number,
): void {
  each(sound, rateHz, atMs, lengthMs, (seconds) => {
    let sum = 0;
    for (let partial = 1; partial <= 6 && partial * hz < 3_500; partial += 1) {
      sum +=
        (Math.exp(-decay * partial * seconds) / partial) * Math.sin(2 * Math.PI * hz * partial * seconds);
    }
    return sum;
  });
}

/** A note held for the whole chord. */
function bow(sound: Float64Array, rateHz: number, atMs: number, hz: number): void {
  each(sound, rateHz, atMs, CHORD_MS, (seconds) => {
    const swell = Math.min(1, seconds / 0.1, (CHORD_MS / 1_000 - seconds) / 0.1);
    let sum = 0;
    for (let partial = 1; partial <= 5 && partial * hz < 3_500; partial += 1) {
      sum += Math.sin(2 * Math.PI * hz * partial * seconds) / partial ** 1.5;
    }
    return 0.5 * swell * sum;
  });
}

/** A bass drum on the first and third beat, a snare on the others. */
function drum(sound: Float64Array, rateHz: number, atMs: number, beat: number): void {
  const random = seededRandom(atMs + 1);
  each(sound, rateHz, atMs, 150, (seconds) =>
    beat % 2 === 0
      ? 2 * Math.exp(-25 * seconds) * Math.sin(2 * Math.PI * (60 * seconds + 2 * Math.exp(-30 * seconds)))
      : 1.5 * Math.exp(-30 * seconds) * (random() * 2 - 1),
  );
}

function each(
  sound: Float64Array,
  rateHz: number,
  atMs: number,
  lengthMs: number,
  sampleAt: (seconds: number) => number,
): void {
  const start = Math.round((atMs * rateHz) / 1_000);
  const samples = Math.min(Math.round((lengthMs * rateHz) / 1_000), sound.length - start);
  for (let i = 0; i < samples; i += 1) {
    sound[start + i] = (sound[start + i] ?? 0) + sampleAt(i / rateHz);
  }
}

function atLevel(sound: Float64Array, levelDbfs: number): Int16Array {
  let energy = 0;
  for (const sample of sound) {
    energy += sample * sample;
  }
  const gain = (32_768 * 10 ** (levelDbfs / 20)) / Math.sqrt(energy / Math.max(1, sound.length));
  return Int16Array.from(sound, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}
