/**
 * Cuts as early as a listener can still follow: at sentence and clause marks, before a conjunction once the word after
 * it is there, at pauses, and by age and length when nothing else comes. Never where {@link mayCutBefore} forbids it.
 * Languages whose verb comes last are cut at marks and pauses only, and may wait longer.
 */

import type { Language } from '../../base/language.ts';
import { type Cut, type CutPolicy, type CutView, rest } from './cut-policy.ts';
import { mayCutBefore, type Terms, unfinished } from './guards.ts';
import type { LanguageRules } from './language-rules.ts';
import { sentenceCut } from './sentence-cut.ts';
import type { Token } from './tokens.ts';

/** A clause mark ends a segment of at least so many characters: a "Well," by itself would only cost a breath. */
const SHORTEST_CLAUSE_CHARACTERS = 16;
/** Words before a conjunction that are worth a segment. */
const SHORTEST_BEFORE_CONJUNCTION = 4;
/** Silence after which what has been said is taken as a segment. */
export const PAUSE_MS = 300;
/** The same after a name, which may be the first of two. */
const NAME_PAUSE_MS = 700;
/** The same when the last word promises more: a number that may go on, an article, an "and". */
const UNFINISHED_PAUSE_MS = 1_200;
/** Words that are worth a segment of their own in a pause; one alone waits for the utterance to end. */
const SHORTEST_BEFORE_PAUSE = 2;
/**
 * What has waited for longer is cut where a phrase begins; for longer still, where a noun does; for longest, or longer
 * in itself, wherever it may be. The first costs little quality for the time it saves, the last much
 * (`npm run bench -- interpret --only cutting`).
 */
const LONG_WAIT_MS = 900;
const LONGER_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 4_000;
const LONGEST_CHARACTERS = 110;
/** The same where the verb comes last. */
const LONG_WAIT_VERB_FINAL_MS = 4_000;
const LONGER_WAIT_VERB_FINAL_MS = 5_000;
const LONGEST_WAIT_VERB_FINAL_MS = 5_000;
const LONGEST_CHARACTERS_VERB_FINAL = 180;
/** How far work ahead looks: about what translation and the first sound take. */
const AHEAD_MS = 400;
/** No cut by age leaves a segment shorter than this, in words. */
const SHORTEST_BY_AGE = 3;

const PAUSES_MS = { no: PAUSE_MS, perhaps: NAME_PAUSE_MS, surely: UNFINISHED_PAUSE_MS } as const;

export class ClauseCut implements CutPolicy {
  readonly silenceStepsMs: readonly number[] = [PAUSE_MS, NAME_PAUSE_MS, UNFINISHED_PAUSE_MS];
  readonly waitingStepsMs: readonly number[];
  readonly #rules: LanguageRules;
  readonly #terms: Terms;
  readonly #language: Language;
  readonly #longWaitMs: number;
  readonly #longerWaitMs: number;
  readonly #longestWaitMs: number;
  readonly #longestCharacters: number;

  constructor(rules: LanguageRules, terms: Terms, language: Language) {
    this.#rules = rules;
    this.#language = language;
    this.#terms = terms;
    this.#longWaitMs = rules.verbFinal ? LONG_WAIT_VERB_FINAL_MS : LONG_WAIT_MS;
    this.#longerWaitMs = rules.verbFinal ? LONGER_WAIT_VERB_FINAL_MS : LONGER_WAIT_MS;
    this.#longestWaitMs = rules.verbFinal ? LONGEST_WAIT_VERB_FINAL_MS : LONGEST_WAIT_MS;
    this.#longestCharacters = rules.verbFinal ? LONGEST_CHARACTERS_VERB_FINAL : LONGEST_CHARACTERS;
    this.waitingStepsMs = [this.#longWaitMs, this.#longerWaitMs, this.#longestWaitMs];
  }

  next(view: CutView): Cut | undefined {
    return this.#atMark(view) ?? this.#atPause(view) ?? rest(view) ?? this.#byAge(view);
  }

  /** The first mark or conjunction that ends a clause. */
  #atMark(view: CutView): Cut | undefined {
    const sentence = sentenceCut(view, this.#rules, this.#language);
    let characters = 0;
    for (let at = 1; at <= view.stable && at < (sentence?.length ?? view.stable + 1); at += 1) {
      const token = view.tokens[at - 1];
      characters += (token?.text.length ?? 0) + 1;
      if (token?.mark === 'clause' && characters >= SHORTEST_CLAUSE_CHARACTERS && this.#mayCut(view, at)) {
        return { length: at, reason: 'clause' };
      }
      if (this.#beforeConjunction(view, at)) {
        return { length: at, reason: 'conjunction' };
      }
    }
    return sentence;
  }

  /** Whether the token at `at` begins a clause and one more word after it is stable. */
  #beforeConjunction(view: CutView, at: number): boolean {
    const starter = view.tokens[at];
    return (
      !this.#rules.verbFinal &&
      at >= SHORTEST_BEFORE_CONJUNCTION &&
      // The word after it is waited for, except when working ahead.
      at + (view.guess ? 1 : 2) <= view.stable &&
      starter !== undefined &&
      this.#rules.clauseStarters.has(starter.word) &&
      this.#beginsClause(starter, view.tokens[at + 1]) &&
      this.#mayCut(view, at)
    );
  }

  /**
   * Whether a clause follows, and not only a word more: after an "and", a pronoun, an article or a name says so. A
   * relative without a subject ("that was sent") is one with the noun before it, and wants to be translated with it.
   */
  #beginsClause(starter: Token, next: Token | undefined): boolean {
    const { coordinators, relatives, bound, subjects } = this.#rules;
    if (relatives.has(starter.word)) {
      return next !== undefined && (subjects.has(next.word) || /^\p{Lu}/u.test(next.text));
    }
    return (
      !coordinators.has(starter.word) ||
      next === undefined ||
      bound.has(next.word) ||
      /^\p{Lu}/u.test(next.text)
    );
  }

  /** All that has been said, when the speaker is silent and it is stable. */
  #atPause(view: CutView): Cut | undefined {
    const { tokens, stable, silentMs } = view;
    if (tokens.length === 0 || stable < tokens.length || silentMs < PAUSE_MS) {
      return undefined;
    }
    const needsMs = PAUSES_MS[unfinished(tokens, this.#rules, this.#language)];
    return silentMs >= needsMs && tokens.length >= SHORTEST_BEFORE_PAUSE
      ? { length: tokens.length, reason: 'pause' }
      : undefined;
  }

  #byAge(view: CutView): Cut | undefined {
    const waitingMs = view.waitingMs + (view.guess ? AHEAD_MS : 0);
    if (waitingMs < this.#longWaitMs) {
      return undefined;
    }
    const tooOld = waitingMs >= this.#longestWaitMs || charactersOf(view.tokens) > this.#longestCharacters;
    const worstRank = tooOld ? 1 : waitingMs >= this.#longerWaitMs ? 2 : 3;
    let best: { readonly length: number; readonly rank: number } | undefined;
    for (let at = SHORTEST_BY_AGE; at <= view.stable && at < view.tokens.length; at += 1) {
      const rank = this.#mayCut(view, at) ? this.#rankOf(view.tokens, at) : 0;
      if (rank >= worstRank && rank >= (best?.rank ?? 0)) {
        best = { length: at, rank };
      }
    }
    return best === undefined ? undefined : { length: best.length, reason: 'age' };
  }

  /** How well a cut before `at` reads: 4 at a mark, 3 before a phrase or a clause, 2 before a noun, 1 elsewhere. */
  #rankOf(tokens: readonly Token[], at: number): number {
    if (tokens[at - 1]?.mark !== 'none') {
      return 4;
    }
    const next = tokens[at];
    if (next === undefined) {
      return 1;
    }
    const { phraseStarters, clauseStarters, coordinators, subjects } = this.#rules;
    const clause =
      clauseStarters.has(next.word) &&
      !coordinators.has(next.word) &&
      this.#beginsClause(next, tokens[at + 1]);
    return clause || phraseStarters.has(next.word) ? 3 : subjects.has(next.word) ? 2 : 1;
  }

  #mayCut(view: CutView, at: number): boolean {
    return mayCutBefore(view.tokens, at, this.#rules, this.#terms, this.#language);
  }
}

function charactersOf(tokens: readonly Token[]): number {
  return tokens.reduce((characters, { text, blank }) => characters + text.length + (blank ? 1 : 0), 0);
}
