/**
 * What a telephone does to sound, for tests: mu-law both ways, and the echo of what it plays, late, soft, coloured by
 * its case and, hands-free, by a room. All at 8 kHz.
 */

import { decodeG711, encodeG711 } from '../../src/protocol/g711.ts';
import { seededRandom } from '../asterisk/audio.ts';

const RATE_HZ = 8_000;

/** Each sample after a trip through mu-law, by its value and 32,768. */
const CODED = decodeG711(
  encodeG711(
    Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768),
    'mu-law',
  ),
  'mu-law',
);

export function throughMuLaw(pcm: Int16Array): Int16Array {
  return pcm.map((sample) => CODED[sample + 32_768] ?? 0);
}

/** The sum of sounds, as long as the longest, stopping at full scale. @param startsMs when each begins, default 0. */
export function mixed(sounds: readonly Int16Array[], startsMs: readonly number[] = []): Int16Array {
  const starts = sounds.map((_, index) => Math.round(((startsMs[index] ?? 0) * RATE_HZ) / 1_000));
  const sum = new Float64Array(Math.max(...sounds.map((pcm, index) => pcm.length + (starts[index] ?? 0))));
  for (const [index, pcm] of sounds.entries()) {
    const start = starts[index] ?? 0;
    for (let i = 0; i < pcm.length; i += 1) {
      sum[start + i] = (sum[start + i] ?? 0) + (pcm[i] ?? 0);
    }
  }
  return Int16Array.from(sum, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample))));
}

export interface EchoPath {
  readonly delayMs: number;
  /** How much softer the echo is than what is played. */
  readonly levelDb: number;
  /** A telephone at the ear, or hands-free in a room whose sound falls by 60 dB in 200 ms. */
  readonly place: 'handset' | 'room';
  /** Another case and room for each. */
  readonly seed: number;
}

/** The echo of `played`, longer than it by the delay and 300 ms. */
export function echoOf(played: Int16Array, path: EchoPath): Int16Array {
  const coded = throughMuLaw(played);
  const response = responseOf(path);
  const delaySamples = Math.round((path.delayMs * RATE_HZ) / 1_000);
  const echo = new Float64Array(played.length + delaySamples + response.length);
  for (const [late, gain] of response.entries()) {
    for (let i = 0; i < coded.length; i += 1) {
      const at = i + late + delaySamples;
      echo[at] = (echo[at] ?? 0) + gain * (coded[i] ?? 0);
    }
  }
  const gain = 10 ** (path.levelDb / 20) * Math.sqrt(energyOf(coded) / Math.max(1, energyOf(echo)));
  return Int16Array.from(echo, (sample) => Math.round(sample * gain));
}

/** A few reflections, no bass, one resonance; and in a room a tail. */
function responseOf({ place, seed }: EchoPath): Float64Array {
  const random = seededRandom(seed * 7_919 + 13);
  const response = new Float64Array(place === 'room' ? 2_400 : 160);
  response[0] = 1;
  for (let reflection = 0; reflection < 6; reflection += 1) {
    response[1 + Math.floor(random() * 40)] = random() - 0.5;
  }
  if (place === 'room') {
    for (let i = 20; i < response.length; i += 1) {
      // 6.9 is the natural logarithm of 60 dB.
      response[i] = (response[i] ?? 0) + (random() * 2 - 1) * 0.12 * Math.exp((-6.9 * i) / (0.2 * RATE_HZ));
    }
  }
  return withResonance(withoutBass(response, 250 + random() * 350), 800 + random() * 1_500);
}

function withoutBass(samples: Float64Array, cornerHz: number): Float64Array {
  const keep = Math.exp((-2 * Math.PI * cornerHz) / RATE_HZ);
  let before = 0;
  let out = 0;
  return samples.map((sample) => {
    out = keep * (out + sample - before);
    before = sample;
    return out;
  });
}

function withResonance(samples: Float64Array, resonanceHz: number): Float64Array {
  const radius = 0.9;
  const turn = 2 * radius * Math.cos((2 * Math.PI * resonanceHz) / RATE_HZ);
  let last = 0;
  let beforeLast = 0;
  return samples.map((sample) => {
    const ringing = 0.5 * sample + turn * last - radius * radius * beforeLast;
    beforeLast = last;
    last = ringing;
    return sample + 0.3 * ringing;
  });
}

function energyOf(samples: Int16Array | Float64Array): number {
  let energy = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const sample = samples[i] ?? 0;
    energy += sample * sample;
  }
  return energy;
}
