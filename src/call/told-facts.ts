/**
 * What the call itself has told a party. It counts once who is there has heard it to its end: what a hold, or something
 * that is said instead, cuts off is to be told again from its beginning.
 */

import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { AnnouncedFact } from './announcing.ts';

/** Beside what is announced: that somebody listens. */
export type ToldFact = AnnouncedFact | 'listening';

export class ToldFacts {
  readonly #heard = new Set<ToldFact>();
  /** What its leg says, or is about to. */
  readonly #saying = new Map<ToldFact, PlayedSink>();

  /** Whether it was heard. */
  has(fact: ToldFact): boolean {
    return this.#heard.has(fact);
  }

  /** Whether it was heard, or is being said. */
  isSaid(fact: ToldFact): boolean {
    return this.#heard.has(fact) || this.#saying.has(fact);
  }

  add(fact: ToldFact): void {
    this.#heard.add(fact);
  }

  /** It is said from now on, to who is there. @param heard is called if it is heard to its end. @returns for its sound. */
  says(fact: ToldFact, heard: () => void): PlayedSink {
    const sink: PlayedSink = {
      started: () => {},
      ended: (_atMs, end) => {
        if (this.#saying.get(fact) === sink) {
          this.#saying.delete(fact);
          if (end === 'played') {
            this.#heard.add(fact);
            heard();
          }
        }
      },
    };
    this.#saying.set(fact, sink);
    return sink;
  }

  /** It was told to somebody else, or in another language, or is another fact by now. */
  forget(fact: ToldFact): void {
    this.#heard.delete(fact);
    this.#saying.delete(fact);
  }

  /** Who is there knows nothing. */
  forgetAll(): void {
    this.#heard.clear();
    this.#saying.clear();
  }
}
