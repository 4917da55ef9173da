/**
 * What is other in a call that goes on here after the node it was at: who was in it is waited for without a tone, and hears
 * two notes once back. What of its recording was on stays on, as another part of it.
 */

import type { Party } from './party.ts';
import type { CallPlan } from './plan.ts';
import type { RecordedParty, RestartRecord } from './restart-record.ts';
import { expectedIn } from './seating/resumed-seat.ts';
import type { ExpectedPlace } from './seating/seating.ts';

/** Who is alone for so long, in ms, is told by the waiting tone: the others should have been back long ago. */
const QUIET_MS = 2_000;
/** How long parties are waited for at least, in ms: their dialplan dials several nodes in turn. */
const LEAST_REJOIN_MS = 3_000;

export class Resuming {
  readonly record: RestartRecord;
  /** Until when nobody is told that others are away, on the clock. */
  readonly quietUntilMs: number;
  /** How long its parties are waited for, in ms. */
  readonly rejoinMs: number;
  /** Who has not come back yet. */
  readonly #returning: Set<string>;

  /** @param rejoinMs for how long the door of its first leg keeps places. */
  constructor(record: RestartRecord, nowMs: number, rejoinMs: number) {
    this.record = record;
    this.quietUntilMs = nowMs + QUIET_MS;
    this.rejoinMs = Math.max(rejoinMs, LEAST_REJOIN_MS);
    this.#returning = new Set(this.parties.map(({ id }) => id));
  }

  /** How often the call went on at another node by now. */
  get times(): number {
    return this.record.resumed + 1;
  }

  get startedAt(): Date {
    return new Date(this.record.startedAt);
  }

  /** Those that can be recognised when they come. */
  get parties(): RestartRecord['parties'] {
    return this.record.parties.filter(({ key }) => key !== undefined);
  }

  /** Places whose legs had not come. */
  get expected(): readonly ExpectedPlace[] {
    return expectedIn(this.record);
  }

  /** A party has a leg. @returns whether it is back for the first time. */
  isBack(party: string): boolean {
    return this.#returning.delete(party);
  }

  /** What is kept of the call from now on. */
  recorded({ record = 'off' }: CallPlan): Pick<CallPlan, 'record' | 'recordStart'> {
    const state = this.record.recording;
    return {
      record: state === undefined ? 'off' : record,
      recordStart: state === 'on' ? 'at-once' : 'on-demand',
    };
  }
}

/** A party that has its place again is as it was where the call was before. */
export function restoreParty(
  party: Party,
  { announced, toldRecorded, key, asLabelled, lines }: RecordedParty,
): void {
  if (announced) {
    party.facts.add('interpreter');
  }
  if (toldRecorded === true) {
    party.facts.add('recording');
  }
  party.key = key;
  party.asLabelled = asLabelled === true;
  for (const text of lines?.piiTold ?? []) {
    party.lines.told(text);
  }
  for (const text of lines?.piiSaid ?? []) {
    party.lines.said(text);
  }
}
