/**
 * From the name of a policy to the policy, for one source language.
 */

import type { Language } from '../../base/language.ts';
import { ClauseCut } from './clause-cut.ts';
import type { CutPolicy, PolicyName } from './cut-policy.ts';
import { termsOf } from './guards.ts';
import { rulesOf } from './language-rules.ts';
import { SentenceCut } from './sentence-cut.ts';
import { TURN_CUT } from './turn-cut.ts';

/** @param terms the source terms of a glossary, which are not cut. */
export function cutPolicy(name: PolicyName, language: Language, terms: Iterable<string>): CutPolicy {
  const rules = rulesOf(language);
  switch (name) {
    case 'consecutive':
    case 'turn':
      return TURN_CUT;
    case 'sentence':
      return new SentenceCut(rules, language);
    case 'clause':
      return new ClauseCut(rules, termsOf(terms, language), language);
  }
}
