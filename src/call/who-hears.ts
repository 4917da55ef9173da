/**
 * Who hears whom, and how: pure functions of who is in the call and what is interpreted at the moment. A listener hears
 * everyone's own voice; of those who do not share its language, a rendering above it as soon as there is one. Where the
 * interpreter takes its turn (policy `consecutive`) everybody hears a rendering, the speaker too, who thereby knows
 * when to go on. Who hears renderings alone hears the others by a call of its own.
 */

import type { Language } from '../base/language.ts';
import type { FrameRingHandle } from '../media/ring/frame-ring.ts';
import type { HeardVoice, HearMode, Orders } from '../media/thread/orders.ts';
import type { CallPlan, OriginalMode, PartyHearing } from './plan.ts';

/** What one party's speech is turned into, in one language. */
export interface RouteView {
  readonly ready: boolean;
  readonly asIs: boolean;
  readonly turns: Iterable<number>;
}

export interface PartyView<Route extends RouteView = RouteView> {
  readonly id: string;
  readonly language: Language;
  /** How it hears others; undefined: as the call's plan says. */
  readonly original: OriginalMode | undefined;
  readonly hears: PartyHearing;
  /** Whether nobody hears it. */
  readonly muted: boolean;
  /** What arrives from its leg; undefined while it has none. */
  readonly ring: FrameRingHandle | undefined;
  /** Whether it has been on hold for so long that others should know. */
  readonly away: boolean;
  /** Renderings of what it says, by language. */
  readonly routes: ReadonlyMap<Language, Route>;
  /** Whether it speaks now. */
  readonly speaking: boolean;
}

/** Which of `speaker`'s renderings `listener` hears. */
export function routeHeard<Route extends RouteView>(
  speaker: PartyView<Route>,
  listener: PartyView,
  policy: CallPlan['policy'],
): Route | undefined {
  if (listener.hears === 'voices') {
    return undefined;
  }
  if (policy === 'consecutive' && speaker.language === listener.language) {
    // Its own language has no rendering: the first there is tells that the interpreter has its turn.
    const [first] = speaker.routes.values();
    return first;
  }
  // Nobody is told what was said at its own place, whoever was there.
  return speaker.id === listener.id ? undefined : speaker.routes.get(listener.language);
}

/** What `listener` is to hear and whether it is listened to. */
export function ordersFor(
  listener: PartyView,
  parties: readonly PartyView[],
  plan: CallPlan,
): Pick<Orders, 'voices' | 'turns' | 'attending' | 'waiting' | 'onlySpoken'> {
  const onlySpoken = listener.hears === 'renderings';
  const voices: HeardVoice[] = [];
  const turns: number[] = [];
  for (const speaker of parties) {
    const route = routeHeard(speaker, listener, plan.policy);
    if (speaker !== listener && speaker.ring !== undefined && !onlySpoken && !speaker.muted) {
      voices.push({ id: speaker.id, ring: speaker.ring, how: howHeard(route, speaker, listener, plan) });
    }
    // While it speaks itself, a party does not wait for what is made of it.
    if (route !== undefined && !(speaker === listener && speaker.speaking)) {
      turns.push(...route.turns);
    }
  }
  return {
    voices,
    turns: turns.sort((a, b) => a - b),
    // Those who are not interpreted themselves may still speak into a translation.
    attending: parties.some(({ routes }) => routes.size > 0),
    waiting:
      !onlySpoken && parties.every((party) => party === listener || party.ring === undefined || party.away),
    onlySpoken,
  };
}

/** Whether nobody else has a leg; who is on hold has one. */
export function isAlone(listener: PartyView, parties: readonly PartyView[]): boolean {
  return parties.every((party) => party === listener || party.ring === undefined);
}

function howHeard(
  route: RouteView | undefined,
  speaker: PartyView,
  listener: PartyView,
  plan: CallPlan,
): HearMode {
  if (route === undefined || !route.ready || speaker.language === listener.language) {
    return 'through';
  }
  return route.asIs ? 'as-is' : (listener.original ?? plan.original);
}
