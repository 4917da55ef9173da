/**
 * Who spoke at a party's place before somebody else came to it, before it spoke another language, or before it left
 * those who go on without it: nothing more is said by it, and what it had said is rendered to its end for those who listen.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { Interpretation } from './interpretation.ts';
import type { PartyPlan } from './plan.ts';
import type { Route } from './route.ts';
import type { PartyView } from './who-hears.ts';

/** How long what it had said may take to come to its end, in ms. */
const ENDING_LIMIT_MS = 10_000;

/** Those of one call. */
export class FormerSpeakers {
  readonly #clock: Clock;
  readonly #over: (former: FormerSpeaker) => void;
  /** Each with the end of our patience. */
  readonly #limits = new Map<FormerSpeaker, Timer>();

  /** @param over told when nothing of one is under way any more, or has been for too long. */
  constructor(clock: Clock, over: (former: FormerSpeaker) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  [Symbol.iterator](): Iterator<FormerSpeaker> {
    return this.#limits.keys();
  }

  /** @param interpretation has lost its leg already. */
  add(plan: PartyPlan, interpretation: Interpretation): void {
    const former = new FormerSpeaker(plan, interpretation);
    const limitMs = this.#clock.nowMs() + ENDING_LIMIT_MS;
    this.#limits.set(
      former,
      this.#clock.at(limitMs, () => this.#end(former)),
    );
    this.look();
  }

  /** Something has come to its end. */
  look(): void {
    for (const former of [...this]) {
      if (former.interpretation.isIdle) {
        this.#end(former);
      }
    }
  }

  /** Waits for none of them any more. */
  close(): void {
    for (const former of [...this]) {
      this.#end(former);
    }
  }

  #end(former: FormerSpeaker): void {
    this.#limits.get(former)?.cancel();
    if (this.#limits.delete(former)) {
      this.#over(former);
    }
  }
}

class FormerSpeaker implements PartyView<Route>, Counted {
  readonly id: string;
  readonly language: Language;
  readonly original = undefined;
  readonly hears = 'renderings';
  readonly muted = false;
  /** It has no leg: whoever has its place now is heard by that. */
  readonly ring = undefined;
  readonly away = false;
  readonly speaking = false;
  readonly interpretation: Interpretation;

  constructor({ id, language }: PartyPlan, interpretation: Interpretation) {
    this.id = id;
    this.language = language;
    this.interpretation = interpretation;
  }

  get routes(): ReadonlyMap<Language, Route> {
    return this.interpretation.routes;
  }

  get counts(): Counted['counts'] {
    return this.interpretation.counts;
  }
}
