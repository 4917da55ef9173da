/**
 * A lifecycle as a table of (from, event, to). The table is data, so the documentation, the tests and the
 * code that runs read the same rows.
 */

import { AppError } from './errors.ts';

export type StateTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

export class StateMachine<State extends string, Event extends string> {
  readonly #table: StateTable<State, Event>;
  readonly #onIllegal: (from: State, event: Event) => void;
  #state: State;

  /**
   * @param onIllegal hears of an event the table does not allow; the state stays as it is. The default throws
   * `illegal-transition`, which is what tests want; production counts it.
   */
  constructor(table: StateTable<State, Event>, initial: State, onIllegal = throwIllegal) {
    this.#table = table;
    this.#state = initial;
    this.#onIllegal = onIllegal;
  }

  get state(): State {
    return this.#state;
  }

  /** Whether `event` is in the table for the present state. */
  allows(event: Event): boolean {
    return this.#table[this.#state][event] !== undefined;
  }

  /** Moves by the table; returns whether the state changed. */
  handle(event: Event): boolean {
    const next = this.#table[this.#state][event];
    if (next === undefined) {
      this.#onIllegal(this.#state, event);
      return false;
    }
    const changed = next !== this.#state;
    this.#state = next;
    return changed;
  }
}

function throwIllegal(from: string, event: string): void {
  throw new AppError('illegal-transition', `state ${from} does not allow ${event}`);
}
