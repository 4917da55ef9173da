/**
 * What is heard in place of sound that was lost: the last periods of the voice again, softer and softer, and nothing
 * after 60 ms; one period alone, over and over, would buzz. In the manner of ITU-T G.711 Appendix I, without its delay.
 * Where what comes after it is there already, as it is for most losses of one packet, the one leads into the other.
 * Pure.
 */

/** How much sound is remembered, in ms: three of the longest periods, and what they are compared with. */
const REMEMBERED_MS = 60;
/** A voice's periods, in ms: 400 Hz to 67 Hz. */
const SHORTEST_PERIOD_MS = 2.5;
const LONGEST_PERIOD_MS = 15;
/** What is compared with what was a period before, in ms. */
const COMPARED_MS = 20;
/**
 * The period is looked for at so many samples a second first, and then exactly: a loss at 16 kHz costs 0.1 ms so, and
 * three times that at all of them. At half as many a recogniser gets more words wrong.
 */
const COARSE_HZ = 8_000;
/** Sound that is less like itself a period before has none: the longest is taken, which sounds least like a tone. */
const VOICED = 0.5;
/** As loud as before for so long, in ms, and silent after so long. */
const FULL_MS = 10;
const SILENT_MS = 60;
/** A period more is repeated after each so many ms. */
const MORE_PERIODS_MS = 20;
const MOST_PERIODS = 3;
/** What comes after a loss, or after a piece that is left out, begins with a fade of so many ms. */
const FADE_MS = 5;

export class Concealment {
  #rateHz = 0;
  /** The last sound, oldest first. */
  #remembered = new Int16Array(0);
  #period = 0;
  /** Samples made up since the last that was heard. */
  #madeUp = 0;

  /** Takes sound that follows what was heard or made up before, and smooths its beginning after a loss, in place. */
  heard(pcm: Int16Array, rateHz: number): void {
    this.#follow(rateHz);
    if (this.#madeUp > 0) {
      const fade = Math.min(this.#samples(FADE_MS), pcm.length);
      blend(pcm, this.#continued(fade));
      this.#madeUp = 0;
    }
    const { length } = this.#remembered;
    if (pcm.length >= length) {
      this.#remembered.set(pcm.subarray(pcm.length - length));
    } else {
      this.#remembered.copyWithin(0, pcm.length);
      this.#remembered.set(pcm, length - pcm.length);
    }
  }

  /** Makes up for `durationMs` that are missing, at the rate of what was heard; undefined before anything was. */
  makeUp(durationMs: number): { readonly pcm: Int16Array; readonly rateHz: number } | undefined {
    if (this.#rateHz === 0) {
      return undefined;
    }
    if (this.#madeUp === 0) {
      this.#period = this.#findPeriod();
    }
    const pcm = this.#continued(this.#samples(durationMs));
    this.#madeUp += pcm.length;
    return { pcm, rateHz: this.#rateHz };
  }

  /** Fades what was just made up into what would have come before `next`, in place: that is heard after it. */
  leadInto(madeUp: Int16Array, next: Int16Array): void {
    leadInto(madeUp, next, this.#period);
    this.#madeUp = 0;
  }

  /** Smooths the beginning of `pcm`, which is heard in the place of `leftOut`, in place. */
  join(leftOut: Int16Array, pcm: Int16Array): void {
    blend(pcm, leftOut.subarray(0, Math.min(this.#samples(FADE_MS), pcm.length)));
  }

  #follow(rateHz: number): void {
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#remembered = new Int16Array(this.#samples(REMEMBERED_MS));
      this.#madeUp = 0;
    }
  }

  #samples(ms: number): number {
    return Math.round((this.#rateHz * ms) / 1_000);
  }

  /** The next samples of what is made up, from where it is now. */
  #continued(samples: number): Int16Array {
    const pcm = new Int16Array(samples);
    for (let i = 0; i < samples; i += 1) {
      const at = this.#madeUp + i;
      const gain = this.#gainAt(at);
      if (gain === 0) {
        break;
      }
      pcm[i] = gain * this.#repeated(at);
    }
    return pcm;
  }

  #gainAt(sample: number): number {
    const ms = (sample * 1_000) / this.#rateHz;
    return Math.min(1, Math.max(0, (SILENT_MS - ms) / (SILENT_MS - FULL_MS)));
  }

  /**
   * The last periods over and over; where they begin again, and where one more comes in, one is faded into the other.
   */
  #repeated(sample: number): number {
    const step = this.#samples(MORE_PERIODS_MS);
    const fade = Math.max(1, this.#period >> 2);
    const round = Math.min(MOST_PERIODS - 1, Math.floor(sample / step));
    const sound = this.#looped(sample, round + 1);
    const into = sample - round * step;
    if (round === 0 || into >= fade) {
      return sound;
    }
    return (sound * into + this.#looped(sample, round) * (fade - into)) / fade;
  }

  #looped(sample: number, periods: number): number {
    const loop = periods * this.#period;
    const start = this.#remembered.length - loop;
    const place = sample % loop;
    const sound = this.#remembered[start + place] ?? 0;
    const fade = Math.max(1, this.#period >> 2);
    const left = loop - place;
    if (left > fade) {
      return sound;
    }
    // Its end becomes what comes before its beginning.
    const before = this.#remembered[start + place - loop] ?? 0;
    return (sound * left + before * (fade - left)) / fade;
  }

  /** The length in samples of the voice's period at the end of what was heard. */
  #findPeriod(): number {
    const shortest = this.#samples(SHORTEST_PERIOD_MS);
    const longest = this.#samples(LONGEST_PERIOD_MS);
    const step = Math.max(1, Math.round(this.#rateHz / COARSE_HZ));
    const roughly = this.#likeliest(shortest, longest, step);
    if (roughly.likeness <= VOICED) {
      return longest;
    }
    const { period } = roughly;
    return this.#likeliest(Math.max(shortest, period - step), Math.min(longest, period + step), 1).period;
  }

  /** Of the periods between two, `step` apart, the one that the last sound is most like itself after. */
  #likeliest(shortest: number, longest: number, step: number): { period: number; likeness: number } {
    let period = shortest;
    let best = 0;
    for (let tried = shortest; tried <= longest; tried += step) {
      const likeness = this.#likeness(tried, step);
      if (likeness > best) {
        best = likeness;
        period = tried;
      }
    }
    return { period, likeness: best };
  }

  /** How much the last samples, each `step`th, are like those `period` before: 1 the same, 0 nothing like it. */
  #likeness(period: number, step: number): number {
    const remembered = this.#remembered;
    let product = 0;
    let now = 0;
    let then = 0;
    for (let i = remembered.length - this.#samples(COMPARED_MS); i < remembered.length; i += step) {
      const sample = remembered[i] ?? 0;
      const earlier = remembered[i - period] ?? 0;
      product += sample * earlier;
      now += sample * sample;
      then += earlier * earlier;
    }
    return product <= 0 ? 0 : product / Math.sqrt(now * then);
  }
}

/** Fades all of `pcm` into what would have come before `next`: its first period, as often as there is room for it. */
function leadInto(pcm: Int16Array, next: Int16Array, period: number): void {
  const loop = Math.min(period, next.length);
  const fade = Math.min(loop >> 2, next.length - loop);
  for (let i = 0; i < pcm.length; i += 1) {
    const left = pcm.length - i;
    const place = (loop - (left % loop)) % loop;
    let sound = next[place] ?? 0;
    if (place < fade && left > loop) {
      // Its beginning becomes what comes after its end.
      sound = (sound * place + (next[loop + place] ?? 0) * (fade - place)) / fade;
    }
    pcm[i] = ((pcm[i] ?? 0) * left + sound * (pcm.length - left)) / pcm.length;
  }
}

/** Fades from `before` into the beginning of `pcm`. */
function blend(pcm: Int16Array, before: Int16Array): void {
  for (let i = 0; i < before.length; i += 1) {
    pcm[i] = ((pcm[i] ?? 0) * i + (before[i] ?? 0) * (before.length - i)) / before.length;
  }
}
