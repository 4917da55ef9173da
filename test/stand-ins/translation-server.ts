/**
 * What stand-ins for translation servers share: an HTTP server on loopback that keeps what it is asked, fails when it
 * is told to, and takes its time.
 */

import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';

export interface TranslationServerOptions {
  /** How long the next translation takes, in ms; default 0. */
  readonly latencyMs?: () => number;
  /** What latencies are measured with; default the clock of the process. */
  readonly clock?: Clock;
}

export abstract class TranslationServer<Request, Fault> {
  /** Every translation that was asked for. */
  readonly requests: Request[] = [];
  readonly #timing: TranslationServerOptions;
  readonly #server: Server;
  readonly #arrivals = new EventEmitter();
  readonly #faults: Fault[] = [];
  #standing: Fault | undefined;
  readonly #timers = new Set<Timer>();
  #abandoned = 0;

  protected constructor(timing: TranslationServerOptions) {
    this.#timing = timing;
    this.#server = createServer((request, response) => {
      response.once('close', () => {
        if (!response.writableFinished) {
          this.#abandoned += 1;
          this.#arrivals.emit('abandoned');
        }
      });
      this.#take(request, response).catch(() => response.destroy());
    });
  }

  /** Answers a request whose body has come. */
  protected abstract serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void;

  /** Opens it on a free port of 127.0.0.1. */
  protected async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  /** The next requests fail, one for each of `faults`, in this order. */
  failNext(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  /** Every request fails from now on; undefined ends that. */
  failAll(fault: Fault | undefined): void {
    this.#standing = fault;
  }

  /** Resolves when `count` translations have been asked for since the start. */
  async untilRequests(count: number): Promise<void> {
    while (this.requests.length < count) {
      await once(this.#arrivals, 'request', { signal: AbortSignal.timeout(120_000) });
    }
  }

  /** Resolves when `count` requests have gone away before their answer. */
  async untilAbandoned(count: number): Promise<void> {
    while (this.#abandoned < count) {
      await once(this.#arrivals, 'abandoned', { signal: AbortSignal.timeout(120_000) });
    }
  }

  /** Cuts every connection. Idempotent. */
  async close(): Promise<void> {
    for (const timer of this.#timers) {
      timer.cancel();
    }
    if (this.#server.listening) {
      const closed = once(this.#server, 'close');
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
    }
  }

  /** Whoever waits for requests hears of one. */
  protected arrived(): void {
    this.#arrivals.emit('request');
  }

  /** What is to go wrong with the present request. */
  protected nextFault(): Fault | undefined {
    return this.#faults.shift() ?? this.#standing;
  }

  protected afterLatency(answer: () => void): void {
    const latencyMs = this.#timing.latencyMs?.() ?? 0;
    if (latencyMs <= 0) {
      answer();
      return;
    }
    const clock = this.#timing.clock ?? systemClock;
    const timer = clock.at(clock.nowMs() + latencyMs, () => {
      this.#timers.delete(timer);
      answer();
    });
    this.#timers.add(timer);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    this.serve(request, Buffer.concat(chunks), response);
  }
}
