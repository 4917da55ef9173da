/** A server that does nothing: the test sets what it would say of itself and fires the events of its calls. */

import type { CallEvent, UtteranceReport } from '../../../src/call/call-events.ts';
import type { CallView, ServerStats, ServerView } from '../../../src/server/server-stats.ts';

export class FakeServerView implements ServerView {
  /** What {@link stats} returns. */
  current: ServerStats = EMPTY_STATS;
  /** What {@link calls} returns. */
  running: readonly CallView[] = [];
  readonly #listeners = new Set<(callId: string, event: CallEvent) => void>();

  /** How many watch at the moment. */
  get watchers(): number {
    return this.#listeners.size;
  }

  stats(): ServerStats {
    return this.current;
  }

  calls(): readonly CallView[] {
    return this.running;
  }

  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  fire(callId: string, event: CallEvent): void {
    for (const listener of [...this.#listeners]) {
      listener(callId, event);
    }
  }
}

/** A server that has just started. */
export const EMPTY_STATS: ServerStats = {
  draining: false,
  legsActive: 0,
  callsActive: 0,
  legsByState: new Map(),
  maxLegs: 200,
  connectionsAccepted: 0,
  connectionsRefused: new Map(),
  legsEnded: new Map(),
  framesIn: 0,
  framesOut: 0,
  audioBytesIn: 0,
  audioBytesOut: 0,
  framesForgiven: 0,
  framesMissing: 0,
  longestBacklogMs: 1_500,
  cues: 2,
  interruptions: 1,
  dropped: new Map(),
  dtmfKeys: 0,
  mediaThreads: 2,
  mediaRestarts: 0,
  utterances: new Map(),
  wordsTranslated: 0,
  noted: new Map(),
  errors: new Map(),
  interpreterRecoveries: new Map(),
  illegalTransitions: 0,
};

export function callOf(callId: string): CallView {
  return {
    callId,
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    legs: [
      { leg: 0, language: 'en', state: 'TRANSLATING' },
      { leg: 1, language: 'es', state: 'TRANSLATING' },
    ],
  };
}

export function spoken(
  utterance: number,
  piiText = `text ${utterance}`,
): Extract<CallEvent, { readonly type: 'spoken' }> {
  return { type: 'spoken', atMs: utterance, leg: 0, utterance, piiText };
}

export function heard(leg: number, utterance: number, piiText: string, final = false): CallEvent {
  return { type: 'heard', atMs: utterance, leg, utterance, final, piiText };
}

export function utteranceOf(outcome: UtteranceReport['outcome'], from = 'en', to = 'es'): CallEvent {
  return {
    type: 'utterance',
    atMs: 3_000,
    report: {
      leg: 0,
      utterance: 1,
      outcome,
      source: { language: from, piiText: 'hello', startMs: 0, endMs: 1_000 },
      target: { language: to, piiText: 'hola', startMs: 1_700, endMs: 2_500 },
      segments: 1,
      startOffsetMs: 1_700,
      stages: { endpointMs: 300, sttMs: 150, mtMs: 3, ttsMs: 120, endToEndMs: 573 },
    },
  };
}

export const ENDED: CallEvent = { type: 'ended', atMs: 9_000 };
