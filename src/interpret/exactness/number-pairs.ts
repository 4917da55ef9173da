/**
 * Two numbers in words side by side, as years, times, prices and numbers of more digits are said: "nineteen
 * eighty-five", "two thirty", "one fifty", "four seventy-two".
 */

import type { Reading, Said } from './reading.ts';

/** `found` in `text`, two that stand by themselves side by side as one. */
export function withPairs(found: readonly Said[], text: string): readonly Said[] {
  const beside = (a: Said | undefined, b: Said | undefined): boolean =>
    a !== undefined && b !== undefined && /^[\s-]+$/u.test(text.slice(a.end, b.start));
  return found.flatMap((each, index) => {
    const [before, next] = [found[index - 1], found[index + 1]];
    if (beside(before, each) && !beside(each, next) && !beside(found[index - 2], before)) {
      return pairOf(before, each) === undefined ? [each] : [];
    }
    const alone = beside(each, next) && !beside(before, each) && !beside(next, found[index + 2]);
    return [(alone ? pairOf(each, next) : undefined) ?? each];
  });
}

function pairOf(one: Said | undefined, other: Said | undefined): Said | undefined {
  const [first, second] = [one?.readings[0], other?.readings[0]];
  if (
    one === undefined ||
    other === undefined ||
    first?.type !== 'number' ||
    second?.type !== 'number' ||
    !Number.isInteger(first.value) ||
    !Number.isInteger(second.value) ||
    first.value < 1 ||
    first.value > 99 ||
    second.value < 10 ||
    second.value > 99
  ) {
    return undefined;
  }
  const [high, low, { measure }] = [first.value, second.value, second];
  const time: Reading = { type: 'time', minutes: (high % 24) * 60 + low, half: undefined };
  return {
    ...{ start: one.start, end: other.end, firm: true, inDigits: false, loose: true },
    readings: [
      { type: 'number', value: high * 100 + low, measure },
      { type: 'number', value: high + low / 100, measure },
      ...(high <= 24 && low < 60 ? [time] : []),
    ],
  };
}
