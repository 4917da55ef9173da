/**
 * Where in a new hearing the part begins that has not been cut off yet. Recognition may have changed words before that
 * place, even their number; so the words cut off are laid along the new hearing at the least cost (Levenshtein), and
 * what follows is new. What had to be changed is what was said and should not have been.
 */

import type { Token } from './tokens.ts';

export interface Resumption {
  /** How many tokens of the hearing are accounted for by what was cut off. */
  readonly at: number;
  /** Words cut off that the hearing does not hold. */
  readonly contradicted: number;
}

export function resumeAt(cut: readonly Token[], hearing: readonly Token[]): Resumption {
  const straight = cut.every((token, index) => token.word === hearing[index]?.word);
  return straight ? { at: cut.length, contradicted: 0 } : aligned(cut, hearing);
}

/** Of the cheapest alignments, the one that ends with the same word, else nearest to where the words cut off ended. */
function aligned(cut: readonly Token[], hearing: readonly Token[]): Resumption {
  // row[j]: the cost of laying the words so far along the first j tokens.
  let row = hearing.map((_, index) => index);
  row.push(hearing.length);
  for (const [index, token] of cut.entries()) {
    const next = [index + 1];
    for (let at = 1; at <= hearing.length; at += 1) {
      const same = token.word === hearing[at - 1]?.word ? 0 : 1;
      next.push(Math.min((row[at - 1] ?? 0) + same, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  const last = cut.at(-1)?.word;
  const rank = (at: number): number =>
    // Costs are whole, and no alignment is a thousand words off.
    (row[at] ?? 0) + (hearing[at - 1]?.word === last ? 0 : 0.5) + Math.abs(at - cut.length) / 2_000;
  let best = 0;
  for (let at = 1; at <= hearing.length; at += 1) {
    if (rank(at) < rank(best)) {
      best = at;
    }
  }
  return { at: best, contradicted: Math.min(cut.length, row[best] ?? 0) };
}
