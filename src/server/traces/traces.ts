/**
 * Where the time of each utterance went, sent to a collector of OpenTelemetry as it is known: some at a time, in the
 * background. A collector that is away, slow or broken costs traces, the oldest first, and nothing else.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Secret } from '../../base/secret.ts';
import { SparseLog } from '../../base/sparse-log.ts';
import { Tally } from '../../base/tally.ts';
import { HttpOrigin } from '../../engines/wire/http.ts';
import type { EventLog } from '../http/api/event-log.ts';
import type { LoggedEvent } from '../http/api/logged-event.ts';
import { otlpBody, rejectedSpans, TRACES_PATH } from './otlp.ts';
import { parseTraceparent } from './trace-parent.ts';
import { type HeardSegment, traceOf, type UtteranceTrace } from './utterance-spans.ts';

export interface TracesOptions {
  /** `http://127.0.0.1:4318`; without a path, traces go to that of the protocol. */
  readonly url: string;
  /** A header that lets us in, `Name: value`; undefined: none is wanted. */
  readonly header: Secret | undefined;
  readonly version: string;
}

/** Utterances that wait to be sent, some 2 KB each on the wire. */
const MOST_WAITING = 1_000;
/** Of one request. */
const MOST_AT_ONCE = 100;
/** How long after the first that waits they are sent, in ms. */
const GATHER_MS = 2_000;
/** How long an answer may take, in ms, and how long until the same is sent again when it is none, or asks for that. */
const ANSWER_LIMIT_MS = 5_000;
const RETRIES_MS = [2_000, 10_000] as const;
/** Statuses after which the protocol says to try again. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const MOST_ANSWER_BYTES = 65_536;
/** Utterances whose segments are kept until they are over, a few at a time in each call. */
const MOST_OPEN = 2_000;
/** How long what waits at the end may take to be sent, in ms. */
const LAST_TRACES_MS = 2_000;

export class Traces implements Counted {
  readonly counts = {
    /** What became of utterances: a collector took them, would not, could not be reached, or was too slow. */
    traces: new Tally<'delivered' | 'refused' | 'given-up' | 'dropped'>(),
  };
  readonly #options: TracesOptions;
  readonly #clock: Clock;
  readonly #log: SparseLog<'away' | 'refused'>;
  readonly #origin: HttpOrigin;
  readonly #path: string;
  readonly #scope: Scope;
  readonly #waiting = new BoundedQueue<UtteranceTrace>(MOST_WAITING, () => 1);
  /** By call, party, utterance and language, the oldest first. */
  readonly #open = new Map<string, HeardSegment[]>();
  readonly #ending = new AbortController();
  #unfollow: () => void = () => {};
  #sending: Promise<void> | undefined;

  constructor(options: TracesOptions, clock: Clock, log: Log) {
    const url = new URL(options.url);
    this.#options = options;
    this.#clock = clock;
    this.#log = new SparseLog(log, clock);
    this.#path = url.pathname === '/' ? TRACES_PATH : url.pathname + url.search;
    this.#origin = new HttpOrigin({
      ...{ name: 'traces', url: url.origin, clock, connections: 1 },
      unreachableHint: 'start the collector, or mend --traces',
    });
    this.#scope = new Scope((error) => log.error({ error }, 'traces have stopped: a fault to report'));
  }

  /** Sends all that happens from now on. */
  follow(events: EventLog): void {
    this.#unfollow = events.follow(undefined, (event) => this.#hear(event)).stop;
  }

  /** Sends what waits, for a short while, and ends. Idempotent. */
  async close(): Promise<void> {
    this.#unfollow();
    this.#ending.abort();
    const limit = this.#clock.at(this.#clock.nowMs() + LAST_TRACES_MS, () => void this.#scope.close());
    await this.#sending;
    limit.cancel();
    await this.#scope.close();
    await this.#origin.close();
  }

  #hear({ event, call, at, traceparent }: LoggedEvent): void {
    if (call === undefined) {
      return;
    }
    switch (event.type) {
      case 'spoken': {
        const { party, utterance, language, atMs, stages } = event;
        if (stages !== undefined) {
          const key = keyOf(call, party, utterance, language);
          this.#open.set(key, [...(this.#open.get(key) ?? []), { atMs, stages }]);
          this.#forgetOldest();
        }
        break;
      }
      case 'utterance': {
        const { report, atMs } = event;
        const key = keyOf(call, report.party, report.utterance, report.target.language);
        const heard = this.#open.get(key) ?? [];
        this.#open.delete(key);
        if (report.outcome !== 'nothing-said') {
          const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
          this.#add({ ...traceOf(report, heard, call, at.getTime() - atMs), parent });
        }
        break;
      }
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      this.#open.delete(oldest);
    }
  }

  #add(trace: UtteranceTrace): void {
    const lost = this.#waiting.push(trace);
    if (lost.length > 0) {
      this.counts.traces.add('dropped', lost.length);
    }
    if (this.#sending === undefined) {
      this.#sending = new Promise((resolve) => {
        this.#scope.run((signal) =>
          this.#sendAll(signal).finally(() => {
            this.#sending = undefined;
            resolve();
          }),
        );
      });
    }
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    await this.#pause(GATHER_MS, signal);
    while (this.#waiting.length > 0) {
      const some: UtteranceTrace[] = [];
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        some.push(next);
        if (some.length === MOST_AT_ONCE) {
          break;
        }
      }
      await this.#deliver(some, signal);
    }
  }

  /** Until they are taken, or given up. @throws the signal's reason. */
  async #deliver(some: readonly UtteranceTrace[], signal: AbortSignal): Promise<void> {
    const body = otlpBody(some, this.#options.version);
    for (const retryMs of [...RETRIES_MS, undefined]) {
      const { outcome, reason } = await this.#send(body, signal);
      if (outcome === 'delivered') {
        this.counts.traces.add('delivered', some.length);
        return;
      }
      if (outcome === 'refused' || retryMs === undefined || this.#ending.signal.aborted) {
        this.counts.traces.add(outcome === 'refused' ? 'refused' : 'given-up', some.length);
        this.#log.warn(
          outcome,
          { reason, utterances: some.length },
          'a collector does not take traces: they are lost',
        );
        return;
      }
      await this.#pause(retryMs, signal);
    }
  }

  /** @throws the signal's reason. */
  async #send(
    body: Buffer,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: 'delivered' | 'refused' | 'away'; readonly reason: string }> {
    try {
      const answer = await this.#origin.send(
        {
          ...{ method: 'POST', path: this.#path, body: [body] },
          headers: { 'content-type': 'application/json', ...headerOf(this.#options.header) },
          ...{ headLimitMs: ANSWER_LIMIT_MS, silenceLimitMs: ANSWER_LIMIT_MS },
        },
        signal,
      );
      const { status } = answer;
      const rejected = rejectedSpans((await answer.readAll(MOST_ANSWER_BYTES)).toString());
      if (status >= 200 && status < 300) {
        return rejected === 0
          ? { outcome: 'delivered', reason: '' }
          : { outcome: 'refused', reason: `it rejects ${rejected} spans` };
      }
      return {
        outcome: PASSING.has(status) ? 'away' : 'refused',
        reason: `it answers with status ${status}`,
      };
    } catch (error) {
      signal.throwIfAborted();
      return { outcome: 'away', reason: messageOf(error) };
    }
  }

  /** Waits, but not once all is ending. @throws the signal's reason. */
  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(delayMs, AbortSignal.any([signal, this.#ending.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!this.#ending.signal.aborted) {
        throw error;
      }
    }
  }
}

function keyOf(call: string, party: string, utterance: number, language: string): string {
  return `${call} ${party} ${utterance} ${language}`;
}

function headerOf(header: Secret | undefined): Readonly<Record<string, string>> {
  const [, name, value] = /^([^:]+):\s*(.*)$/.exec(header?.reveal() ?? '') ?? [];
  return name === undefined || value === undefined ? {} : { [name]: value };
}
