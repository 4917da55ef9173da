/**
 * How much of what is heard an echo path explains: the filter of 12 ms that makes what was played most like what was
 * heard in the last 100 ms (least squares), and what is left over of the newest 40 ms without it. A telephone's
 * loudspeaker, case and first reflections fit into such a filter; a second voice does not.
 */

import { correlate, PRODUCT_SUMS, SOUND, STRETCH } from '../dsp/correlation.ts';
import { energyOf, LOW_FRAME_SAMPLES } from './low-band.ts';

/** 12 ms at 2 kHz. */
const TAPS = 24;
/** As many places are correlated at a time as there are taps, or some more. */
const PLACES = 32;
/** The filter begins this much before the lag: the correlation's peak need not be the first sound. */
const LEAD_SAMPLES = 4;
/** 100 ms. */
const WINDOW_SAMPLES = 5 * LOW_FRAME_SAMPLES;
/** 40 ms. */
const NEWEST_SAMPLES = 2 * LOW_FRAME_SAMPLES;
/** Keeps the equations solvable when the played sound is nearly a tone, relative to its energy; and when it is none. */
const DAMPING = 1e-3;
const LEAST_DAMPING = 10;

export interface Fit {
  /** The energy that is left over, as a part of what was heard: 0 is nothing but echo, about 1 is none. */
  readonly rest: number;
  /** The energy heard in the newest 40 ms, and played at that lag. */
  readonly heardEnergy: number;
  readonly playedEnergy: number;
}

export class EchoFit {
  /** The lower half of a symmetric matrix, row by row, and after {@link #solve} of its Cholesky factor. */
  readonly #matrix = new Float64Array(TAPS * TAPS);
  readonly #taps = new Float64Array(TAPS);

  /**
   * @param heardEnd the place after the newest sample heard; @param playedEnd the place in `played` that is its lag 0;
   * at least 100 ms before both and the lag must be there. @param noisePower the mean square of the line's noise, which
   * no filter explains and which is nobody's voice. About 10 us.
   */
  at(
    lagSamples: number,
    heard: Float32Array,
    heardEnd: number,
    played: Float32Array,
    playedEnd: number,
    noisePower: number,
  ): Fit {
    const heardFrom = heardEnd - WINDOW_SAMPLES;
    const playedFrom = playedEnd - WINDOW_SAMPLES - lagSamples + LEAD_SAMPLES;
    this.#gather(heard, heardFrom, played, playedFrom);
    this.#solve();
    const skipped = WINDOW_SAMPLES - NEWEST_SAMPLES;
    const heardEnergy = energyOf(heard, heardFrom + skipped, NEWEST_SAMPLES);
    const rest = this.#rest(heard, heardFrom + skipped, played, playedFrom + skipped);
    return {
      rest: Math.max(0, rest - NEWEST_SAMPLES * noisePower) / Math.max(1, heardEnergy),
      heardEnergy,
      playedEnergy: energyOf(played, playedFrom + skipped, NEWEST_SAMPLES),
    };
  }

  /** The normal equations: each row of the matrix follows from the one above it. */
  #gather(heard: Float32Array, heardFrom: number, played: Float32Array, playedFrom: number): void {
    const matrix = this.#matrix;
    SOUND.set(played.subarray(playedFrom - TAPS + 1, playedFrom + WINDOW_SAMPLES));
    STRETCH.set(heard.subarray(heardFrom, heardFrom + WINDOW_SAMPLES));
    correlate(WINDOW_SAMPLES, PLACES);
    // A tap is the place before the last by as many samples.
    for (let tap = 0; tap < TAPS; tap += 1) {
      this.#taps[tap] = PRODUCT_SUMS[TAPS - 1 - tap] ?? 0;
    }
    STRETCH.set(played.subarray(playedFrom, playedFrom + WINDOW_SAMPLES));
    correlate(WINDOW_SAMPLES, PLACES);
    for (let tap = 0; tap < TAPS; tap += 1) {
      matrix[tap * TAPS] = PRODUCT_SUMS[TAPS - 1 - tap] ?? 0;
    }
    for (let row = 1; row < TAPS; row += 1) {
      const rowComes = played[playedFrom - row] ?? 0;
      const rowGoes = played[playedFrom - row + WINDOW_SAMPLES] ?? 0;
      for (let column = 1; column <= row; column += 1) {
        const comes = rowComes * (played[playedFrom - column] ?? 0);
        const goes = rowGoes * (played[playedFrom - column + WINDOW_SAMPLES] ?? 0);
        matrix[row * TAPS + column] = (matrix[(row - 1) * TAPS + column - 1] ?? 0) + comes - goes;
      }
    }
    const damping = DAMPING * (matrix[0] ?? 0) + LEAST_DAMPING;
    for (let tap = 0; tap < TAPS; tap += 1) {
      matrix[tap * TAPS + tap] = (matrix[tap * TAPS + tap] ?? 0) + damping;
    }
  }

  /** Cholesky's method; leaves the solution in the taps. */
  #solve(): void {
    const matrix = this.#matrix;
    const taps = this.#taps;
    for (let row = 0; row < TAPS; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        let sum = matrix[row * TAPS + column] ?? 0;
        for (let k = 0; k < column; k += 1) {
          sum -= (matrix[row * TAPS + k] ?? 0) * (matrix[column * TAPS + k] ?? 0);
        }
        matrix[row * TAPS + column] =
          row === column ? Math.sqrt(Math.max(sum, 1e-9)) : sum / (matrix[column * TAPS + column] ?? 1);
      }
    }
    for (let row = 0; row < TAPS; row += 1) {
      let sum = taps[row] ?? 0;
      for (let k = 0; k < row; k += 1) {
        sum -= (matrix[row * TAPS + k] ?? 0) * (taps[k] ?? 0);
      }
      taps[row] = sum / (matrix[row * TAPS + row] ?? 1);
    }
    for (let row = TAPS - 1; row >= 0; row -= 1) {
      let sum = taps[row] ?? 0;
      for (let k = row + 1; k < TAPS; k += 1) {
        sum -= (matrix[k * TAPS + row] ?? 0) * (taps[k] ?? 0);
      }
      taps[row] = sum / (matrix[row * TAPS + row] ?? 1);
    }
  }

  #rest(heard: Float32Array, heardFrom: number, played: Float32Array, playedFrom: number): number {
    let rest = 0;
    for (let i = 0; i < NEWEST_SAMPLES; i += 1) {
      let sample = heard[heardFrom + i] ?? 0;
      for (let tap = 0; tap < TAPS; tap += 1) {
        sample -= (this.#taps[tap] ?? 0) * (played[playedFrom - tap + i] ?? 0);
      }
      rest += sample * sample;
    }
    return rest;
  }
}
