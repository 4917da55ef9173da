import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StateMachine } from '../../src/base/state-table.ts';
import { LEG_STATES, type LegEvent, type LegState } from '../../src/call/leg-states.ts';

const EVENTS: readonly LegEvent[] = [
  'identified',
  'reattached',
  'partner-joined',
  'partner-left',
  'interpreter-ready',
  'interpreter-lost',
  'suspended',
  'resumed',
  'hang-up',
  'failed',
  'closed',
];

/** Where each event of EVENTS leads from each state; a dash is not allowed. */
const ROWS: readonly (readonly [LegState, string])[] = [
  ['IDLE', 'RINGING REATTACHING - - - - - - DISCONNECTING ERROR DISCONNECTED'],
  ['RINGING', '- - CONNECTED RINGING - RINGING - - DISCONNECTING ERROR DISCONNECTED'],
  ['CONNECTED', '- - CONNECTED RINGING TRANSLATING CONNECTED SUSPENDED - DISCONNECTING ERROR DISCONNECTED'],
  [
    'TRANSLATING',
    '- - TRANSLATING RINGING TRANSLATING CONNECTED SUSPENDED - DISCONNECTING ERROR DISCONNECTED',
  ],
  ['SUSPENDED', '- - SUSPENDED RINGING SUSPENDED SUSPENDED - CONNECTED DISCONNECTING ERROR DISCONNECTED'],
  [
    'REATTACHING',
    '- - REATTACHING RINGING REATTACHING REATTACHING SUSPENDED CONNECTED DISCONNECTING ERROR DISCONNECTED',
  ],
  ['DISCONNECTING', '- - - - - - - - DISCONNECTING DISCONNECTING DISCONNECTED'],
  ['ERROR', '- - - - - - - - DISCONNECTING ERROR DISCONNECTED'],
  ['DISCONNECTED', '- - - - - - - - - - DISCONNECTED'],
];

describe('LEG_STATES', () => {
  for (const [from, row] of ROWS) {
    it(`leads from ${from} where the table says, and nowhere else`, () => {
      const targets = row.split(' ');
      for (const [index, event] of EVENTS.entries()) {
        const machine = new StateMachine(LEG_STATES, from);
        const target = targets[index];
        if (target === '-') {
          assert.throws(() => machine.handle(event), { code: 'illegal-transition' }, `${from} ${event}`);
        } else {
          machine.handle(event);
          assert.equal(machine.state, target, `${from} ${event}`);
        }
      }
    });
  }

  it('has no state but those', () => {
    assert.deepEqual(Object.keys(LEG_STATES).sort(), ROWS.map(([from]) => from).sort());
  });
});
