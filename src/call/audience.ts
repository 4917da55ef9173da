/** Who hears the renderings of one call: finds the listeners of a route, and hands them what they are to hear. */

import type { Language } from '../base/language.ts';
import type { SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { Party } from './party.ts';
import type { CallPlan } from './plan.ts';
import type { Route } from './route.ts';
import { type PartyView, routeHeard } from './who-hears.ts';

/** What every leg can be spoken to at, in Hz. */
const LEAST_RATE_HZ = 8_000;

export class Audience {
  readonly #parties: ReadonlyMap<string, Party>;
  readonly #former: Iterable<PartyView<Route>>;
  readonly #policy: () => CallPlan['policy'];
  readonly #fanOut: FanOut;

  /**
   * @param former whose words are still on their way, though they speak no more.
   * @param policy of the call, as it is to be now.
   */
  constructor(
    parties: ReadonlyMap<string, Party>,
    former: Iterable<PartyView<Route>>,
    policy: () => CallPlan['policy'],
    fanOut: FanOut,
  ) {
    this.#parties = parties;
    this.#former = former;
    this.#policy = policy;
    this.#fanOut = fanOut;
  }

  /** Everyone whose words are on their way. */
  get speakers(): readonly PartyView<Route>[] {
    return [...this.#parties.values(), ...this.#former];
  }

  listenersOf(route: Route): readonly Party[] {
    const { speakers } = this;
    return [...this.#parties.values()].filter((listener) =>
      speakers.some((speaker) => routeHeard(speaker, listener, this.#policy()) === route),
    );
  }

  /** Hands a segment to all who listen to its route, to be heard in its turn. */
  play(route: Route, segment: SpokenSegment, turn: number | undefined, sink: PlayedSink): SegmentHandle {
    const ears = this.listenersOf(route).map(({ ear }) => ear);
    return this.#fanOut.open(segment.rateHz, ears, turn, sink, segment.manner);
  }

  /** Who speaks `to` is being told this, but for who said it. */
  told(to: Language, speakerId: string, text: string): void {
    for (const party of this.#parties.values()) {
      if (party.language === to && party.id !== speakerId) {
        party.lines.told(text);
      }
    }
  }

  /** The highest rate in Hz at which somebody is spoken to in `language`. */
  rateOf(language: Language): number {
    const rates = [...this.#parties.values()].flatMap(({ language: spoken, leg }) =>
      spoken === language && leg !== undefined ? [leg.media.spokenToHz] : [],
    );
    return Math.max(LEAST_RATE_HZ, ...rates);
  }
}
