/**
 * How much may be spent on work that may be thrown away: translating what is not certain yet, and speaking it. Pure
 * counting over the last drafts of one direction; drafts stop while they seldom hit, and are tried again now and then.
 */

/** Drafts that are looked at. */
const WINDOW = 20;
/** Below this share of hits, drafting pauses. */
const LEAST_HITS = 0.4;
/** While it pauses, one draft in so many is tried, so that it can find out that things are better. */
const PROBE_EVERY = 5;
/** At most so many translations for each that is used, drafts included (the field's own estimate is 1.5 to 1.7). */
const MOST_CALLS = 1.7;
/** Characters synthesised for nothing, as a share of all synthesised. */
const MOST_WASTE = 0.25;
/** Characters before the share of waste means anything. */
const WASTE_ALLOWANCE = 200;

export class DraftBudget {
  readonly #outcomes: boolean[] = [];
  #probes = 0;
  #calls = 0;
  #used = 0;
  #spokenCharacters = 0;
  #wastedCharacters = 0;

  /** Whether to translate something that may change. */
  mayTranslate(): boolean {
    // Two calls of advance, so that the first draft of a call is not too many.
    if (this.#calls + 1 > MOST_CALLS * (this.#used + 1) + 2) {
      return false;
    }
    const hits = this.#outcomes.filter((hit) => hit).length;
    if (this.#outcomes.length < WINDOW || hits >= LEAST_HITS * this.#outcomes.length) {
      return true;
    }
    this.#probes += 1;
    return this.#probes % PROBE_EVERY === 0;
  }

  /** Whether to synthesise something that may change. */
  maySpeak(characters: number): boolean {
    const all = this.#spokenCharacters + characters;
    return this.#wastedCharacters + characters <= MOST_WASTE * all + WASTE_ALLOWANCE;
  }

  /** A translation was asked for. */
  called(): void {
    this.#calls += 1;
  }

  /** A segment was cut off; `hit` when its draft was used. */
  cut(hit: boolean): void {
    this.#used += 1;
    if (hit) {
      this.#remember(true);
    }
  }

  /** A draft was thrown away. */
  missed(): void {
    this.#remember(false);
  }

  /** Speech was synthesised; `wasted` when nobody will hear it. */
  synthesised(characters: number, wasted: boolean): void {
    this.#spokenCharacters += characters;
    this.#wastedCharacters += wasted ? characters : 0;
  }

  #remember(hit: boolean): void {
    this.#outcomes.push(hit);
    if (this.#outcomes.length > WINDOW) {
      this.#outcomes.shift();
    }
  }
}
