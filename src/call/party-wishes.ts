/**
 * What is wished of a call beside its talk: by its parties, with their keys, and by somebody outside, who has a party told
 * something. Each party's are kept until it leaves.
 */

import type { Clock } from '../base/clock.ts';
import type { Scope } from '../base/scope.ts';
import { type KeyAction, KeyCommands, type KeyRows } from './key-commands.ts';
import type { Party } from './party.ts';
import { type Saying, Sayings, type SayingTold } from './sayings.ts';

export interface PartyWishesOptions {
  readonly clock: Clock;
  /** Ends all that is being said. */
  readonly scope: Scope;
  /** A key that is for the others. */
  readonly pass: (party: Party, key: string) => void;
  readonly act: (party: Party, action: KeyAction) => void;
  /** A party is about to hear no more of what is being said to it. */
  readonly interrupts: (party: Party) => void;
  /** What becomes of something that a party is told. */
  readonly tell: (party: Party, ...told: Parameters<SayingTold>) => void;
}

export class PartyWishes {
  readonly #options: PartyWishesOptions;
  readonly #commands = new Map<Party, KeyCommands>();
  readonly #sayings = new Map<Party, Sayings>();

  constructor(options: PartyWishesOptions) {
    this.#options = options;
  }

  /** @param rows keys that steer the call; undefined: all are for the others. */
  press(party: Party, key: string, rows: KeyRows | undefined): void {
    const { clock, pass, act } = this.#options;
    if (rows === undefined || rows.size === 0) {
      pass(party, key);
      return;
    }
    const commands =
      this.#commands.get(party) ??
      new KeyCommands(
        clock,
        rows,
        (passed) => pass(party, passed),
        (action) => act(party, action),
      );
    this.#commands.set(party, commands);
    commands.press(key);
  }

  /** @param interrupt whether it hears nothing more of what is being said to it. @returns false when too much waits. */
  say(party: Party, saying: Saying, interrupt: boolean): boolean {
    const { scope, tell, interrupts } = this.#options;
    const sayings =
      this.#sayings.get(party) ?? new Sayings(party.ear, scope, (...told) => tell(party, ...told));
    this.#sayings.set(party, sayings);
    if (interrupt) {
      sayings.drop('interrupted');
      interrupts(party);
      party.hush();
    }
    return sayings.add(saying);
  }

  /** It speaks another language: what it was to be told is not said any more. */
  dropSayings(party: Party): void {
    this.#sayings.get(party)?.drop('changed');
  }

  /** It has left: nothing that it pressed is passed on any more, and nothing more is said to it. */
  left(party: Party): void {
    this.#commands.get(party)?.close();
    this.#commands.delete(party);
    this.#sayings.get(party)?.drop('left');
    this.#sayings.delete(party);
  }
}
