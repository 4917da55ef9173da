/**
 * A lifetime: server > call > leg > utterance. A scope owns a signal that says "stop", the background work
 * started under it, and the scopes below it. Closing goes down the tree and is awaited: when `close`
 * resolves, all the work has stopped. An error of background work goes to the `onError` of the scope
 * that ran it, never to the process.
 */

import { setMaxListeners } from 'node:events';
import { AppError, isAbort } from './errors.ts';

export class Scope {
  /** Made when somebody first asks for its signal, which costs some µs: most calls are over before anybody does. */
  #controller: AbortController | undefined;
  readonly #work = new Set<Promise<void>>();
  readonly #children = new Set<Scope>();
  readonly #onError: (error: unknown) => void;
  readonly #parent: Scope | undefined;
  /** Whether its work has been told to stop. */
  #stopped = false;
  #closing: Promise<void> | undefined;

  /** @param onError hears what background work threw; aborted work is not an error and is not passed on. */
  constructor(onError: (error: unknown) => void, parent?: Scope) {
    this.#onError = onError;
    this.#parent = parent;
  }

  /** Aborts when this scope, or one above it, closes. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // All the work of a lifetime waits for its end: many listeners are no leak.
      setMaxListeners(0, this.#controller.signal);
      if (this.#stopped) {
        this.#controller.abort(ended());
      }
    }
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** A lifetime inside this one; it closes with this one at the latest. */
  child(onError: (error: unknown) => void = this.#onError): Scope {
    if (this.closed) {
      throw new AppError('closed', 'a lifetime that has ended cannot start another');
    }
    const child = new Scope(onError, this);
    this.#children.add(child);
    return child;
  }

  /** Runs `work` in the background of this scope; `close` waits for it. Does nothing once closed. */
  run(work: (signal: AbortSignal) => Promise<void>): void {
    if (this.closed) {
      return;
    }
    const running = work(this.signal)
      .catch((error: unknown) => {
        if (!isAbort(error)) {
          this.#onError(error);
        }
      })
      .finally(() => this.#work.delete(running));
    this.#work.add(running);
  }

  /** Aborts the signal, closes the scopes below and resolves when all their work has stopped. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Lets go of a child that has closed; only the child itself calls this. */
  forget(child: Scope): void {
    this.#children.delete(child);
  }

  async #close(): Promise<void> {
    this.#stopped = true;
    this.#controller?.abort(ended());
    await Promise.all([...this.#children].map((child) => child.close()));
    await Promise.all(this.#work);
    this.#parent?.forget(this);
  }
}

function ended(): AppError {
  return new AppError('closed', 'the lifetime this belonged to has ended');
}
