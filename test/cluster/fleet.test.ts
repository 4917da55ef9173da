/**
 * Fleets with everything that may go wrong in them at once: calls are at one node each when it is over, no leg waits, and all
 * nodes know the same. `npm run bench -- cluster` has the large one.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FleetOptions, NO_FAULTS, SimFleet } from './sim-fleet.ts';

const SMALL = {
  nodes: 5,
  calls: 200,
  spanMs: 40_000,
  callMs: [5_000, 90_000],
  dialling: 'inherited',
  placement: 'first',
  faults: NO_FAULTS,
} as const satisfies Omit<FleetOptions, 'seed'>;

const SEEDS = [1, 2, 3, 4, 5];

const CASES: readonly (readonly [what: string, options: Partial<FleetOptions>])[] = [
  ['nothing goes wrong', {}],
  ['legs come to any node', { dialling: 'anywhere' }],
  ['calls are spread by their ids', { dialling: 'anywhere', placement: 'hash' }],
  ['nodes are killed', { faults: { ...NO_FAULTS, kills: 4, joins: 2 } }],
  [
    'nodes are killed, and legs come to any node',
    { dialling: 'anywhere', faults: { ...NO_FAULTS, kills: 4 } },
  ],
  ['nodes stand still', { faults: { ...NO_FAULTS, freezes: 3 } }],
  ['nodes are replaced, one after the other', { faults: { ...NO_FAULTS, drains: 5, joins: 1 } }],
  ['the broker is slow and loses messages', { dialling: 'anywhere', faults: { ...NO_FAULTS, slow: 4 } }],
  ['the broker is away', { dialling: 'anywhere', faults: { ...NO_FAULTS, away: 3 } }],
  ['the broker is late to some nodes', { dialling: 'anywhere', faults: { ...NO_FAULTS, late: 4 } }],
  ['the broker stands still', { dialling: 'anywhere', faults: { ...NO_FAULTS, stands: 4 } }],
  ['some nodes die and come back at once', { faults: { ...NO_FAULTS, waves: 3 } }],
  ['the broker is split', { dialling: 'anywhere', faults: { ...NO_FAULTS, splits: 3 } }],
];

describe('a fleet', () => {
  for (const [what, options] of CASES) {
    it(`has each call at one node, and no leg that waits, where ${what}`, () => {
      for (const seed of SEEDS) {
        const fleet = run({ ...SMALL, ...options, seed });
        assert.equal(fleet.told.cutOff, 0, `seed ${seed}: calls were cut off`);
      }
    });
  }

  it('comes right after all of it at once', () => {
    const faults = {
      kills: 3,
      freezes: 2,
      drains: 2,
      joins: 2,
      splits: 2,
      slow: 2,
      away: 2,
      late: 2,
      waves: 1,
      stands: 1,
    };
    for (const seed of SEEDS) {
      run({ ...SMALL, dialling: 'anywhere', faults, seed });
    }
  });

  it('has no call at two nodes, not even for a while, where the broker stands still as nodes are replaced', () => {
    for (const seed of SEEDS) {
      const { told, outagesMs } = run({ ...SMALL, faults: { ...NO_FAULTS, drains: 4, stands: 4 }, seed });
      assert.equal(told.yielded, 0, `seed ${seed}`);
      assert.ok(
        Math.max(0, ...outagesMs) < 1_000,
        `seed ${seed}: a leg waited for ${Math.max(...outagesMs)} ms`,
      );
    }
  });

  it('passes no leg on where both legs of a call dial one node, and nothing goes wrong', () => {
    const { told } = run({ ...SMALL, seed: 1 });
    assert.equal(told.passedOn, 0);
    assert.equal(told.placed, 400);
  });
});

function run(options: FleetOptions): SimFleet {
  const fleet = new SimFleet(options);
  fleet.run();
  assert.ok(fleet.calls.some(({ over }) => !over) && fleet.calls.some(({ over }) => over));
  assert.deepEqual(fleet.problems().slice(0, 5), [], `seed ${options.seed}`);
  return fleet;
}
