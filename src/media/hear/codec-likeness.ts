/**
 * How much bytes look like sound in one codec or another. Speech, music and tones can be foretold from what came just
 * before; the same bytes taken for another codec are noise, which cannot. Pure; of one stream of payloads.
 */

import { decodeG711 } from '../../protocol/g711.ts';
import { G722LowBand } from '../../protocol/g722.ts';

/** What bytes are taken for. */
export type Guess = 'linear' | 'mu-law' | 'a-law' | 'g722';

/** From how many samples before the next one is foretold: enough for a voiced sound or a tone of any pitch. */
const ORDER = 4;
/** Energy per sample below which there is nothing to judge: about -60 dB relative to full scale. */
const QUIET = 1_000;
/** Linear sound of which less is unforetold is a voice, and no G.722. */
const VOICE = 0.5;
/** Loud payloads after which what came first is forgotten, so that noise at the start does not hide a voice. */
const FORGET_PAYLOADS = 64;

/** How well sound can be foretold, by its autocorrelation. */
class Foretelling {
  readonly #lags = new Float64Array(ORDER + 1);

  add(pcm: Int16Array): void {
    for (let lag = 0; lag <= ORDER; lag += 1) {
      let sum = 0;
      for (let i = lag; i < pcm.length; i += 1) {
        sum += (pcm[i] ?? 0) * (pcm[i - lag] ?? 0);
      }
      this.#lags[lag] = (this.#lags[lag] ?? 0) + sum;
    }
  }

  forget(): void {
    this.#lags.fill(0);
  }

  /** The share of the energy that cannot be foretold: 1 for noise. By Levinson's and Durbin's recursion. */
  get unforetold(): number {
    const energy = this.#lags[0] ?? 0;
    if (energy === 0) {
      return 1;
    }
    // A little noise, without which a pure tone's recursion ends in a division by nothing.
    let error = energy * 1.0001;
    let weights: readonly number[] = [1];
    for (let order = 1; order <= ORDER; order += 1) {
      const before = weights;
      const sum = before.reduce((all, weight, i) => all + weight * (this.#lags[order - i] ?? 0), 0);
      const reflected = -sum / error;
      weights = [...before, 0].map((weight, i) => weight + reflected * (before[order - i] ?? 0));
      error *= 1 - reflected * reflected;
    }
    return error / energy;
  }
}

export class CodecLikeness {
  readonly #foretelling: Readonly<Record<Guess, Foretelling>> = {
    linear: new Foretelling(),
    'mu-law': new Foretelling(),
    'a-law': new Foretelling(),
    g722: new Foretelling(),
  };
  readonly #g722 = new G722LowBand();
  #loudPayloads = 0;

  /**
   * Looks at one payload. Silence is left out: it is quiet in its own codec only, and steady, so foretold, as anything
   * else.
   */
  add(payload: Uint8Array): void {
    // The payload may begin at an odd offset.
    const linear = new Int16Array(payload.slice().buffer, 0, payload.length >> 1);
    if (isQuiet(linear)) {
      return;
    }
    const muLaw = decodeG711(payload, 'mu-law');
    const aLaw = decodeG711(payload, 'a-law');
    if (isQuiet(muLaw) || isQuiet(aLaw)) {
      return;
    }
    // G.722 takes as long as all the others, and is asked for only where nothing else can be foretold.
    const others = this.#loudPayloads === 0 ? 1 : this.unforetold('linear');
    const g722 = others < VOICE ? undefined : this.#g722.decode(payload);
    if (g722 !== undefined && isQuiet(g722)) {
      return;
    }
    if (this.#loudPayloads === FORGET_PAYLOADS) {
      this.#loudPayloads = 0;
      for (const each of Object.values(this.#foretelling)) {
        each.forget();
      }
    }
    this.#loudPayloads += 1;
    this.#foretelling.linear.add(linear);
    this.#foretelling['mu-law'].add(muLaw);
    this.#foretelling['a-law'].add(aLaw);
    if (g722 !== undefined) {
      this.#foretelling.g722.add(g722);
    }
  }

  /** Payloads with something to hear that are judged by at the moment. */
  get loudPayloads(): number {
    return this.#loudPayloads;
  }

  /** The share of the sound that cannot be foretold, 0 to 1, if the bytes are what is guessed. */
  unforetold(guess: Guess): number {
    return this.#foretelling[guess].unforetold;
  }
}

function isQuiet(pcm: Int16Array): boolean {
  let energy = 0;
  for (const sample of pcm) {
    energy += sample * sample;
  }
  return energy < pcm.length * QUIET;
}
