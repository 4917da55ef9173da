/** Events of a call as the console hears them: Anna speaks English, Bruno Spanish. */

import type { CallEvent, UtteranceReport } from '../../../../src/call/call-events.ts';
import type { PartyState } from '../../../../src/call/leg-states.ts';
import type { ShownCall } from '../../../../src/server/http/api/call-schemas.ts';

export function stateOf(party: 'a' | 'b', state: PartyState, atMs = 0): CallEvent {
  const [name, language] = party === 'a' ? ['Anna', 'en'] : ['Bruno', 'es'];
  return { type: 'party-state', atMs, party, name, language, state };
}

export function heard(utterance: number, piiText: string, final = true, atMs = 1_000): CallEvent {
  return { type: 'heard', atMs, party: 'a', utterance, final, piiText };
}

export function spoken(utterance: number, piiText: string, atMs = 2_000, language = 'es'): CallEvent {
  const stages = { mtMs: 60, ttsMs: 100, queueMs: 40 };
  return { type: 'spoken', atMs, party: 'a', utterance, language, piiText, stages };
}

/** An utterance of Anna from 500 to 1,500 ms, heard from 2,000 to 3,000 ms. */
export function reportOf(
  utterance: number,
  outcome: UtteranceReport['outcome'] = 'spoken',
  language = 'es',
): UtteranceReport {
  return {
    ...{ party: 'a', utterance, outcome, segments: 1, startOffsetMs: 1_500 },
    source: { language: 'en', piiText: 'Good morning.', startMs: 500, endMs: 1_500 },
    target: { language, piiText: 'Buenos días.', startMs: 2_000, endMs: 3_000 },
    stages: { endpointMs: 200, sttMs: 100, mtMs: 60, ttsMs: 100, playoutMs: 40, endToEndMs: 500 },
  };
}

export function utterance(...told: Parameters<typeof reportOf>): CallEvent {
  return { type: 'utterance', atMs: 3_000, report: reportOf(...told) };
}

/** As the server lists it. */
export function shownCall(call: string, more: Partial<ShownCall> = {}): ShownCall {
  return {
    ...{ call, state: 'running', version: 1, startedAt: '2026-01-01T00:00:00.000Z', durationMs: 60_000 },
    parties: (['a', 'b'] as const).map((party) => ({
      ...{ party, name: party === 'a' ? 'Anna' : 'Bruno', language: party === 'a' ? 'en' : 'es' },
      ...{ state: 'TRANSLATING', hears: 'all', muted: false, speaking: false, backlogMs: 0 },
    })),
    ...more,
  };
}
