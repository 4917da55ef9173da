/** How many words must be put in, left out or exchanged to make what was said of what was heard. Pure. */
export function wordErrors(said: readonly string[], heard: readonly string[]): number {
  // Row by row: `row[n]` is what it takes for the words said so far and the first n that were heard.
  let row = Array.from({ length: heard.length + 1 }, (_, n) => n);
  for (const [index, word] of said.entries()) {
    const next = [index + 1];
    for (const [n, other] of heard.entries()) {
      const exchanged = (row[n] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[n + 1] ?? 0) + 1, (next[n] ?? 0) + 1));
    }
    row = next;
  }
  return row[heard.length] ?? 0;
}
