import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  callsShown,
  orderAfter,
  type SortOrder,
} from '../../../../src/server/console/page/state/call-list.ts';
import { ConsoleModel } from '../../../../src/server/console/page/state/console-model.ts';
import { shownCall, utterance } from './told-calls.ts';

const NEWEST_FIRST: SortOrder = { key: 'start', descending: true };

/** Three calls: `old`, `mid`, `new`; the one in the middle is late, in Basque, and somebody in it is on hold. */
function someCalls(): ConsoleModel {
  const model = new ConsoleModel();
  const [a, b] = shownCall('').parties;
  assert.ok(a !== undefined && b !== undefined);
  const parties = [a, { ...b, name: 'Carmen', language: 'eu', state: 'SUSPENDED' as const }];
  model.list(
    [
      shownCall('old', { durationMs: 90_000 }),
      shownCall('mid', { durationMs: 60_000, parties }),
      shownCall('new', { durationMs: 30_000 }),
    ],
    100_000,
  );
  model.hear('mid', { ...utterance(1), at: '2026-01-01T00:00:00.000Z' }, 100_000);
  return model;
}

function shown(filter: string, onlyTrouble = false, order = NEWEST_FIRST): string {
  return callsShown(someCalls().calls.value, filter, onlyTrouble, order)
    .map(({ id }) => id)
    .join(' ');
}

describe('the list of calls', () => {
  it('goes by start, lag and languages, either way', () => {
    assert.equal(shown(''), 'new mid old');
    assert.equal(shown('', false, { key: 'start', descending: false }), 'old mid new');
    assert.equal(shown('', false, { key: 'lag', descending: true }), 'mid old new');
    assert.equal(shown('', false, { key: 'languages', descending: false }), 'old new mid');
    assert.equal(shown('', false, { key: 'waiting', descending: true }), 'old mid new');
  });

  it('has the calls with every word of the filter', () => {
    assert.equal(shown('anna'), 'new mid old');
    assert.equal(shown(' ANNA  carm '), 'mid');
    assert.equal(shown('hold'), 'mid');
    assert.equal(shown('anna nobody'), '');
  });

  it('has the troubled calls alone, if asked', () => {
    assert.equal(shown('', true), 'mid');
  });

  it('turns round at a second click, and begins with the most', () => {
    assert.deepEqual(orderAfter(NEWEST_FIRST, 'start'), { key: 'start', descending: false });
    assert.deepEqual(orderAfter(NEWEST_FIRST, 'lag'), { key: 'lag', descending: true });
    assert.deepEqual(orderAfter(NEWEST_FIRST, 'languages'), { key: 'languages', descending: false });
  });
});
