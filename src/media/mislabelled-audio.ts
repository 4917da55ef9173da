/**
 * Finds out what audio really is that is labelled 8 kHz linear. Asterisk before 20.17, 21.12, 22.7 and 23.1 labels
 * every codec of a channel so: 160 bytes each 20 ms are G.711, 640 bytes each 20 ms are 16 kHz linear. Phones with
 * packets of 10 or 40 ms send the same lengths rightly labelled, so it is how often payloads come that tells; the sound
 * itself tells which law of G.711 it is, and can only veto. Pure; one per leg.
 */

import { decodeG711, type G711Law } from '../protocol/g711.ts';

/** What the payloads labelled 8 kHz linear are. */
export type RealAudio = 'as-labelled' | 'linear-16k' | G711Law;

/** Payloads looked at before a verdict: 0.32 s of them. */
const PAYLOADS = 16;
/** The laws are told apart when one is this much smoother than the other, or after {@link LAW_PAYLOADS}. */
const CLEARLY = 0.7;
/** 1.3 s. */
const LAW_PAYLOADS = 64;
/** Bytes of 20 ms of G.711, which are also 10 ms of 8 kHz linear. */
const G711_BYTES = 160;
/** Bytes of 20 ms of 16 kHz linear, which are also 40 ms of 8 kHz linear. */
const LINEAR_16K_BYTES = 640;
/** Energy per sample below which there is nothing to judge: about -60 dB relative to full scale. */
const QUIET = 1_000;

/** How rough a sound is: the energy of its differences by its own. */
class Roughness {
  #energy = 0;
  #differences = 0;
  #samples = 0;
  #last = 0;

  add(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i += 1) {
      const sample = pcm[i] ?? 0;
      this.#energy += sample * sample;
      this.#differences += (sample - this.#last) ** 2;
      this.#last = sample;
    }
    this.#samples += pcm.length;
  }

  /** Whether nothing was added. */
  get empty(): boolean {
    return this.#samples === 0;
  }

  get value(): number {
    return this.#energy === 0 ? 0 : this.#differences / this.#energy;
  }
}

export class MislabelledAudio {
  /** The verdict; undefined until there is one. */
  verdict: RealAudio | undefined;
  readonly #linear = new Roughness();
  readonly #muLaw = new Roughness();
  readonly #aLaw = new Roughness();
  #lengthBytes: number | undefined;
  /** When the last payloads came. */
  readonly #arrivalsMs: number[] = [];
  /** Payloads in which the laws could be compared and neither won. */
  #loudPayloads = 0;

  /** Looks at one payload labelled 8 kHz linear. Returns the verdict, as far as there is one. */
  look(payload: Uint8Array, nowMs: number): RealAudio | undefined {
    this.verdict ??= this.#judge(payload, nowMs);
    return this.verdict;
  }

  #judge(payload: Uint8Array, nowMs: number): RealAudio | undefined {
    this.#lengthBytes ??= payload.length;
    const suspected = payload.length === G711_BYTES || payload.length === LINEAR_16K_BYTES;
    if (!suspected || payload.length !== this.#lengthBytes) {
      return 'as-labelled';
    }
    this.#arrivalsMs.push(nowMs);
    this.#compare(linearOf(payload), decodeG711(payload, 'mu-law'), decodeG711(payload, 'a-law'));
    if (this.#arrivalsMs.length <= PAYLOADS) {
      return undefined;
    }
    const { meanMs, medianMs } = intervalsOf(this.#arrivalsMs);
    this.#arrivalsMs.shift();
    if (payload.length === LINEAR_16K_BYTES) {
      // Rightly labelled they come each 40 ms.
      return meanMs < 30 ? 'linear-16k' : 'as-labelled';
    }
    // Rightly labelled they come each 10 ms: pauses raise only the mean, bundles only the median.
    return meanMs > 15 && medianMs > 15 ? this.#lawOf() : 'as-labelled';
  }

  /**
   * Takes one payload as each of the three it may be. Silence is left out: it is quiet in its own law only, and steady,
   * so very smooth, as anything else.
   */
  #compare(linear: Int16Array, muLaw: Int16Array, aLaw: Int16Array): void {
    if (!isQuiet(muLaw) && !isQuiet(aLaw)) {
      this.#linear.add(linear);
      this.#muLaw.add(muLaw);
      this.#aLaw.add(aLaw);
    }
  }

  /** Which law it is; undefined while nothing but silence was there to tell them apart. */
  #lawOf(): RealAudio | undefined {
    if (this.#muLaw.empty) {
      return undefined;
    }
    const smoother = Math.min(this.#muLaw.value, this.#aLaw.value);
    if (this.#linear.value < smoother / 2) {
      return 'as-labelled';
    }
    this.#loudPayloads += 1;
    const clear = smoother < CLEARLY * Math.max(this.#muLaw.value, this.#aLaw.value);
    if (!clear && this.#loudPayloads < LAW_PAYLOADS) {
      return undefined;
    }
    return this.#muLaw.value <= this.#aLaw.value ? 'mu-law' : 'a-law';
  }
}

function intervalsOf(arrivalsMs: readonly number[]): { readonly meanMs: number; readonly medianMs: number } {
  const intervalsMs = arrivalsMs.slice(1).map((atMs, index) => atMs - (arrivalsMs[index] ?? atMs));
  intervalsMs.sort((a, b) => a - b);
  return {
    meanMs: intervalsMs.reduce((sum, each) => sum + each, 0) / intervalsMs.length,
    medianMs: intervalsMs[intervalsMs.length >> 1] ?? 0,
  };
}

/** The samples of a payload, which may begin at an odd offset. */
function linearOf(payload: Uint8Array): Int16Array {
  return new Int16Array(payload.slice().buffer, 0, payload.length >> 1);
}

function isQuiet(pcm: Int16Array): boolean {
  return pcm.reduce((energy, sample) => energy + sample * sample, 0) < pcm.length * QUIET;
}
