/**
 * Counts syllables in sound, without knowing the language: each is one loudest moment with a pitch between two dips
 * (after de Jong and Wempe, 2009). Of a fast speaker it misses some, so what it tells is to be compared with the same
 * speaker's usual, never with a number.
 */

/** What a syllable stands out by from the dips around it, in dB. */
const STANDS_OUT_DB = 2.5;
/** Quieter by so much than the loudest of late, in dB, is a breath or a consonant. */
const LOUDEST_WITHIN_DB = 22;
/** The loudest of late is forgotten by this much a frame: 10 dB in 1 s. */
const FORGET_DB = 0.2;
/** Levels below this are silence. */
const LEAST_DB = -90;

export class SyllableCounter {
  #rising = false;
  /** The highest level of a rise, or the lowest of a fall. */
  #turnDb = LEAST_DB;
  /** Whether the top of the rise has a pitch. */
  #pitched = false;
  #loudestDb = LEAST_DB;
  #beforeDb = LEAST_DB;

  /** Takes the next frame of 20 ms; returns whether a syllable ended in it. */
  push(levelDb: number, pitched: boolean): boolean {
    const boundDb = Math.max(LEAST_DB, levelDb);
    const smoothDb = (boundDb + this.#beforeDb) / 2;
    this.#beforeDb = boundDb;
    this.#loudestDb = Math.max(smoothDb, this.#loudestDb - FORGET_DB);
    if (this.#rising) {
      return this.#rise(smoothDb, pitched);
    }
    this.#turnDb = Math.min(this.#turnDb, smoothDb);
    if (smoothDb > this.#turnDb + STANDS_OUT_DB) {
      this.#rising = true;
      this.#turnDb = smoothDb;
      this.#pitched = pitched;
    }
    return false;
  }

  #rise(levelDb: number, pitched: boolean): boolean {
    if (levelDb >= this.#turnDb) {
      this.#turnDb = levelDb;
    }
    // A pitch is found a little behind the loudest moment as often as before it.
    this.#pitched ||= pitched;
    if (levelDb > this.#turnDb - STANDS_OUT_DB) {
      return false;
    }
    const counted = this.#pitched && this.#turnDb > this.#loudestDb - LOUDEST_WITHIN_DB;
    this.#rising = false;
    this.#turnDb = levelDb;
    return counted;
  }
}
