/** Which known word a mistyped one was meant to be: the one that takes the fewest edits to reach. */

/** The member of `known` with the smallest Levenshtein distance to `word`; the first of equals. */
function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** What to say of a word that is not among `known`: which was meant, or where they are listed. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearestWithin(word, known, Math.floor(word.length / 2));
  return meant === undefined ? 'dragoman serve --help lists them' : `did you mean ${meant}?`;
}

/** As {@link nearest}, if it takes at most `mostEdits`. */
export function nearestWithin(word: string, known: readonly string[], mostEdits: number): string | undefined {
  const best = nearest(word, known);
  return best !== undefined && editsBetween(word.toLowerCase(), best.toLowerCase()) <= mostEdits
    ? best
    : undefined;
}

function editsBetween(from: string, to: string): number {
  // Row by row: `row[column]` is the edits between the letters of `from` so far and the first `column` of `to`.
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replace = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
