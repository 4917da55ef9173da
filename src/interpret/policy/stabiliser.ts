/**
 * How much of what recognition says will stay as it is. What the engine itself calls stable is believed. Beyond that a
 * word is taken as stable when two hearings in a row agree on it (LocalAgreement-2, Polák et al., IWSLT 2022), the last
 * word excepted while the speaker goes on, or when nothing has changed for half a second. It never shrinks.
 */

import type { Language } from '../../base/language.ts';
import { sharedPrefix, type Token, tokensOf } from './tokens.ts';
import { isSpaced } from './unspaced-words.ts';

/** A hearing that stays the same for this long is as good as one that is heard twice. */
export const UNCHANGED_MS = 500;
/**
 * Where no blanks are written, a word may become part of a longer one while so many letters more are heard: Thai, Lao,
 * Khmer and Burmese words are spelled in many, Chinese and Japanese in few.
 */
const GROWING_LETTERS = 12;
const GROWING_LETTERS_CJK = 4;

/** What is known of an utterance at one moment. */
export interface Transcript {
  /** All of it, the changeable tail included. */
  readonly tokens: readonly Token[];
  /** How many of them will stay, from the beginning. */
  readonly stable: number;
  /** Nothing will be added. */
  readonly final: boolean;
}

export class Stabiliser {
  readonly #language: Language;
  #tokens: readonly Token[] = [];
  #native: readonly Token[] = [];
  #stable = 0;
  #changedMs = 0;
  #final = false;

  constructor(language: Language) {
    this.#language = language;
  }

  get transcript(): Transcript {
    return { tokens: this.#tokens, stable: this.#stable, final: this.#final };
  }

  /** When silence of the engine will make the rest stable; undefined when all is. */
  get settlesMs(): number | undefined {
    return this.#stable < this.#tokens.length ? this.#changedMs + UNCHANGED_MS : undefined;
  }

  /** Takes a hearing of the whole utterance. */
  partial(text: string, nowMs: number): void {
    if (this.#final) {
      return;
    }
    const before = this.#tokens;
    const tokens = this.#tokensOf(text);
    const agreed = sharedPrefix(before, tokens);
    const same = agreed === before.length && agreed === tokens.length;
    if (!same) {
      this.#changedMs = nowMs;
    }
    // The last word of a hearing is the one most often revised, even when two hearings agree on it.
    const kept = same ? agreed : Math.min(agreed, this.#grown(tokens));
    this.#tokens = tokens;
    this.#raise(kept);
  }

  /** Takes what the engine says will not change. */
  stable(text: string, nowMs: number): void {
    if (this.#final) {
      return;
    }
    this.#native = this.#tokensOf(text);
    const shared = sharedPrefix(this.#native, this.#tokens);
    if (shared < this.#native.length) {
      // It says more, or other, than the last hearing.
      this.#tokens = this.#native;
      this.#changedMs = nowMs;
    } else {
      this.#tokens = [...this.#native, ...this.#tokens.slice(this.#native.length)];
    }
    this.#raise(this.#native.length);
  }

  /** Takes the whole utterance for good. */
  final(text: string): void {
    this.#tokens = this.#tokensOf(text);
    this.#final = true;
    this.#stable = this.#tokens.length;
  }

  /** Lets time count: what has not changed for {@link UNCHANGED_MS} is stable. */
  settle(nowMs: number): void {
    if (!this.#final && nowMs - this.#changedMs >= UNCHANGED_MS) {
      this.#raise(this.#tokens.length);
    }
  }

  /** What is stable may have been cut off, so its borders stay where the dictionary alone tells of them. */
  #tokensOf(text: string): readonly Token[] {
    return tokensOf(text, this.#language, this.#tokens.slice(0, this.#stable));
  }

  /** How many tokens no letter more will change: all but the last, and without blanks all but the last few. */
  #grown(tokens: readonly Token[]): number {
    let kept = Math.max(0, tokens.length - 1);
    if (!isSpaced(this.#language)) {
      const wanted = /^(ja|zh|yue)/.test(this.#language) ? GROWING_LETTERS_CJK : GROWING_LETTERS;
      for (let letters = tokens[kept]?.word.length ?? 0; kept > 0 && letters < wanted; ) {
        kept -= 1;
        letters += tokens[kept]?.word.length ?? 0;
      }
    }
    return kept;
  }

  #raise(stable: number): void {
    this.#stable = Math.min(this.#tokens.length, Math.max(this.#stable, stable));
  }
}
