/**
 * Everything that happens, numbered, for those who follow it: what runs is passed on at once, the latest is kept for who
 * comes back, and of each call what it takes to tell it again. Without captions nothing that was said is kept, not even
 * in memory.
 */

import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../base/clock.ts';
import { asError } from '../../../base/errors.ts';
import type { CallEvent } from '../../../call/call-events.ts';
import type { CallDetail } from '../../../call/detail/call-detail.ts';
import type { InterpretingEvent, InterpretingView } from '../../interpreting/interpreting-view.ts';
import type { ServerView } from '../../server-view.ts';
import { type ApiEvent, type EngineEvent, isPassing, withoutSpeech } from './api-events.ts';
import { CallRecord } from './call-record.ts';
import { LoggedEvent } from './logged-event.ts';

/** Events of all calls that are kept for who comes back: at 200 calls some 20 s. */
const MOST_KEPT = 4_096;
/** Calls that are kept after their end. */
const MOST_ENDED_CALLS = 50;
/** Tells this process's events from those of one before: 32 bits. */
const LIFE_BYTES = 4;

export type EventListener = (event: LoggedEvent) => void;

/** What is followed from some moment on. */
export interface Followed {
  /** What is kept from before, oldest first. */
  readonly events: readonly LoggedEvent[];
  /** Whether events from before are kept no more. */
  readonly missed: boolean;
  /** Ends the following. Idempotent. */
  stop(): void;
}

export interface EventLogDeps {
  readonly view: ServerView;
  readonly interpreting: InterpretingView;
  readonly clock: Clock;
}

export class EventLog {
  readonly #view: ServerView;
  readonly #clock: Clock;
  readonly #captions: boolean;
  readonly #life = randomBytes(LIFE_BYTES).toString('hex');
  #number = 0;
  /** Of all calls and engines, oldest first. */
  readonly #kept: LoggedEvent[] = [];
  readonly #running = new Map<string, CallRecord>();
  /** Oldest end first. */
  readonly #ended: CallRecord[] = [];
  /** Those that run and those that have ended. */
  readonly #byShownId = new Map<string, CallRecord>();
  readonly #followers = new Set<EventListener>();
  readonly #controller = new AbortController();

  /** Watches from now on, until closed. @param captions whether what is said may be kept and passed on. */
  constructor({ view, interpreting, clock }: EventLogDeps, captions: boolean) {
    this.#view = view;
    this.#clock = clock;
    this.#captions = captions;
    setMaxListeners(0, this.#controller.signal);
    view.watch((callId, event) => this.#hear(callId, event), this.#controller.signal);
    view.watchUnattended(({ id }) => this.#nobodyCame(id), this.#controller.signal);
    interpreting.watchEngines((event) => this.#log(undefined, engineEvent(event)), this.#controller.signal);
  }

  /** The calls that run, in the order in which they began, then those that have ended, the latest end first. */
  records(): readonly CallRecord[] {
    for (const { callId } of this.#view.calls()) {
      this.#recordOf(callId);
    }
    return [...this.#running.values(), ...this.#ended.toReversed()];
  }

  /** The call that is meant by the id that is shown, or by its own, which its callers know. */
  find(id: string): CallRecord | undefined {
    return (
      this.#running.get(id) ??
      this.#byShownId.get(id) ??
      // One that nothing was heard of yet, or one that has ended, by its own id.
      this.records().find((record) => record.id === id || record.callId === id)
    );
  }

  /**
   * Follows everything. Hands over what is kept after the event `after`, an id; without it what comes next is all.
   */
  follow(after: string | undefined, listener: EventListener): Followed {
    const from = after === undefined ? this.#number : this.#numberOf(after);
    const oldest = this.#kept[0]?.number ?? this.#number + 1;
    this.#followers.add(listener);
    return {
      events: from === undefined ? [] : this.#kept.filter(({ number }) => number > from),
      missed: from === undefined || from + 1 < oldest,
      stop: () => this.#followers.delete(listener),
    };
  }

  /** Follows one call, from its beginning or after the event `after`. */
  followCall(record: CallRecord, after: string | undefined, listener: EventListener): Followed {
    const from = after === undefined ? 0 : this.#numberOf(after);
    record.followers.add(listener);
    return {
      events: record.events.filter(({ number }) => number > (from ?? 0)),
      missed: from === undefined || from < record.droppedUntil,
      stop: () => record.followers.delete(listener),
    };
  }

  /** Tells that the record of a call is on the disk, and what is in it but its own name. */
  recordKept({ callId: _, ...record }: CallDetail): void {
    this.#tell(record.call, { type: 'record', record }, undefined);
  }

  /** Keeps nothing more of a call that has ended. @param id that is shown. */
  forget(id: string): void {
    const ended = this.#ended.findIndex((record) => record.id === id);
    if (ended >= 0) {
      this.#ended.splice(ended, 1);
      this.#byShownId.delete(id);
    }
    this.#kept.splice(0, Number.POSITIVE_INFINITY, ...this.#kept.filter(({ call }) => call !== id));
  }

  /** Stops watching and forgets everything. Idempotent. */
  close(): void {
    this.#controller.abort();
    this.#followers.clear();
    this.#running.clear();
    this.#byShownId.clear();
    this.#ended.length = 0;
    this.#kept.length = 0;
  }

  #hear(callId: string, event: CallEvent): void {
    const record = this.#recordOf(callId);
    if (event.type === 'party-state' || event.type === 'party-changed' || event.type === 'call-changed') {
      record.see(this.#view.call(callId));
    }
    if (event.type === 'party-state') {
      record.partyIs(event.party, { state: event.state });
    }
    if (event.type === 'ended') {
      record.ends(this.#clock.wallTime(), event.atMs);
      this.#running.delete(callId);
      this.#ended.push(record);
      if (this.#ended.length > MOST_ENDED_CALLS) {
        this.#byShownId.delete(this.#ended.shift()?.id ?? '');
      }
    }
    this.#log(record, event);
  }

  /** @param id of a registered call. One that another node has taken over from here was begun. */
  #nobodyCame(id: string): void {
    if (!this.#byShownId.has(id)) {
      this.#tell(id, { type: 'unattended' }, undefined);
    }
  }

  #log(record: CallRecord | undefined, event: ApiEvent): void {
    this.#tell(record?.id, event, record);
  }

  /** @param call its id that is shown. @param record of one that runs, or is just ending. */
  #tell(call: string | undefined, event: ApiEvent, record: CallRecord | undefined): void {
    if (!this.#captions && isPassing(event)) {
      return;
    }
    this.#number += 1;
    const logged = new LoggedEvent({
      number: this.#number,
      life: this.#life,
      at: this.#clock.wallTime(),
      call,
      event: this.#captions ? event : withoutSpeech(event),
      isBare: !this.#captions,
      traceparent: record?.plan?.traceparent,
    });
    if (!isPassing(event)) {
      this.#kept.push(logged);
      if (this.#kept.length > MOST_KEPT) {
        this.#kept.shift();
      }
    }
    record?.keep(logged);
    passToAll([this.#followers, ...(record === undefined ? [] : [record.followers])], logged);
  }

  /** The record of a call that runs, or of one that is just ending. */
  #recordOf(callId: string): CallRecord {
    const known = this.#running.get(callId);
    if (known !== undefined) {
      return known;
    }
    const record = new CallRecord(callId, this.#view.call(callId), this.#clock.wallTime());
    this.#running.set(callId, record);
    this.#byShownId.set(record.id, record);
    return record;
  }

  /** Of an event's id; undefined for one that is none of this process. */
  #numberOf(id: string): number | undefined {
    const [life, digits = ''] = id.split('-');
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    return life === this.#life && number !== undefined && number <= this.#number ? number : undefined;
  }
}

function engineEvent(event: InterpretingEvent): EngineEvent {
  switch (event.type) {
    case 'benched':
    case 'back': {
      const { type: state, ...about } = event;
      return { type: 'engine', state, ...about };
    }
    case 'step': {
      const { at: _, ...step } = event.step;
      return { type: 'recovery', ...step };
    }
  }
}

/** One that fails hears no more, and its failure goes to whoever told us once the others have heard the event. */
function passToAll(followers: readonly Set<EventListener>[], event: LoggedEvent): void {
  const failures: unknown[] = [];
  for (const some of followers) {
    for (const follower of [...some]) {
      try {
        follower(event);
      } catch (error) {
        some.delete(follower);
        failures.push(error);
      }
    }
  }
  if (failures.length > 0) {
    throw asError(failures[0]);
  }
}
