/**
 * What is kept of a call that runs or has ended: who took part, and its latest events, so that who opens it late still
 * sees how it began, and it can be told again after its end.
 */

import { shownIdOf } from '../../../call/seating/registered-calls.ts';
import type { CallView, PartyView } from '../../server-view.ts';
import type { EventListener } from './event-log.ts';
import { LatestUtterances, type UtterancesFared } from './latest-utterances.ts';
import type { LoggedEvent } from './logged-event.ts';

/** Events kept of one call; older ones are dropped. */
const MOST_EVENTS = 400;

export class CallRecord {
  /** What the call is called where it is shown; see {@link shownIdOf}. */
  readonly id: string;
  readonly callId: string;
  readonly startedAt: Date;
  readonly followers = new Set<EventListener>();
  /** The number of the latest event that is kept no more; 0 while all are. */
  droppedUntil = 0;
  readonly #events: LoggedEvent[] = [];
  readonly #utterances = new LatestUtterances();
  readonly #parties = new Map<string, PartyView>();
  #plan: CallView['plan'] | undefined;
  #version = 0;
  #end: { readonly at: Date; readonly durationMs: number } | undefined;

  constructor(callId: string, view: CallView | undefined, now: Date) {
    this.callId = callId;
    this.id = view?.shownId ?? shownIdOf(callId);
    this.startedAt = view?.startedAt ?? now;
    this.see(view);
  }

  /** Oldest first. */
  get events(): readonly LoggedEvent[] {
    return this.#events;
  }

  /** Everybody who took part, as they were last, in the order in which they joined. */
  get parties(): readonly PartyView[] {
    return [...this.#parties.values()];
  }

  /** How the latest utterances fared; undefined before there was one. */
  get fared(): UtterancesFared | undefined {
    return this.#utterances.fared;
  }

  /** As it was last; undefined for a call that was over before anybody looked. */
  get plan(): CallView['plan'] | undefined {
    return this.#plan;
  }

  /** As it was last. */
  get version(): number {
    return this.#version;
  }

  /** Undefined while it runs. */
  get end(): { readonly at: Date; readonly durationMs: number } | undefined {
    return this.#end;
  }

  /** Takes in how the call is now. */
  see(view: CallView | undefined): void {
    if (view !== undefined) {
      this.#plan = view.plan;
      this.#version = view.version;
      for (const party of view.parties) {
        this.#parties.set(party.party, party);
      }
    }
  }

  /** Takes in what an event says of a party, which may have left. */
  partyIs(party: string, known: Pick<PartyView, 'state'>): void {
    const before = this.#parties.get(party);
    if (before !== undefined) {
      this.#parties.set(party, { ...before, ...known });
    }
  }

  ends(at: Date, durationMs: number): void {
    this.#end = { at, durationMs };
  }

  keep(logged: LoggedEvent): void {
    const { event } = logged;
    if (event.type === 'utterance') {
      this.#utterances.add(event.report);
    }
    if (event.type === 'heard') {
      // Each hearing of an utterance replaces the one before, so only the newest is worth keeping.
      const before = this.#events.findLastIndex(
        ({ event: each }) =>
          each.type === 'heard' && each.party === event.party && each.utterance === event.utterance,
      );
      if (before !== -1) {
        this.#events.splice(before, 1);
      }
    }
    this.#events.push(logged);
    if (this.#events.length > MOST_EVENTS) {
      this.droppedUntil = this.#events.shift()?.number ?? this.droppedUntil;
    }
  }
}
