/**
 * Cuts at the ends of sentences, as recognition marks them, once they will not change.
 */

import { type Cut, type CutPolicy, type CutView, rest } from './cut-policy.ts';
import { endsSentence } from './guards.ts';
import type { LanguageRules } from './language-rules.ts';

export class SentenceCut implements CutPolicy {
  readonly silenceStepsMs: readonly number[] = [];
  readonly waitingStepsMs: readonly number[] = [];
  readonly #rules: LanguageRules;

  constructor(rules: LanguageRules) {
    this.#rules = rules;
  }

  next(view: CutView): Cut | undefined {
    return sentenceCut(view, this.#rules) ?? rest(view);
  }
}

/** The first sentence of `view` that is stable as a whole. */
export function sentenceCut(view: CutView, rules: LanguageRules): Cut | undefined {
  for (let at = 1; at <= view.stable; at += 1) {
    const token = view.tokens[at - 1];
    if (token?.mark === 'sentence' && endsSentence(token, view.tokens[at], rules)) {
      return { length: at, reason: 'sentence' };
    }
  }
  return undefined;
}
