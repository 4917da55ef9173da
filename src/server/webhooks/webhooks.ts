/**
 * What happens, sent to another server as it happens: each event as a POST of its own, signed, until it is taken; in order
 * within a call, and calls beside each other, so that an event that the server never takes holds up its own call alone. A
 * server that is away, slow or broken costs events, the oldest first, and nothing else: nobody waits for it. What was said
 * or dialled is never in it.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Secret } from '../../base/secret.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { Tally } from '../../base/tally.ts';
import { HttpOrigin } from '../../engines/wire/http.ts';
import type { EventLog } from '../http/api/event-log.ts';
import type { LoggedEvent } from '../http/api/logged-event.ts';
import { EventLanes } from './event-lanes.ts';
import { signedHeaders } from './webhook-secret.ts';

export interface WebhookOptions {
  /** Where they go. */
  readonly url: string;
  /** Undefined: they are not signed. */
  readonly secret: Secret | undefined;
}

/** Events that wait; some ten minutes of 20 calls. */
const MOST_WAITING = 1_000;
/** How long an answer may take, in ms. */
const ANSWER_LIMIT_MS = 5_000;
/** How long after each failure the same event is sent again, in ms; then it is given up. */
const RETRIES_MS = [5_000, 30_000, 120_000, 600_000] as const;
/** How long what waits at the end may take to be sent, in ms. */
const LAST_EVENTS_MS = 2_000;
/** Events that are being sent, each on a connection of its own: of 200 calls that talk, to a server 0.1 s away. */
const MOST_AT_ONCE = 16;
/** Lines of the log in ten seconds about events that are not taken: with a server that is away there are as many as calls. */
const MOST_LINES = 5;
/** What is of no call. */
const NO_CALL = '';
/** The answer of who wants no more. */
const GONE = 410;

interface Waiting {
  readonly id: string;
  readonly body: Buffer;
  /** How often it was not taken. */
  readonly failures: number;
}

export class Webhooks implements Counted {
  readonly counts = {
    /** What became of events, and of tries that failed. */
    webhooks: new Tally<'delivered' | 'failed' | 'given-up' | 'dropped'>(),
  };
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #notTaken: SparseLog<'again' | 'given-up'>;
  readonly #path: string;
  readonly #origin: HttpOrigin;
  readonly #scope: Scope;
  /** By call. */
  readonly #lanes = new EventLanes<Waiting>(MOST_WAITING);
  #unfollow: () => void = () => {};
  /** How many are being sent. */
  #sending = 0;
  #idle: () => void = () => {};
  #gone = false;

  constructor(options: WebhookOptions, clock: Clock, log: Log) {
    const url = new URL(options.url);
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#notTaken = new SparseLog(log, clock, MOST_LINES);
    this.#path = url.pathname + url.search;
    this.#origin = new HttpOrigin({
      ...{ name: 'webhook', url: url.origin, clock, connections: MOST_AT_ONCE },
      unreachableHint: 'see --webhook',
    });
    this.#scope = new Scope((error) => log.error({ error }, 'webhooks have stopped: a fault to report'));
  }

  /** Sends all that happens from now on. */
  follow(events: EventLog): void {
    this.#unfollow = events.follow(undefined, (event) => this.#add(event)).stop;
  }

  /** Sends what waits, for a short while, and ends. Idempotent. */
  async close(): Promise<void> {
    this.#unfollow();
    if (this.#lanes.size > 0) {
      await new Promise<void>((resolve) => {
        const limit = this.#clock.at(this.#clock.nowMs() + LAST_EVENTS_MS, resolve);
        this.#idle = () => {
          limit.cancel();
          resolve();
        };
      });
    }
    await this.#scope.close();
    await this.#origin.close();
  }

  #add(logged: LoggedEvent): void {
    const body = this.#gone ? undefined : logged.message();
    if (body === undefined) {
      return;
    }
    if (this.#lanes.push(logged.call ?? NO_CALL, { id: logged.id, body, failures: 0 })) {
      this.counts.webhooks.add('dropped');
    }
    this.#sendSome();
  }

  #sendSome(): void {
    while (this.#sending < MOST_AT_ONCE && !this.#gone) {
      const next = this.#lanes.take();
      if (next === undefined) {
        return;
      }
      this.#sending += 1;
      this.#scope.run((signal) => this.#try(next.lane, next.event, signal));
    }
  }

  /** @throws the signal's reason. */
  async #try(lane: string, event: Waiting, signal: AbortSignal): Promise<void> {
    const reason = await this.#send(event, signal);
    this.#sending -= 1;
    const retryMs = this.#settled(event, reason);
    if (retryMs === undefined) {
      this.#lanes.settle(lane);
    }
    this.#sendSome();
    if (retryMs !== undefined) {
      await this.#clock.sleep(retryMs, signal);
      this.#again(lane, { ...event, failures: event.failures + 1 });
    }
    if (this.#lanes.size === 0) {
      this.#idle();
    }
  }

  #again(lane: string, event: Waiting): void {
    if (this.#gone) {
      this.#lanes.settle(lane);
    } else {
      this.#lanes.giveBack(lane, event);
      this.#sendSome();
    }
  }

  /** Counts what became of a try. @returns when it is made again, in ms; undefined when the event is done with. */
  #settled({ failures }: Waiting, reason: string | undefined): number | undefined {
    if (reason === undefined) {
      this.counts.webhooks.add('delivered');
      return undefined;
    }
    this.counts.webhooks.add('failed');
    if (this.#gone) {
      return undefined;
    }
    const retryMs = RETRIES_MS[failures];
    if (retryMs === undefined) {
      this.counts.webhooks.add('given-up');
      this.#notTaken.error('given-up', { reason }, 'an event is not taken by --webhook: it is given up');
    } else {
      this.#notTaken.warn(
        'again',
        { reason, retryMs },
        'an event is not taken by --webhook: it is sent again',
      );
    }
    return retryMs;
  }

  /** Why it was not taken, to be logged; undefined when it was. @throws the signal's reason. */
  async #send({ id, body }: Waiting, signal: AbortSignal): Promise<string | undefined> {
    const { secret } = this.#options;
    const seconds = Math.floor(this.#clock.wallTime().getTime() / 1_000);
    const headers =
      secret === undefined
        ? { 'content-type': 'application/json', 'webhook-id': id }
        : signedHeaders(secret, id, seconds, body);
    try {
      const answer = await this.#origin.send(
        { method: 'POST', path: this.#path, headers, body: [body], headLimitMs: ANSWER_LIMIT_MS },
        signal,
      );
      answer.discard();
      if (answer.status === GONE && !this.#gone) {
        this.#gone = true;
        this.#lanes.clear();
        this.#log.error({}, '--webhook wants no more events (410): none are sent until the next start');
      }
      return answer.status >= 200 && answer.status < 300 ? undefined : notTaken(answer.status);
    } catch (error) {
      signal.throwIfAborted();
      if (isAbort(error)) {
        throw error;
      }
      return messageOf(error);
    }
  }
}

function notTaken(status: number): string {
  const redirects = status >= 300 && status < 400;
  return `it answers with status ${status}${redirects ? ': write the address that it redirects to' : ''}`;
}
