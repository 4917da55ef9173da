/**
 * Keeps something open that may fail at any time: when it is lost another is opened, after 200, 400, 800 ms, then every
 * 5 s, for as long as its scope lives.
 */

import type { Clock } from '../base/clock.ts';
import { isAbort } from '../base/errors.ts';
import type { Scope } from '../base/scope.ts';

/** Pauses before opening again, in ms; the last one repeats. */
const REOPEN_PAUSES_MS = [200, 400, 800, 5_000] as const;
const LONGEST_PAUSE_MS = 5_000;

export interface KeptOpenSink<Opened> {
  /** Opens one; `lost` is to be called when it cannot go on. @throws when it cannot be opened. */
  open(lost: (error: unknown) => void, signal: AbortSignal): Promise<Opened>;
  /** One is open; `failures` is how often opening failed, or one was lost, before. */
  opened(opened: Opened, failures: number): void;
  /** The one that was open is lost, or not wanted any more; it is closed next. */
  gone(): void;
  /** One was lost or could not be opened; `failures` is how often that had happened before. */
  failed(error: unknown, failures: number): void;
}

export class KeptOpen<Opened extends { close(): Promise<void> }> {
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #sink: KeptOpenSink<Opened>;
  #current: Opened | undefined;
  /** Ends the one that is open. */
  #lose = (_error: unknown): void => {};
  /** How often it was lost or could not be opened since one was open. */
  #failures = 0;

  /** Starts with {@link start}. @param scope ends it; it closes the scope when it is closed itself. */
  constructor(clock: Clock, scope: Scope, sink: KeptOpenSink<Opened>) {
    this.#clock = clock;
    this.#scope = scope;
    this.#sink = sink;
  }

  /** The one that is open. */
  get current(): Opened | undefined {
    return this.#current;
  }

  start(): void {
    this.#scope.run((signal) => this.#keep(signal));
  }

  /** Takes the one that is open for lost, and opens another. One that is being opened has deadlines of its own. */
  renew(error: Error): void {
    this.#lose(error);
  }

  /** Closes what is open and opens no other. Idempotent. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#once(signal);
      } catch (error) {
        if (isAbort(error) || signal.aborted) {
          return;
        }
        this.#sink.failed(error, this.#failures);
      }
      const pauseMs = REOPEN_PAUSES_MS[this.#failures] ?? LONGEST_PAUSE_MS;
      this.#failures += 1;
      await this.#clock.sleep(pauseMs, signal);
    }
  }

  /** Opens one and returns when it is lost and closed. */
  async #once(signal: AbortSignal): Promise<void> {
    let lose = (_error: unknown): void => {};
    const lost = new Promise<unknown>((resolve) => {
      lose = resolve;
    });
    const opened = await this.#sink.open((error) => lose(error), signal);
    const stop = (): void => lose(undefined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
    this.#current = opened;
    this.#lose = lose;
    this.#sink.opened(opened, this.#failures);
    this.#failures = 0;
    const error = await lost;
    signal.removeEventListener('abort', stop);
    this.#current = undefined;
    this.#lose = () => {};
    // Before it is closed, which may take it a while, or fail.
    this.#sink.gone();
    if (!signal.aborted) {
      this.#sink.failed(error, 0);
    }
    await opened.close();
  }
}
