/**
 * What was said of what was heard: words that were spoken and then contradicted by the final transcript, words that
 * were never spoken, and how often captions were taken back. Words are compared without case and punctuation, which
 * recognition changes to the last.
 */

/** One step of laying spoken words over the final ones. */
export interface WordMatch {
  /** Index of the spoken word; undefined where a final word was not spoken. */
  readonly spoken: number | undefined;
  /** Index of the final word; undefined where something was spoken that is not there. */
  readonly final: number | undefined;
  /** Whether both are there and the same. */
  readonly same: boolean;
}

/**
 * What a word costs that only one side has, and one that the sides have otherwise: cheaper than a word left over on
 * each.
 */
const LONE = 2;
const OTHER = 3;

/** Lays `spoken` over `final` with the least differences, in order. */
export function alignWords(spoken: readonly string[], final: readonly string[]): readonly WordMatch[] {
  const [said, meant] = [spoken.map(bareWord), final.map(bareWord)];
  const width = meant.length + 1;
  const cost = new Uint32Array((said.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] ?? 0;
  for (let row = 0; row <= said.length; row += 1) {
    for (let column = 0; column <= meant.length; column += 1) {
      if (row === 0 || column === 0) {
        cost[row * width + column] = (row + column) * LONE;
        continue;
      }
      const differ = said[row - 1] === meant[column - 1] ? 0 : OTHER;
      cost[row * width + column] = Math.min(
        at(row - 1, column - 1) + differ,
        at(row - 1, column) + LONE,
        at(row, column - 1) + LONE,
      );
    }
  }
  const matches: WordMatch[] = [];
  let [row, column] = [said.length, meant.length];
  while (row > 0 || column > 0) {
    const same = row > 0 && column > 0 && said[row - 1] === meant[column - 1];
    if (row > 0 && column > 0 && at(row, column) === at(row - 1, column - 1) + (same ? 0 : OTHER)) {
      row -= 1;
      column -= 1;
      matches.push({ spoken: row, final: column, same });
    } else if (row > 0 && at(row, column) === at(row - 1, column) + LONE) {
      row -= 1;
      matches.push({ spoken: row, final: undefined, same: false });
    } else {
      column -= 1;
      matches.push({ spoken: undefined, final: column, same: false });
    }
  }
  return matches.reverse();
}

export interface SpokenTruth {
  /** Words that were spoken. */
  readonly words: number;
  /** Spoken words that the final transcript has not, or has otherwise. */
  readonly contradicted: number;
  /** Words of the final transcript that nothing was spoken for. */
  readonly unspoken: number;
}

/** Compares the source words of what was spoken with the final transcript. */
export function truthOf(spoken: readonly string[], final: readonly string[]): SpokenTruth {
  const matches = alignWords(spoken, final);
  return {
    words: spoken.length,
    contradicted: matches.filter((match) => match.spoken !== undefined && !match.same).length,
    unspoken: matches.filter((match) => match.spoken === undefined).length,
  };
}

/**
 * Normalised erasure (Arivazhagan 2020): tokens taken back while `versions` of one text replaced each other, per token
 * of the last. 0 for text that only grows; NaN when the last is empty.
 */
export function normalisedErasure(versions: readonly string[]): number {
  let erased = 0;
  let before: readonly string[] = [];
  for (const version of versions) {
    const tokens = wordsOf(version);
    const changed = before.findIndex((token, index) => token !== tokens[index]);
    erased += changed === -1 ? 0 : before.length - changed;
    before = tokens;
  }
  return erased / (before.length === 0 ? Number.NaN : before.length);
}

/** The words of a text, punctuation attached. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** A word without case and without marks at its ends; a mark alone stays. */
export function bareWord(word: string): string {
  const bare = word.toLowerCase().replace(/^[^\p{L}\p{N}$]+|[^\p{L}\p{N}$]+$/gu, '');
  return bare === '' ? word : bare;
}
