import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { localTable, localVerdict } from './local-bench.ts';
import type { LocalRun } from './local-run.ts';

function run(calls: number, firstMs: number, framesMissing: number): LocalRun {
  return {
    calls,
    callSeconds: calls * 40,
    used: { ownMs: calls * 2_000, treeMs: calls * 16_000 },
    othersPercent: 3,
    startMs: [firstMs, firstMs, firstMs + 2_000],
    utterances: calls * 5,
    framesSent: 10_000,
    framesMissing,
    lost: 0,
  };
}

describe('what calls cost on the engines of this machine', () => {
  it('is told by call and by core', () => {
    const rows = localTable([run(1, 2_400, 0), run(2, 2_500, 5)]).split('\n');
    assert.match(rows[0] ?? '', /1 call +2 calls$/);
    const row = (name: string): string => rows.find((each) => each.startsWith(name)) ?? '';
    assert.match(row('processor time of a second'), / 0\.400 +0\.400$/);
    assert.match(row('  of it the server'), / 0\.050 +0\.050$/);
    assert.match(row('calls a core'), / 2\.5 +2\.5$/);
    assert.match(row('first translated sound'), / 2,400 +2,500$/);
    assert.match(row('frames missing'), / 0\.00 +0\.05$/);
  });

  it('says how many hold before the first sound is twice as late, or frames are missing', () => {
    assert.match(
      localVerdict([run(1, 2_400, 0), run(2, 4_700, 0), run(4, 4_900, 0)]),
      /: with 2, not with 4$/,
    );
    assert.match(localVerdict([run(1, 2_400, 0), run(2, 2_400, 11)]), /: with 1, not with 2$/);
    assert.match(localVerdict([run(1, 2_400, 0), run(2, 2_400, 0)]), /: with 2, more were not tried$/);
    assert.match(localVerdict([run(1, 2_400, 500)]), /: with none of these, not with 1$/);
  });
});
