import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChaosCallFacts, HeardFact } from './chaos-messages.ts';
import { missesOf, pacingMovedMs } from './chaos-report.ts';
import type { Fault, Target } from './fault.ts';
import { type RowFacts, rowFacts } from './row-facts.ts';

/** A caller who says a word each half second from 2 s on, and a listener who hears a frame each 20 ms for 20 s. */
function call(
  translated: readonly HeardFact[],
  silentFrom = Number.POSITIVE_INFINITY,
  silentTo = 0,
): ChaosCallFacts {
  const heardMs = Float64Array.from({ length: 1_000 }, (_, frame) => frame * 20);
  return {
    said: Array.from({ length: 20 }, (_, id) => ({ id, startMs: 2_000 + id * 500, endMs: 2_400 + id * 500 })),
    translated,
    original: [{ id: 12, atMs: 8_500 }],
    heardMs,
    loud: Uint8Array.from(heardMs, (atMs) => (atMs >= silentFrom && atMs < silentTo ? 0 : 1)),
    callerHeardMs: heardMs,
    lost: [],
  };
}

/** Every word a second after its end. */
const ALL = call([]).said.map(({ id, endMs }) => ({ id, atMs: endMs + 1_000 }));
const TIMES = { injectedMs: 7_000, healedMs: 9_000 };

describe('the facts of a row', () => {
  it('are good where every word was heard once, in time', () => {
    const facts = rowFacts([call(ALL)], TIMES);
    assert.deepEqual(
      { ...facts, dropped: facts.dropped.length },
      {
        words: 20,
        deadAirBeforeMs: 20,
        deadAirMs: 20,
        frameGapMs: 20,
        untranslated: 0,
        asSpoken: 0,
        missedMs: [[]],
        twice: 0,
        strange: 0,
        lagBeforeMs: 1_000,
        lagMs: 1_000,
        recoveredMs: 0,
        translatedAgainMs: 0,
        dropped: 0,
        pacingBeforeMs: 0,
        pacingMs: 0,
      },
    );
  });

  it('tell words that were lost, heard as spoken, heard twice and heard late', () => {
    const heard = [
      ...ALL.filter(({ id }) => id !== 12 && id !== 13 && id !== 15),
      { id: 3, atMs: 9_000 },
      { id: 15, atMs: 15_000 },
    ];
    const facts = rowFacts([call(heard)], TIMES);
    assert.deepEqual([facts.untranslated, facts.asSpoken, facts.twice], [2, 1, 1]);
    assert.equal(facts.lagMs, 15_000 - 9_900);
    assert.equal(facts.recoveredMs, 900, 'the late word ended 0.9 s after the fault');
    assert.equal(facts.translatedAgainMs, 2_900, 'and the fault had lasted for 2 s');
  });

  it('tell words that belong to another call', () => {
    const other: ChaosCallFacts = {
      ...call([{ id: 3, atMs: 9_000 }]),
      said: [{ id: 99, startMs: 2_000, endMs: 2_400 }],
    };
    assert.equal(rowFacts([call(ALL), other], TIMES).strange, 2);
  });

  it('count silence only while the other speaks, and before the fault for itself', () => {
    const before = rowFacts([call(ALL, 3_000, 4_000)], TIMES);
    assert.deepEqual([before.deadAirBeforeMs, before.deadAirMs], [1_020, 20]);
    const since = rowFacts([call(ALL, 11_000, 20_000)], TIMES);
    assert.deepEqual([since.deadAirBeforeMs, since.deadAirMs], [20, 900 + 20], 'speech ends at 11.9 s');
    assert.equal(rowFacts([call(ALL, 12_000, 20_000)], TIMES).deadAirMs, 20);
  });

  it('tell frames that did not come, and uneven ones', () => {
    const facts = call(ALL);
    const heardMs = facts.heardMs.filter((atMs) => atMs < 8_000 || atMs > 8_500);
    const uneven = facts.callerHeardMs.map((atMs, frame) =>
      atMs > 7_000 && frame % 2 === 0 ? atMs + 6 : atMs,
    );
    const row = rowFacts([{ ...facts, heardMs, callerHeardMs: uneven }], TIMES);
    assert.deepEqual([row.frameGapMs, row.pacingBeforeMs, row.pacingMs], [540, 0, 6]);
  });
});

describe('a row', () => {
  const good = rowFacts([call(ALL)], TIMES);
  const cases: readonly {
    what: string;
    target: Target;
    facts?: Partial<RowFacts>;
    misses: readonly string[];
  }[] = [
    { what: 'all is well', target: { words: 'none-lost', deadAirMs: 0 }, misses: [] },
    {
      what: 'a word is not translated',
      target: { words: 'none-lost' },
      facts: { untranslated: 2, asSpoken: 1 },
      misses: ['2 lost'],
    },
    {
      what: 'a word is heard in no way',
      target: { words: 'none-unheard' },
      facts: { untranslated: 2, asSpoken: 1 },
      misses: ['1 lost'],
    },
    {
      what: 'words may be lost, and none be said twice',
      target: { words: 'some-lost' },
      facts: { untranslated: 2, twice: 1 },
      misses: ['1 twice'],
    },
    {
      what: 'silence is longer than it was and than it may be',
      target: { words: 'none-lost', deadAirMs: 1_500 },
      facts: { deadAirBeforeMs: 1_700, deadAirMs: 1_801 },
      misses: ['dead air'],
    },
    {
      what: 'silence is no longer than it was',
      target: { words: 'none-lost', deadAirMs: 1_500 },
      facts: { deadAirBeforeMs: 1_700, deadAirMs: 1_799 },
      misses: [],
    },
    {
      what: 'frames and pacing are worse',
      target: { words: 'none-lost', frameGapMs: 200, pacingWorseMs: 2 },
      facts: { frameGapMs: 201, pacingMs: 2.1 },
      misses: ['no frames', 'pacing'],
    },
    {
      what: 'pacing is worse on a machine that was too busy before to tell',
      target: { words: 'none-lost', pacingWorseMs: 2 },
      facts: { pacingBeforeMs: 6, pacingMs: 20 },
      misses: [],
    },
    {
      what: 'no more words are lost than the fault itself made others of',
      target: { words: 'none-lost', spoilt: 1 },
      facts: { untranslated: 1 },
      misses: [],
    },
    {
      what: 'more words are lost than the fault itself made others of',
      target: { words: 'none-lost', spoilt: 1 },
      facts: { untranslated: 2 },
      misses: ['2 lost'],
    },
    {
      what: 'a leg was dropped',
      target: { words: 'some-lost' },
      facts: { dropped: ['call 0: short-write'] },
      misses: ['1 legs dropped'],
    },
    {
      what: 'nothing was said',
      target: { words: 'none-lost' },
      facts: { words: 0 },
      misses: ['nothing was said'],
    },
    { what: 'memory grew', target: { words: 'none-lost', growth: { RSS: 1 } }, misses: ['RSS grew'] },
    {
      what: 'what may not grow was not measured',
      target: { words: 'none-lost', growth: { x: 1 } },
      misses: ['x grew'],
    },
  ];
  for (const { what, target, facts, misses } of cases) {
    it(`${misses.length === 0 ? 'reaches' : 'misses'} its target when ${what}`, () => {
      const fault: Fault = {
        name: 'x',
        what: 'x',
        engines: 'one',
        inject: async () => undefined,
        holdMs: 0,
        target,
      };
      const row = {
        fault,
        facts: { ...good, ...facts },
        extra: { RSS: 2 },
        death: undefined,
        logged: {},
        counted: {},
      };
      assert.deepEqual(missesOf(row), misses);
    });
  }

  it('misses its target when the server died', () => {
    const fault: Fault = {
      name: 'x',
      what: 'x',
      engines: 'one',
      inject: async () => undefined,
      holdMs: 0,
      target: { words: 'some-lost' },
    };
    assert.deepEqual(missesOf({ fault, facts: good, extra: {}, death: 'SIGSEGV', logged: {}, counted: {} }), [
      'the server died: SIGSEGV',
    ]);
  });

  it('is not blamed for frames that are as uneven where nothing is broken', () => {
    const target = { words: 'none-lost', pacingWorseMs: 2 } as const;
    const fault: Fault = {
      ...{ name: 'x', what: 'x', engines: 'one', holdMs: 0, target },
      inject: async () => undefined,
    };
    const rowOf = (facts: Partial<RowFacts>) => ({
      ...{ fault, facts: { ...good, ...facts }, extra: {}, death: undefined, logged: {}, counted: {} },
    });
    const nothing = rowOf({ pacingBeforeMs: 3, pacingMs: 9 });
    const moved = (pacingMs: number) => pacingMovedMs(rowOf({ pacingBeforeMs: 2, pacingMs }), nothing);
    assert.deepEqual([moved(10), moved(11)], [2, 3]);
    assert.deepEqual(missesOf(rowOf({ pacingBeforeMs: 2, pacingMs: 10 }), nothing), []);
    assert.deepEqual(missesOf(rowOf({ pacingBeforeMs: 2, pacingMs: 11 }), nothing), ['pacing']);
    const even = rowOf({ pacingBeforeMs: 3, pacingMs: 1 });
    assert.equal(pacingMovedMs(rowOf({ pacingBeforeMs: 2, pacingMs: 4 }), even), 2);
    const uneven = rowOf({ pacingBeforeMs: 6, pacingMs: 6 });
    assert.equal(pacingMovedMs(rowOf({ pacingBeforeMs: 2, pacingMs: 9 }), uneven), undefined);
  });
});
