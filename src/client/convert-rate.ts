/**
 * Converts a whole recording to another rate, before a call. It has all the time and all the samples it wants, so it
 * is a plain windowed sinc; never use it on live audio. Speech below 0.46 of the lower rate passes unchanged;
 * what the lower rate cannot hold is taken out.
 */

/** Zero crossings of the sinc on each side: more make the edge of the filter steeper. */
const CROSSINGS = 32;

/** Where the filter's middle lies, as a part of the lower rate's half: the edge is done before 1. */
const CUTOFF = 0.95;

/** A copy of `pcm` at `toHz`. Cost: about 2 * {@link CROSSINGS} * max(1, from / to) multiplications a sample. */
export function convertRate(pcm: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) {
    return pcm.slice();
  }
  const divisor = greatestCommonDivisor(fromHz, toHz);
  // Output sample n lies at input position n * step / phases, so there are only `phases` different filters.
  const phases = toHz / divisor;
  const step = fromHz / divisor;
  const bandwidth = CUTOFF * Math.min(1, toHz / fromHz);
  const filters = new Map<number, Float64Array>();
  const reach = Math.ceil(CROSSINGS / bandwidth);
  const converted = new Int16Array(Math.round((pcm.length * toHz) / fromHz));
  for (let n = 0; n < converted.length; n += 1) {
    const position = n * step;
    const centre = Math.floor(position / phases);
    const phase = position % phases;
    let filter = filters.get(phase);
    if (filter === undefined) {
      filter = makeFilter(phase / phases, bandwidth, reach);
      filters.set(phase, filter);
    }
    let sum = 0;
    const first = centre - reach + 1;
    for (let tap = 0; tap < filter.length; tap += 1) {
      sum += (pcm[first + tap] ?? 0) * (filter[tap] ?? 0);
    }
    converted[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return converted;
}

/** The weights of the 2 * reach input samples around a point that lies `fraction` after one of them. */
function makeFilter(fraction: number, bandwidth: number, reach: number): Float64Array {
  const filter = new Float64Array(2 * reach);
  let sum = 0;
  for (let tap = 0; tap < filter.length; tap += 1) {
    const distance = tap - reach + 1 - fraction;
    const weight = sinc(distance * bandwidth) * blackman(distance / reach);
    filter[tap] = weight;
    sum += weight;
  }
  // A constant stays exactly that constant, whatever the phase.
  return filter.map((weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman's window over -1 to 1. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
