/** One event as it is passed on: numbered, and written once for all who follow it. */

import { shownJson } from '../../../base/shown-text.ts';
import { type ApiEvent, isPassing, withoutSpeech } from './api-events.ts';

export interface LoggedEventFacts {
  /** From 1 on, in the order in which things happened. */
  readonly number: number;
  /** Tells this process's events from those of others. */
  readonly life: string;
  readonly at: Date;
  readonly call: string | undefined;
  readonly event: ApiEvent;
  /** Whether nothing that was said is in it any more. */
  readonly isBare: boolean;
  /** The trace that its call is in, where whoever registered the call told of one. */
  readonly traceparent: string | undefined;
}

export class LoggedEvent {
  readonly number: number;
  readonly event: ApiEvent;
  readonly #facts: LoggedEventFacts;
  /** As Server-Sent Events, once somebody has asked: with what was said, and without. */
  #whole: Buffer | undefined;
  #bare: Buffer | undefined;

  constructor(facts: LoggedEventFacts) {
    this.number = facts.number;
    this.event = facts.event;
    this.#facts = facts;
  }

  /** The event on the wire; undefined when without what was said it tells nothing. @param captions with what was said. */
  wire(captions: boolean): Buffer | undefined {
    if (captions || this.#facts.isBare) {
      this.#whole ??= this.#write(this.event);
      return this.#whole;
    }
    if (isPassing(this.event)) {
      return undefined;
    }
    this.#bare ??= this.#write(withoutSpeech(this.event));
    return this.#bare;
  }

  get at(): Date {
    return this.#facts.at;
  }

  /** The id of its call that is shown; undefined of what is of no call. */
  get call(): string | undefined {
    return this.#facts.call;
  }

  get traceparent(): string | undefined {
    return this.#facts.traceparent;
  }

  /** Tells it from all other events, of other processes, too. */
  get id(): string {
    return `${this.#facts.life}-${this.number}`;
  }

  /** For another server, as JSON, without what was said; undefined when that tells nothing. */
  message(): Buffer | undefined {
    const { call, at, event, isBare } = this.#facts;
    if (isPassing(event)) {
      return undefined;
    }
    const data = { ...(call === undefined ? {} : { call }), ...(isBare ? event : withoutSpeech(event)) };
    return Buffer.from(JSON.stringify({ type: event.type, timestamp: at.toISOString(), data }));
  }

  #write(event: ApiEvent): Buffer {
    const { call, at } = this.#facts;
    const data = { ...(call === undefined ? {} : { call }), at: at.toISOString(), ...event };
    // JSON.stringify escapes line breaks, so the data is one line.
    return Buffer.from(`id: ${this.id}\ndata: ${shownJson(JSON.stringify(data))}\n\n`);
  }
}
