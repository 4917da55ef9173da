/**
 * The life of a phone that Asterisk keeps for us as a table.
 *
 *   OPENING ─► OPEN ⇄ REPLACING ─► ENDING ─► ENDED
 *
 * OPENING: its bridge and its media channel are being made. OPEN: it hears its leg. REPLACING: its leg is gone and
 * another is being fetched into the same bridge. ENDING: what is ours in Asterisk is being removed. It can end in any
 * state.
 */

import type { StateTable } from '../../../base/state-table.ts';

export type AriPartyState = 'OPENING' | 'OPEN' | 'REPLACING' | 'ENDING' | 'ENDED';

export type AriPartyEvent = 'opened' | 'leg-lost' | 'ends' | 'removed';

export const ARI_PARTY_STATES: StateTable<AriPartyState, AriPartyEvent> = {
  OPENING: { opened: 'OPEN', ends: 'ENDING' },
  OPEN: { 'leg-lost': 'REPLACING', ends: 'ENDING' },
  REPLACING: { opened: 'OPEN', ends: 'ENDING' },
  ENDING: { removed: 'ENDED' },
  ENDED: {},
};
