/** Which calls the list shows, and in which order. Pure, but for reading what calls say of themselves. */

import type { CallModel } from './call-model.ts';

export type SortKey = 'start' | 'languages' | 'lag' | 'waiting';

export interface SortOrder {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** The order after a click on the head of a column: the same one turns round, another begins with what matters. */
export function orderAfter(order: SortOrder, key: SortKey): SortOrder {
  return { key, descending: order.key === key ? !order.descending : key !== 'languages' };
}

/** The calls that have every word of `filter` in them: of an id, a name, a language, a state or a trouble. */
export function callsShown(
  calls: readonly CallModel[],
  filter: string,
  onlyTrouble: boolean,
  order: SortOrder,
): readonly CallModel[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = calls.filter(
    (call) =>
      (!onlyTrouble || call.trouble.value !== undefined) &&
      (words.length === 0 || hasAll(wordsOf(call), words)),
  );
  // What is equal stays in the order in which it began, whichever way the rest goes.
  return shown.toSorted((a, b) => (order.descending ? -1 : 1) * compare(a, b, order.key));
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

function wordsOf({ id, parties, trouble }: CallModel): string {
  const facts = parties.value.flatMap(({ facts: { value } }) => [value.name, value.language, value.state]);
  return [id, ...facts, trouble.value ?? ''].join(' ').toLowerCase();
}

function compare(a: CallModel, b: CallModel, key: SortKey): number {
  switch (key) {
    case 'start':
      return a.startedAtMs - b.startedAtMs;
    case 'languages':
      return a.languages.join().localeCompare(b.languages.join());
    // These change all the time: who sorts by them looks again now and then, and does not follow each.
    case 'lag':
      return (a.lagMs.peek() ?? -1) - (b.lagMs.peek() ?? -1);
    case 'waiting':
      return a.backlogMs.peek() - b.backlogMs.peek();
  }
}
