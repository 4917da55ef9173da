/**
 * The life of a leg as a table.
 *
 *   IDLE ─► RINGING ⇄ CONNECTED ⇄ TRANSLATING ─► DISCONNECTING ─► DISCONNECTED
 *     │                 ▲   ⇅            │
 *     └─► REATTACHING ──┘ SUSPENDED ◄────┘
 *
 * IDLE: connected, has not said which party of which call it is. RINGING: waits, alone in its call. CONNECTED: hears
 * the others' own voices. TRANSLATING: what it says is interpreted. SUSPENDED: it is connected and its party is on
 * hold, for as long as that takes. REATTACHING: it has come to the place of a party that had another leg before, and
 * nothing was heard of it yet. ERROR: something of ours or theirs broke; it only leads out. A leg can be hung up, and
 * can vanish, in any state.
 *
 * DETACHED is the one state that no leg has: that of a party whose leg is lost and whose place is kept.
 */

import type { StateTable } from '../base/state-table.ts';

const LEG_STATE_NAMES = [
  'IDLE',
  'RINGING',
  'CONNECTED',
  'TRANSLATING',
  'SUSPENDED',
  'REATTACHING',
  'DISCONNECTING',
  'DISCONNECTED',
  'ERROR',
] as const;

export type LegState = (typeof LEG_STATE_NAMES)[number];

/** The states that a party shows: its leg's, or that it has none. */
export const PARTY_STATE_NAMES = [...LEG_STATE_NAMES, 'DETACHED'] as const;

export type PartyState = (typeof PARTY_STATE_NAMES)[number];

export type LegEvent =
  | 'identified' // its UUID is known and accepted
  | 'reattached' // the same, and its party had another leg before
  | 'partner-joined' // it is not alone, or no longer
  | 'partner-left' // it is alone again
  | 'interpreter-ready' // what it says is being translated
  | 'interpreter-lost' // back to its own voice until there is another
  | 'suspended' // its party is on hold
  | 'resumed' // its party is back: it is heard
  | 'hang-up' // we end it
  | 'failed' // what it sent is refused, or we broke
  | 'closed'; // its connection is gone

export const LEG_STATES: StateTable<LegState, LegEvent> = {
  IDLE: {
    identified: 'RINGING',
    reattached: 'REATTACHING',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  RINGING: {
    'partner-joined': 'CONNECTED',
    'partner-left': 'RINGING',
    'interpreter-lost': 'RINGING',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  CONNECTED: {
    'partner-joined': 'CONNECTED',
    'partner-left': 'RINGING',
    'interpreter-ready': 'TRANSLATING',
    'interpreter-lost': 'CONNECTED',
    suspended: 'SUSPENDED',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  TRANSLATING: {
    'partner-joined': 'TRANSLATING',
    'partner-left': 'RINGING',
    'interpreter-ready': 'TRANSLATING',
    'interpreter-lost': 'CONNECTED',
    suspended: 'SUSPENDED',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  SUSPENDED: {
    'partner-joined': 'SUSPENDED',
    'partner-left': 'RINGING',
    'interpreter-ready': 'SUSPENDED',
    'interpreter-lost': 'SUSPENDED',
    resumed: 'CONNECTED',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  REATTACHING: {
    'partner-joined': 'REATTACHING',
    'partner-left': 'RINGING',
    'interpreter-ready': 'REATTACHING',
    'interpreter-lost': 'REATTACHING',
    suspended: 'SUSPENDED',
    resumed: 'CONNECTED',
    'hang-up': 'DISCONNECTING',
    failed: 'ERROR',
    closed: 'DISCONNECTED',
  },
  DISCONNECTING: { 'hang-up': 'DISCONNECTING', failed: 'DISCONNECTING', closed: 'DISCONNECTED' },
  ERROR: { 'hang-up': 'DISCONNECTING', failed: 'ERROR', closed: 'DISCONNECTED' },
  DISCONNECTED: { closed: 'DISCONNECTED' },
};
