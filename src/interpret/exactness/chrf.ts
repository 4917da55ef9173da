/**
 * chrF2 of a corpus: how many of the character 1- to 6-grams of translations and references are shared, recall
 * weighing twice as much as precision (Popović, 2015), spaces left out, as sacreBLEU computes it by default.
 */

const LONGEST = 6;
const BETA = 2;

/** 0 to 100. @param pairs each a translation and its reference. */
export function chrf(pairs: readonly (readonly [translation: string, reference: string])[]): number {
  let sum = 0;
  let orders = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    let shared = 0;
    let translated = 0;
    let referenced = 0;
    for (const [translation, reference] of pairs) {
      const [ours, theirs] = [gramsOf(translation, length), gramsOf(reference, length)];
      translated += total(ours);
      referenced += total(theirs);
      for (const [gram, count] of ours) {
        shared += Math.min(count, theirs.get(gram) ?? 0);
      }
    }
    if (translated > 0 && referenced > 0) {
      orders += 1;
      sum += score(shared / translated, shared / referenced);
    }
  }
  return orders === 0 ? 0 : (100 * sum) / orders;
}

function score(precision: number, recall: number): number {
  const weighed = BETA ** 2 * precision + recall;
  return weighed === 0 ? 0 : ((1 + BETA ** 2) * precision * recall) / weighed;
}

function gramsOf(text: string, length: number): ReadonlyMap<string, number> {
  const characters = [...text.replace(/\s+/gu, '')];
  const grams = new Map<string, number>();
  for (let at = 0; at + length <= characters.length; at += 1) {
    const gram = characters.slice(at, at + length).join('');
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function total(grams: ReadonlyMap<string, number>): number {
  return [...grams.values()].reduce((sum, count) => sum + count, 0);
}
