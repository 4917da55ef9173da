/**
 * What happens, sent to another server as it happens: each event as a POST of its own, signed, in order, until it is
 * taken. A server that is away, slow or broken costs events, the oldest first, and nothing else: nobody waits for it.
 * What was said or dialled is never in it.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Secret } from '../../base/secret.ts';
import { Tally } from '../../base/tally.ts';
import { HttpOrigin } from '../../engines/wire/http.ts';
import type { EventLog } from '../http/api/event-log.ts';
import type { LoggedEvent } from '../http/api/logged-event.ts';
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
const MOST_CONNECTIONS = 2;
/** The answer of who wants no more. */
const GONE = 410;

interface Waiting {
  readonly id: string;
  readonly body: Buffer;
}

export class Webhooks implements Counted {
  readonly counts = {
    /** What became of events, and of tries that failed. */
    webhooks: new Tally<'delivered' | 'failed' | 'given-up' | 'dropped'>(),
  };
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #path: string;
  readonly #origin: HttpOrigin;
  readonly #scope: Scope;
  readonly #queue = new BoundedQueue<Waiting>(MOST_WAITING, () => 1);
  #unfollow: () => void = () => {};
  /** Whether something is being sent. */
  #sending = false;
  #idle: () => void = () => {};
  #gone = false;

  constructor(options: WebhookOptions, clock: Clock, log: Log) {
    const url = new URL(options.url);
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#path = url.pathname + url.search;
    this.#origin = new HttpOrigin({
      ...{ name: 'webhook', url: url.origin, clock, connections: MOST_CONNECTIONS },
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
    if (this.#sending) {
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
    const lost = this.#queue.push({ id: logged.id, body });
    if (lost.length > 0) {
      this.counts.webhooks.add('dropped', lost.length);
    }
    if (!this.#sending) {
      this.#sending = true;
      this.#scope.run((signal) => this.#sendAll(signal));
    }
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#deliver(next, signal);
    }
    this.#sending = false;
    this.#idle();
  }

  /** Until it is taken, or given up. @throws the signal's reason. */
  async #deliver(waiting: Waiting, signal: AbortSignal): Promise<void> {
    for (const retryMs of [...RETRIES_MS, undefined]) {
      const reason = await this.#send(waiting, signal);
      if (reason === undefined) {
        this.counts.webhooks.add('delivered');
        return;
      }
      this.counts.webhooks.add('failed');
      if (this.#gone) {
        return;
      }
      if (retryMs === undefined) {
        this.counts.webhooks.add('given-up');
        this.#log.error({ reason }, 'an event is not taken by --webhook: it is given up');
        return;
      }
      this.#log.warn({ reason, retryMs }, 'an event is not taken by --webhook: it is sent again');
      await this.#clock.sleep(retryMs, signal);
    }
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
      if (answer.status === GONE) {
        this.#gone = true;
        this.#queue.clear();
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
