/** A restart record of two parties, for tests of where it goes: what is in it is nobody's business there. */

import { legKeyOf, RECORD_VERSION, type RestartRecord } from '../../src/call/restart-record.ts';

/** @param uuids of its legs; default none is known. */
export function aRecord(callId: string, uuids: readonly string[] = [], turn = 0): RestartRecord {
  return {
    version: RECORD_VERSION,
    callId,
    shownId: `shown-${callId}`,
    startedAt: '2026-01-01T00:00:00.000Z',
    turn,
    resumed: 0,
    plan: {
      kind: 'pair',
      languages: ['en', 'es'],
      mode: 'bidirectional',
      translating: true,
      policy: 'clause',
      original: 'duck',
      matchDelay: false,
      drafts: true,
      codeSwitching: false,
      voices: {},
      announce: true,
      joinTones: true,
      maxParties: 2,
    },
    parties: ['en', 'es'].map((language, index) => {
      const uuid = uuids[index];
      return {
        ...(uuid === undefined ? {} : { key: legKeyOf(uuid) }),
        id: 'ab'.charAt(index),
        name: language,
        language,
        hears: 'all' as const,
        muted: false,
        announced: true,
        utterances: 3,
      };
    }),
  };
}
