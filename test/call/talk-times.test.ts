import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadAirMs, talkOverMs } from '../../src/call/talk-times.ts';

function spoken(party: string, startMs: number, endMs: number) {
  return { party, startMs, endMs };
}

describe('talkOverMs', () => {
  const table = [
    ['nobody', [], 0],
    ['one after the other', [spoken('a', 0, 1_000), spoken('b', 1_000, 2_000)], 0],
    ['one in the midst of the other', [spoken('a', 0, 1_000), spoken('b', 200, 500)], 300],
    [
      'one at the end of the other, told in another order',
      [spoken('b', 800, 2_000), spoken('a', 0, 1_000)],
      200,
    ],
    [
      'three at once, which is no more than two',
      [spoken('a', 0, 100), spoken('b', 0, 100), spoken('c', 50, 100)],
      100,
    ],
    ['one party alone, in stretches that touch', [spoken('a', 0, 600), spoken('a', 500, 900)], 0],
    [
      'twice',
      [spoken('a', 0, 1_000), spoken('b', 900, 1_200), spoken('a', 5_000, 6_000), spoken('b', 5_500, 5_700)],
      300,
    ],
  ] as const;
  for (const [what, stretches, expectedMs] of table) {
    it(`is ${expectedMs} ms of ${what}`, () => assert.equal(talkOverMs(stretches), expectedMs));
  }
});

describe('deadAirMs', () => {
  const at = (startMs: number, endMs: number) => ({ startMs, endMs });
  const table = [
    ['nothing', [], 0],
    ['what comes before the first word', [at(20_000, 21_000)], 0],
    ['a pause of 3 s', [at(0, 1_000), at(4_000, 5_000)], 0],
    ['a longer one', [at(0, 1_000), at(4_001, 5_000)], 3_001],
    ['one that a translation fills', [at(0, 1_000), at(6_000, 7_000), at(1_500, 5_500)], 0],
    ['what lies in something longer', [at(0, 10_000), at(1_000, 2_000), at(14_000, 15_000)], 4_000],
  ] as const;
  for (const [what, stretches, expectedMs] of table) {
    it(`is ${expectedMs} ms of ${what}`, () => assert.equal(deadAirMs(stretches), expectedMs));
  }
});
