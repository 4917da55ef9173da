/**
 * What signals ask of a process that serves. SIGTERM, SIGINT: an orderly end, which may take as long as calls run; the
 * second one ends the process at once. An orderly end is exit status 0, so systemd does not count it as a failure.
 * SIGHUP: an orderly end, too, but with the status that has systemd start it again, with the configuration and the keys
 * as they are then. SIGUSR1: nothing; left to itself Node would open its inspector, which shows the keys and what is
 * said.
 */

import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export type StopSignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

type SignalName = StopSignalName | 'SIGUSR1';

/** Nobody reads what is printed any more; a process that serves prints nothing by that way, and hears of none. */
type UnreadName = 'SIGPIPE';

/** What `process` is to this file. */
export interface SignalSource {
  on(name: SignalName | UnreadName, listener: (name: SignalName) => void): unknown;
  off(name: SignalName | UnreadName, listener: (name: SignalName) => void): unknown;
}

const HEARD: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'];

/** The shell's convention: 128 and the number of the signal. */
const EXIT_STATUS: Readonly<Record<StopSignalName, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export class StopSignals {
  readonly #source: SignalSource;
  readonly #exit: (status: number) => void;
  readonly #log: Log;
  readonly #controller = new AbortController();
  readonly #listener = (name: SignalName): void => this.#hear(name);
  #first: StopSignalName | undefined;

  /**
   * Listens from now on.
   * @param exit ends the process at once with a status.
   */
  constructor(source: SignalSource, exit: (status: number) => void, log: Log) {
    this.#source = source;
    this.#exit = exit;
    this.#log = log;
    for (const name of HEARD) {
      source.on(name, this.#listener);
    }
  }

  /** Aborts, with a `closed` error, at the first signal. */
  get requested(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that is obeyed: the first that came, or SIGTERM or SIGINT after SIGHUP. */
  get first(): StopSignalName | undefined {
    return this.#first;
  }

  /** The exit status of an end in order: 0, or after SIGHUP that of a process which is to be started again. */
  get status(): number {
    return this.#first === 'SIGHUP' ? EXIT_STATUS.SIGHUP : 0;
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
    for (const name of HEARD) {
      this.#source.off(name, this.#listener);
    }
  }

  #hear(name: SignalName): void {
    if (name === 'SIGUSR1') {
      this.#log.warn({ signal: name }, 'no inspector is opened: it would show keys and what is said');
      return;
    }
    if (this.#first === 'SIGINT' || this.#first === 'SIGTERM') {
      // A terminal that goes away says SIGHUP, more than once; that is no hurry.
      if (name !== 'SIGHUP') {
        this.#exit(EXIT_STATUS[name]);
      }
      return;
    }
    this.#first = name;
    this.#controller.abort(new AppError('closed', `${name} asked the process to end`));
  }
}
