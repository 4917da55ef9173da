/**
 * SIGTERM and SIGINT. The first one asks for an orderly end, which may take as long as calls run; the second
 * one ends the process at once. An orderly end is exit status 0, so systemd does not count it as a failure.
 */

import { AppError } from '../base/errors.ts';

export type StopSignalName = 'SIGINT' | 'SIGTERM';

/** What `process` is to this file. */
export interface SignalSource {
  on(name: StopSignalName, listener: (name: StopSignalName) => void): unknown;
  off(name: StopSignalName, listener: (name: StopSignalName) => void): unknown;
}

/** The shell's convention: 128 and the number of the signal. */
const EXIT_STATUS: Readonly<Record<StopSignalName, number>> = { SIGINT: 130, SIGTERM: 143 };

export class StopSignals {
  readonly #source: SignalSource;
  readonly #exit: (status: number) => void;
  readonly #controller = new AbortController();
  readonly #listener = (name: StopSignalName): void => this.#hear(name);
  #first: StopSignalName | undefined;

  /**
   * Listens from now on.
   * @param exit ends the process at once with a status.
   */
  constructor(source: SignalSource, exit: (status: number) => void) {
    this.#source = source;
    this.#exit = exit;
    source.on('SIGINT', this.#listener);
    source.on('SIGTERM', this.#listener);
  }

  /** Aborts, with a `closed` error, at the first signal. */
  get requested(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first signal that came. */
  get first(): StopSignalName | undefined {
    return this.#first;
  }

  /** Resolves at the first signal, at once if it has come. */
  wait(): Promise<void> {
    const { requested } = this;
    if (requested.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      requested.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Listens no more: signals do again what they do to any process. Idempotent. */
  close(): void {
    this.#source.off('SIGINT', this.#listener);
    this.#source.off('SIGTERM', this.#listener);
  }

  #hear(name: StopSignalName): void {
    if (this.#first !== undefined) {
      this.#exit(EXIT_STATUS[name]);
      return;
    }
    this.#first = name;
    this.#controller.abort(new AppError('closed', `${name} asked the process to end`));
  }
}
