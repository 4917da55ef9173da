/**
 * Cuts at the ends of sentences, as recognition marks them, once they will not change.
 */

import type { Language } from '../../base/language.ts';
import { type Cut, type CutPolicy, type CutView, rest } from './cut-policy.ts';
import type { LanguageRules } from './language-rules.ts';
import { endsSentence } from './sentence-end.ts';
import type { Token } from './tokens.ts';

export class SentenceCut implements CutPolicy {
  readonly silenceStepsMs: readonly number[] = [];
  readonly waitingStepsMs: readonly number[] = [];
  readonly #rules: LanguageRules;
  readonly #language: Language;

  constructor(rules: LanguageRules, language: Language) {
    this.#language = language;
    this.#rules = rules;
  }

  next(view: CutView): Cut | undefined {
    return sentenceCut(view, this.#rules, this.#language) ?? rest(view);
  }
}

/** The first sentence of `view` that is stable as a whole. */
export function sentenceCut(view: CutView, rules: LanguageRules, language: Language): Cut | undefined {
  for (let at = 1; at <= view.stable; at += 1) {
    const token = view.tokens[at - 1];
    if (
      token?.mark === 'sentence' &&
      endsSentence(token, known(view, at), rules, language, view.tokens[at - 2])
    ) {
      return { length: at, reason: 'sentence' };
    }
  }
  return undefined;
}

/** The next word as far as it will stay, since it may decide. */
function known(view: CutView, at: number): Token | undefined {
  return at < view.stable || view.guess || at + 1 < view.tokens.length ? view.tokens[at] : undefined;
}
