/**
 * Takes the needless silence out of one segment after the other: what is before its first sound, what is after its
 * last, and, when time is short, the rest of its long pauses. Sound passes as it is. Silence that may turn out to be
 * needless is held until it is known what follows.
 */

import { SampleFifo } from '../dsp/sample-fifo.ts';
import { SILENCE_PEAK } from '../dsp/sound.ts';

/** Silence kept before the first sound, in ms, so that its soft beginning is not lost. */
const LEAD_MS = 10;
/** Silence kept after the last sound, in ms, and passed in a pause before it is known how long that is. */
const KEPT_MS = 80;
/** The same when time is short. */
const KEPT_SHORT_MS = 40;
/** What is left of a long pause when time is short. */
const SHORT_PAUSE_MS = 80;
/** Pauses longer than this, in ms, are long. */
const LONG_PAUSE_MS = 150;

export class SilenceTrim {
  readonly #sound: (pcm: Int16Array) => void;
  readonly #held = new SampleFifo();
  #rateHz: number;
  /** Whether the segment has not had its first sound. */
  #leading = true;
  /** How long the silence at the end of what has come is, in samples. */
  #quietSamples = 0;
  #scratch = new Int16Array(0);

  /** @param sound takes what is worth hearing; it must copy. */
  constructor(rateHz: number, sound: (pcm: Int16Array) => void) {
    this.#rateHz = rateHz;
    this.#sound = sound;
  }

  /** Silence in samples that is held back. Before the first sound there is none worth asking for. */
  get heldSamples(): number {
    return this.#leading ? 0 : this.#held.length;
  }

  /** Begins with another segment, or goes on at another rate; what is held is given up. */
  begin(rateHz: number): void {
    this.#rateHz = rateHz;
    this.#leading = true;
    this.#quietSamples = 0;
    this.#held.clear();
  }

  /**
   * Takes the next samples, at most some 20 ms: silence within them is no pause.
   * @param short whether time is short. @param mostCutMs how much of a long pause may be left out.
   * @returns how many ms of a pause were left out.
   */
  push(pcm: Int16Array, short: boolean, mostCutMs: number): number {
    const first = firstSound(pcm);
    if (first === pcm.length) {
      this.#quiet(pcm, short);
      return 0;
    }
    const end = soundEnd(pcm);
    if (first > 0) {
      this.#quiet(pcm.subarray(0, first), short);
    }
    const cutMs = this.#resolve(mostCutMs);
    this.#sound(first === 0 && end === pcm.length ? pcm : pcm.subarray(first, end));
    if (end < pcm.length) {
      this.#quiet(pcm.subarray(end), short);
    }
    return cutMs;
  }

  /** Passes on up to `samples` of the silence that is held, because there is nothing else to play. */
  release(samples: number): void {
    this.#pass(Math.min(samples, this.heldSamples));
  }

  /** Silence: passed on as far as it is surely wanted, held beyond that. */
  #quiet(pcm: Int16Array, short: boolean): void {
    if (this.#leading) {
      this.#held.push(pcm);
      this.#drop(this.#held.length - this.#samples(LEAD_MS));
      return;
    }
    const kept = this.#samples(short ? KEPT_SHORT_MS : KEPT_MS);
    const wanted = this.#held.length > 0 ? 0 : Math.max(0, Math.min(pcm.length, kept - this.#quietSamples));
    if (wanted > 0) {
      this.#sound(pcm.subarray(0, wanted));
    }
    if (wanted < pcm.length) {
      this.#held.push(pcm.subarray(wanted));
    }
    this.#quietSamples += pcm.length;
  }

  /** A sound follows: what is held of the silence before it is passed on, or left out. */
  #resolve(mostCutMs: number): number {
    let cut = 0;
    if (this.#quietSamples > this.#samples(LONG_PAUSE_MS)) {
      const passed = this.#quietSamples - this.#held.length;
      const needless = this.#held.length - Math.max(0, this.#samples(SHORT_PAUSE_MS) - passed);
      cut = Math.max(0, Math.min(needless, this.#samples(mostCutMs)));
      this.#drop(cut);
    }
    this.#pass(this.#held.length);
    this.#leading = false;
    this.#quietSamples = 0;
    return (cut * 1_000) / this.#rateHz;
  }

  #pass(samples: number): void {
    if (samples > 0) {
      const pcm = this.#room(samples);
      this.#held.take(pcm);
      this.#sound(pcm);
    }
  }

  #drop(samples: number): void {
    if (samples > 0) {
      this.#held.take(this.#room(samples));
    }
  }

  #room(samples: number): Int16Array {
    if (this.#scratch.length < samples) {
      this.#scratch = new Int16Array(samples);
    }
    return this.#scratch.subarray(0, samples);
  }

  #samples(ms: number): number {
    return Math.round((ms * this.#rateHz) / 1_000);
  }
}

/** Where the first sample is that is not silence; the length when there is none. */
function firstSound(pcm: Int16Array): number {
  let index = 0;
  while (index < pcm.length && isQuiet(pcm[index] ?? 0)) {
    index += 1;
  }
  return index;
}

/** The place after the last sample that is not silence. */
function soundEnd(pcm: Int16Array): number {
  let end = pcm.length;
  while (end > 0 && isQuiet(pcm[end - 1] ?? 0)) {
    end -= 1;
  }
  return end;
}

function isQuiet(sample: number): boolean {
  return sample <= SILENCE_PEAK && sample >= -SILENCE_PEAK;
}
