/**
 * Words as sound that a program can read again: a word is a number, and a number is six short tones, the first of
 * which only begins words. So a recogniser hears what was really sent to it, replays and gaps included, and a telephone
 * knows which words it was told, however they were cut, hurried or repeated on the way.
 */

/** Frequencies and lengths of the tones; neighbours differ, so where one ends can be heard. */
export interface Band {
  /** The first begins a word. */
  readonly tonesHz: readonly number[];
  readonly toneMs: number;
  /** How much sound is looked at for one tone. */
  readonly windowMs: number;
  /** The least part of the power that one tone has of that of `among`. */
  readonly purity: number;
  /** `all`: of the whole sound; `tones`: of the band's tones, since a voice sounds beside them. */
  readonly among: 'all' | 'tones';
  /** The least peak of a tone. */
  readonly leastPeak: number;
}

/** Over a voice whose overtones stay below it: what a party says. */
export const SAID: Band = {
  tonesHz: [2_300, 2_500, 2_700, 2_900, 3_100, 3_300],
  toneMs: 60,
  windowMs: 25,
  purity: 0.7,
  among: 'tones',
  leastPeak: 300,
};

/** Alone: what a synthesiser says. */
export const SPOKEN: Band = {
  tonesHz: [1_000, 1_400, 1_800, 2_200, 2_600, 3_000],
  toneMs: 45,
  windowMs: 15,
  purity: 0.7,
  among: 'all',
  leastPeak: 800,
};

/** 5 for the first digit; 4 for each of the others, which is not the one before. */
export const WORDS = 5 * 4 ** 4;
const DIGITS = 5;
/** The beginning and the digits. */
const TONES = DIGITS + 1;
const HOP_MS = 5;
/** A tone is one when it is heard in so many windows after another. */
const SURE_WINDOWS = 2;
/** Without any tone for this long a word that has begun is none. */
const BROKEN_AFTER_MS = 80;

/** How long a word sounds. */
export function wordMs({ toneMs }: Band): number {
  return toneMs * TONES;
}

/** Adds a word to `out` from sample `from` on; what does not fit is left out. `none` sounds and is no word. */
export function addWord(
  out: Int16Array,
  from: number,
  id: number | 'none',
  rateHz: number,
  band: Band,
  peak: number,
): void {
  const toneSamples = (band.toneMs * rateHz) / 1_000;
  const tones = id === 'none' ? [] : tonesOf(id);
  const first = Math.max(0, Math.ceil(-from));
  for (let i = first; i < toneSamples * TONES && from + i < out.length; i += 1) {
    const hz = band.tonesHz[tones[Math.floor(i / toneSamples)] ?? 0] ?? 0;
    const at = Math.floor(from + i);
    // Each tone begins and ends at zero, so that none of them clicks.
    const edge = Math.min(1, (i % toneSamples) / 16, (toneSamples - (i % toneSamples)) / 16);
    out[at] = (out[at] ?? 0) + Math.round(peak * edge * Math.sin((2 * Math.PI * hz * i) / rateHz));
  }
}

export interface DecodedWord {
  readonly id: number;
  /** In ms of the sound, about. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Reads words of one band in a sound as it comes. */
export class WordDecoder {
  readonly #rateHz: number;
  readonly #band: Band;
  readonly #window: Float64Array;
  readonly #hopSamples: number;
  #samples = 0;
  #sure = -1;
  #heard = -1;
  #windows = 0;
  #quietMs = 0;
  #startMs = 0;
  #digits: number[] | undefined;

  constructor(rateHz: number, band: Band) {
    this.#rateHz = rateHz;
    this.#band = band;
    this.#window = new Float64Array(Math.round((band.windowMs * rateHz) / 1_000));
    this.#hopSamples = Math.round((HOP_MS * rateHz) / 1_000);
  }

  /** Takes more sound; returns the words whose last tone it brought. */
  hear(pcm: Int16Array): readonly DecodedWord[] {
    const words: DecodedWord[] = [];
    for (const sample of pcm) {
      this.#window[this.#samples % this.#window.length] = sample;
      this.#samples += 1;
      if (this.#samples % this.#hopSamples === 0 && this.#samples >= this.#window.length) {
        const word = this.#look();
        if (word !== undefined) {
          words.push(word);
        }
      }
    }
    return words;
  }

  get #nowMs(): number {
    return (this.#samples * 1_000) / this.#rateHz;
  }

  #look(): DecodedWord | undefined {
    const tone = this.#tone();
    this.#windows = tone === this.#heard ? this.#windows + 1 : 1;
    this.#heard = tone;
    if (tone < 0) {
      this.#quietMs += HOP_MS;
      if (this.#quietMs >= BROKEN_AFTER_MS) {
        this.#digits = undefined;
        this.#sure = -1;
      }
      return undefined;
    }
    this.#quietMs = 0;
    if (this.#windows < SURE_WINDOWS || tone === this.#sure) {
      return undefined;
    }
    this.#sure = tone;
    return this.#take(tone);
  }

  #take(tone: number): DecodedWord | undefined {
    const beganMs = this.#nowMs - this.#band.windowMs - HOP_MS;
    if (tone === 0) {
      this.#digits = [];
      this.#startMs = beganMs;
      return undefined;
    }
    this.#digits?.push(tone);
    if (this.#digits?.length !== DIGITS) {
      return undefined;
    }
    const id = idOf(this.#digits);
    this.#digits = undefined;
    return { id, startMs: Math.max(0, this.#startMs), endMs: beganMs + this.#band.toneMs };
  }

  /** The tone that fills the window; -1 when none does. */
  #tone(): number {
    const { tonesHz, purity, among, leastPeak } = this.#band;
    const { length } = this.#window;
    const powers = tonesHz.map((hz) => this.#power(hz));
    let best = 0;
    for (const [tone, power] of powers.entries()) {
      best = power > (powers[best] ?? 0) ? tone : best;
    }
    // A sine of peak p has the power (p * n / 2) ** 2 in its own bin, and p ** 2 * n / 2 as a sum of squares.
    const own = powers[best] ?? 0;
    const whole =
      among === 'tones'
        ? powers.reduce((sum, power) => sum + power, 0)
        : (this.#window.reduce((sum, sample) => sum + sample * sample, 0) * length) / 2;
    return own >= ((leastPeak * length) / 2) ** 2 && own >= purity * whole ? best : -1;
  }

  /** Goertzel's: the power at one frequency. */
  #power(hz: number): number {
    const factor = 2 * Math.cos((2 * Math.PI * hz) / this.#rateHz);
    let [one, two] = [0, 0];
    const { length } = this.#window;
    const oldest = this.#samples % length;
    for (let i = 0; i < length; i += 1) {
      const next = (this.#window[(oldest + i) % length] ?? 0) + factor * one - two;
      two = one;
      one = next;
    }
    return one * one + two * two - factor * one * two;
  }
}

function tonesOf(id: number): readonly number[] {
  const tones = [0, (id % 5) + 1];
  let rest = Math.floor(id / 5);
  while (tones.length < TONES) {
    const before = tones.at(-1) ?? 0;
    const digit = (rest % 4) + 1;
    tones.push(digit >= before ? digit + 1 : digit);
    rest = Math.floor(rest / 4);
  }
  return tones;
}

function idOf(digits: readonly number[]): number {
  let id = 0;
  for (let place = DIGITS - 1; place > 0; place -= 1) {
    const before = digits[place - 1] ?? 0;
    const digit = digits[place] ?? 0;
    id = id * 4 + (digit > before ? digit - 2 : digit - 1);
  }
  return id * 5 + (digits[0] ?? 1) - 1;
}
