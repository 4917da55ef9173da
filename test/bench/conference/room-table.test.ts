import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capacityLine } from './calls-bench.ts';
import type { RoomCounts, Tally } from './room-counts.ts';
import type { RoomRun } from './room-run.ts';
import { COST_ROWS, COUNT_ROWS, doubtsOf, failuresOf, roomTable, wrongCounts } from './room-table.ts';

const TALLY: Tally = { asked: 20, wanted: 20, counted: 20, missing: [], repeated: 0, again: 0, strange: 0 };

const COUNTS: RoomCounts = {
  clauses: 10,
  streamsWanted: 3,
  streamsOpened: 3,
  streamsIdle: 0,
  brokenSounds: 0,
  translations: TALLY,
  syntheses: TALLY,
  overlaps: 0,
};

function run(counts: Partial<RoomCounts> = {}, rooms = 1, pacingP99Ms = 2): RoomRun {
  const spread = { count: 100, min: 0, p50: 1, p99: pacingP99Ms, max: 9 };
  return {
    script: { rooms, languages: ['en', 'es', 'fr'], seconds: 30, seed: 1, renderedLength: 1 },
    drafts: false,
    counts: { ...COUNTS, ...counts },
    wire: {
      legs: 3,
      lostLegs: [],
      pacingErrorMs: spread,
      framesExpected: 100,
      framesMissing: 0,
      sendLatenessMs: spread,
    },
    serverPercent: 30,
    vendorsPercent: 5,
    phonesPercent: 5,
    othersPercent: 0,
    idleBytes: 100e6,
    residentBytes: 130e6,
    peakBytes: 140e6,
    toSpeechMs: [1],
    serverDeath: undefined,
  };
}

describe('the verdict on the counts of a conference', () => {
  it('has nothing against a run in which all was asked for once', () => {
    assert.deepEqual(wrongCounts(run(), 'x'), []);
    assert.deepEqual(failuresOf(run(), 'x'), []);
  });

  it('is against streams that are too many, too few, or for nothing', () => {
    for (const counts of [{ streamsOpened: 4 }, { streamsOpened: 2 }, { streamsIdle: 1 }]) {
      assert.equal(wrongCounts(run(counts), 'x').length, 1);
    }
  });

  it('is against what was asked for twice, in a wrong language, or not at all', () => {
    for (const wrong of [{ repeated: 1 }, { strange: 1 }, { missing: ['es kababa'] }]) {
      assert.equal(wrongCounts(run({ translations: { ...TALLY, ...wrong } }), 'x').length, 1);
      assert.equal(wrongCounts(run({ syntheses: { ...TALLY, ...wrong } }), 'x').length, 1);
    }
  });

  it('forgives what is missing where the machine lost sound, and repetitions where the server works ahead', () => {
    const missing = { translations: { ...TALLY, missing: ['es kababa'] } };
    assert.deepEqual(wrongCounts(run({ ...missing, brokenSounds: 1 }), 'x'), []);
    const repeated = run({ translations: { ...TALLY, repeated: 2 } });
    assert.deepEqual(wrongCounts({ ...repeated, drafts: true }, 'x'), []);
  });

  it('is against lost legs and a dead server', () => {
    const lost = run();
    const wire = { ...lost.wire, lostLegs: [{ leg: 0, because: 'hung-up' }] };
    assert.equal(failuresOf({ ...lost, wire, serverDeath: 'code 1' }, 'x').length, 2);
  });
});

describe('the doubts about the pacing of a run', () => {
  it('are none on a machine that is free for it', () => {
    assert.deepEqual(doubtsOf(run(), 'x'), []);
  });

  it('are that others use the machine, and that telephones are late themselves', () => {
    assert.equal(doubtsOf({ ...run(), othersPercent: 40 }, 'x').length, 1);
    assert.equal(doubtsOf(run({}, 1, 8), 'x').length, 1);
    assert.equal(doubtsOf({ ...run({}, 1, 8), othersPercent: 40 }, 'x').length, 2);
  });
});

describe('the table of a conference', () => {
  it('marks what misses its target and leaves the rest alone', () => {
    const text = roomTable(
      [...COUNT_ROWS, ...COST_ROWS],
      [run(), run({ streamsOpened: 5 }, 1, 7)],
      () => 'run',
    );
    const line = (start: string) => text.split('\n').find((each) => each.startsWith(start)) ?? '';
    assert.match(line('STT streams opened'), /3 +5 +<= 3 +NO$/);
    assert.match(line('  p99'), /2\.00 +7\.00 +<= 5 +NO$/);
    assert.match(line('legs lost'), /yes$/);
    assert.match(line('server CPU'), /30\.0 +30\.0$/);
  });
});

describe('a target that only some runs have', () => {
  it('is held against these alone', () => {
    const row = {
      measure: 'cores',
      of: ({ serverPercent }: RoomRun) => serverPercent,
      digits: 0,
      target: ({ script }: RoomRun) => (script.rooms === 100 ? 10 : undefined),
    };
    assert.match(
      roomTable([row], [run({}, 50)], () => 'run'),
      /cores +30$/,
    );
    assert.match(
      roomTable([row], [run({}, 50), run({}, 100)], () => 'run'),
      /<= 10 +NO$/,
    );
    const cheap = { ...run({}, 100), serverPercent: 9 };
    assert.match(
      roomTable([row], [run({}, 50), cheap], () => 'run'),
      /<= 10 +yes$/,
    );
  });
});

describe('the capacity for calls', () => {
  it('is the most with which all smaller runs were paced, too', () => {
    const runs = [run({}, 50, 4), run({}, 10, 1), run({}, 75, 9), run({}, 100, 3)];
    assert.equal(capacityLine(runs), 'pacing p99 <= 5 ms with 50 calls (130 MB), not with 75');
    assert.match(capacityLine([run({}, 10, 1)]), /with 10 calls .* more were not tried/);
    assert.match(capacityLine([run({}, 10, 8)]), /with 0 calls/);
  });
});
