/**
 * Keys by which a party steers its call: a row of them that begins with * or #. What may still become such a row is held
 * back, so that the others do not hear it; what turns out to be none is passed on, late.
 */

import type { Clock, Timer } from '../base/clock.ts';

/**
 * `translation`: the party hears no translation, or hears it again; `louder`, `softer`: the others' own voices under it;
 * `repeat`: what was said to it last; `swap`: the two of a call exchange their languages; `record`: the call is kept from
 * now on, or is not for now; `no-record`: nothing of the party is kept; `own-voice`: the neutral voice speaks for the
 * party in place of its own, or its own does again.
 */
export const KEY_ACTIONS = [
  'translation',
  'louder',
  'softer',
  'repeat',
  'swap',
  'record',
  'no-record',
  'own-voice',
] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number];

/** What each row of keys does. No row begins with another. */
export type KeyRows = ReadonlyMap<string, KeyAction>;

/** How long the next key of a row may take, in ms. */
const NEXT_KEY_MS = 2_000;

export class KeyCommands {
  readonly #clock: Clock;
  readonly #rows: KeyRows;
  readonly #pass: (key: string) => void;
  readonly #act: (action: KeyAction) => void;
  #held = '';
  #limit: Timer | undefined;

  /** @param pass hears keys that are for the others. @param act is told what is to be done. */
  constructor(clock: Clock, rows: KeyRows, pass: (key: string) => void, act: (action: KeyAction) => void) {
    this.#clock = clock;
    this.#rows = rows;
    this.#pass = pass;
    this.#act = act;
  }

  press(key: string): void {
    this.#limit?.cancel();
    this.#held += key;
    const action = this.#rows.get(this.#held);
    if (action !== undefined) {
      this.#held = '';
      this.#act(action);
    } else if ([...this.#rows.keys()].some((row) => row.startsWith(this.#held))) {
      this.#limit = this.#clock.at(this.#clock.nowMs() + NEXT_KEY_MS, () => this.#release());
    } else {
      this.#release();
    }
  }

  /** Nothing is passed on any more. */
  close(): void {
    this.#limit?.cancel();
    this.#held = '';
  }

  #release(): void {
    const held = this.#held;
    this.#held = '';
    for (const key of held) {
      this.#pass(key);
    }
  }
}
