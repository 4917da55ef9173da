/**
 * The latest events of each call, so that who opens a call's captions late still sees how it began. It holds
 * what people said, so it is made only when the operator shares captions, in memory only, and forgets a call
 * soon after its end. Running calls are as many as the server lets in; the rest is bounded here.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import type { CallEvent } from '../../call/call-events.ts';
import type { ServerView } from '../server-view.ts';

/** Events kept of one call; older ones are dropped and counted. */
const MOST_EVENTS = 200;
/** How long a call that ended is kept, in ms. */
const KEEP_ENDED_MS = 30_000;
/** Calls kept after their end, at most. */
const MOST_ENDED_CALLS = 100;

/** A call as it is followed from some moment on. */
export interface FollowedCall {
  /** What is kept from before, oldest first. */
  readonly events: readonly CallEvent[];
  /** Events from before that are kept no more. */
  readonly droppedEvents: number;
  /** Whether the call is over: then nothing follows. */
  readonly ended: boolean;
  /** Ends the following. Idempotent. */
  stop(): void;
}

interface CallRecord {
  readonly events: CallEvent[];
  readonly followers: Set<(event: CallEvent) => void>;
  droppedEvents: number;
  /** Set once the call ended: forgets it. */
  forgetting: Timer | undefined;
}

export class CallHistory {
  readonly #view: ServerView;
  readonly #clock: Clock;
  readonly #records = new Map<string, CallRecord>();
  /** Calls that ended, oldest end first. */
  readonly #ended = new Set<string>();
  readonly #controller = new AbortController();

  /** Watches every call of `view` from now on, until closed. */
  constructor(view: ServerView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
    view.watch((callId, event) => this.#hear(callId, event), this.#controller.signal);
  }

  /** Calls that are remembered, running or ended. */
  get callsKept(): number {
    return this.#records.size;
  }

  /** The calls that can be followed. */
  callIds(): ReadonlySet<string> {
    return new Set([...this.#records.keys(), ...this.#view.calls().map(({ callId }) => callId)]);
  }

  /**
   * Hands over what is kept of a call and passes what happens next to `listener`, without a gap between them.
   * Returns undefined for a call that is neither running nor remembered.
   */
  follow(callId: string, listener: (event: CallEvent) => void): FollowedCall | undefined {
    const isRunning = (): boolean => this.#view.calls().some((call) => call.callId === callId);
    const record = this.#records.get(callId) ?? (isRunning() ? this.#begin(callId) : undefined);
    if (record === undefined) {
      return undefined;
    }
    record.followers.add(listener);
    return {
      events: [...record.events],
      droppedEvents: record.droppedEvents,
      ended: record.forgetting !== undefined,
      stop: () => record.followers.delete(listener),
    };
  }

  /** Stops watching and forgets everything. Idempotent. */
  close(): void {
    this.#controller.abort();
    for (const callId of [...this.#records.keys()]) {
      this.#forget(callId);
    }
  }

  #hear(callId: string, event: CallEvent): void {
    let record = this.#records.get(callId);
    if (record?.forgetting !== undefined) {
      // `ended` is the last event of a call: the same id has been dialled again.
      this.#forget(callId);
      record = undefined;
    }
    record ??= this.#begin(callId);
    this.#keep(record, event);
    if (event.type === 'ended') {
      this.#end(callId, record);
    }
    passToAll(record.followers, event);
  }

  #begin(callId: string): CallRecord {
    const record: CallRecord = {
      events: [],
      followers: new Set(),
      droppedEvents: 0,
      forgetting: undefined,
    };
    this.#records.set(callId, record);
    return record;
  }

  #keep(record: CallRecord, event: CallEvent): void {
    const { events } = record;
    if (event.type === 'heard') {
      // Each hearing of an utterance replaces the one before, so only the newest is worth keeping.
      const before = events.findLastIndex(
        (each) => each.type === 'heard' && each.party === event.party && each.utterance === event.utterance,
      );
      if (before !== -1) {
        events.splice(before, 1);
      }
    }
    events.push(event);
    if (events.length > MOST_EVENTS) {
      events.shift();
      record.droppedEvents++;
    }
  }

  #end(callId: string, record: CallRecord): void {
    record.forgetting = this.#clock.at(this.#clock.nowMs() + KEEP_ENDED_MS, () => this.#forget(callId));
    this.#ended.add(callId);
    const [oldest] = this.#ended;
    if (this.#ended.size > MOST_ENDED_CALLS && oldest !== undefined) {
      this.#forget(oldest);
    }
  }

  #forget(callId: string): void {
    this.#records.get(callId)?.forgetting?.cancel();
    this.#records.delete(callId);
    this.#ended.delete(callId);
  }
}

/** One that fails hears no more, and its failure goes to whoever told us once the others have heard the event. */
function passToAll(followers: Set<(event: CallEvent) => void>, event: CallEvent): void {
  const failures: unknown[] = [];
  for (const follower of [...followers]) {
    try {
      follower(event);
    } catch (error) {
      followers.delete(follower);
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw asError(failures[0]);
  }
}
