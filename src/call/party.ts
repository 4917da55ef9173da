/**
 * One party's place in a call: who it is, what it has said and been told, what interprets it, and the leg it has at the
 * moment. A place can outlive its leg; the next leg carries on where that one was.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { Scope } from '../base/scope.ts';
import type { SpeakerLines } from '../interpret/conversation.ts';
import type { FrameRingHandle } from '../media/ring/frame-ring.ts';
import type { Interpretation } from './interpretation.ts';
import type { Leg } from './leg.ts';
import type { PartyState } from './leg-states.ts';
import { PartyEar } from './party-ear.ts';
import { type PartyReset, PipelineReset } from './pipeline-reset.ts';
import type { OriginalMode, PartyHearing, PartyPlan } from './plan.ts';
import type { Route } from './route.ts';
import { ToldFacts } from './told-facts.ts';
import type { PartyView } from './who-hears.ts';

/** Who hears a party is told by the waiting tone that it is on hold when it has been so for this long, in ms. */
const AWAY_AFTER_MS = 2_000;

export class Party implements PartyView<Route>, Counted {
  readonly ear: PartyEar;
  /** What whoever seats its legs says of it; what it is by now may have been changed since. */
  seated: PartyPlan;
  #plan: PartyPlan;
  #lines: SpeakerLines;
  #interpretation: Interpretation;
  readonly #reset: PipelineReset;
  /** What who is there was told of the call. */
  readonly facts = new ToldFacts();
  /** By what other nodes recognise its leg (`legKeyOf`); undefined where nothing does. */
  key: string | undefined;
  /** Whether the audio of its leg was what its wire said at the node before; the next one is the same phone's. */
  #asLabelled = false;
  /** Whether the leg that it had last could come again elsewhere. */
  #couldLeave = true;
  /** Set while it has no leg: gives the place up. */
  rejoining: Timer | undefined;
  readonly #clock: Clock;
  #leg: Leg | undefined;
  #suspended = false;
  #away = false;
  /** Set while it is on hold and nobody knows. */
  #awayTimer: Timer | undefined;

  /** @param remembers whether what it was told last can be told again. */
  constructor(
    clock: Clock,
    plan: PartyPlan,
    lines: SpeakerLines,
    interpretation: Interpretation,
    remembers: boolean,
  ) {
    this.#clock = clock;
    this.ear = new PartyEar(clock, remembers);
    this.#reset = new PipelineReset(clock);
    this.seated = plan;
    this.#plan = plan;
    this.#lines = lines;
    this.#interpretation = interpretation;
  }

  get plan(): PartyPlan {
    return this.#plan;
  }

  get lines(): SpeakerLines {
    return this.#lines;
  }

  get interpretation(): Interpretation {
    return this.#interpretation;
  }

  get id(): string {
    return this.plan.id;
  }

  get language(): Language {
    return this.plan.language;
  }

  get original(): OriginalMode | undefined {
    return this.plan.original;
  }

  get hears(): PartyHearing {
    return this.plan.hears;
  }

  get muted(): boolean {
    return this.plan.muted;
  }

  get leg(): Leg | undefined {
    return this.#leg;
  }

  /** Whether its leg can come again at another node, or the one that is waited for. */
  get canLeave(): boolean {
    return this.#leg?.canLeave ?? this.#couldLeave;
  }

  get state(): PartyState {
    return this.#leg?.state ?? 'DETACHED';
  }

  get ring(): FrameRingHandle | undefined {
    return this.#leg?.media.voice;
  }

  /** Whether it is on hold. */
  get suspended(): boolean {
    return this.#suspended;
  }

  get away(): boolean {
    return this.#away;
  }

  get routes(): ReadonlyMap<Language, Route> {
    return this.interpretation.routes;
  }

  get speaking(): boolean {
    return this.interpretation.speaking;
  }

  /** Whether the audio of its leg is known to be what its wire says, from itself or from the node before. */
  get asLabelled(): boolean {
    return this.#leg?.asLabelled ?? this.#asLabelled;
  }

  set asLabelled(known: boolean) {
    this.#asLabelled = known;
  }

  /** How many utterances of it were counted. */
  get utterances(): number {
    return this.interpretation.utterancesMore + (this.#leg?.media.utterances ?? 0);
  }

  get counts(): Counted['counts'] {
    return this.interpretation.counts;
  }

  get parts(): readonly Counted[] {
    return [this.ear];
  }

  /** The party is on this leg from now on. */
  attach(leg: Leg): void {
    this.rejoining?.cancel();
    this.rejoining = undefined;
    this.#leg = leg;
    this.interpretation.attach(leg.media);
    this.ear.attach(leg.media);
  }

  /** It is to be heard, or to hear, otherwise; what interprets it stays. @param plan of the same language and voice. */
  adjust(plan: PartyPlan): void {
    this.#plan = plan;
  }

  /**
   * Somebody else is there from now on, or what is known of who is there has changed. What was heard goes on with the
   * interpretation before, which has lost the leg. @param next has no leg yet.
   */
  become(plan: PartyPlan, lines: SpeakerLines, next: Interpretation): void {
    this.#interpretation.detach();
    if (plan.language !== this.language) {
      this.hush();
    }
    this.#plan = plan;
    this.#lines = lines;
    this.#interpretation = next;
    if (this.#leg !== undefined) {
      // Another voice, at another level; and what goes on to be said is another utterance.
      this.#leg.media.hearAnew();
      next.attach(this.#leg.media);
    }
  }

  /** The party is on hold: nothing is said to it until it is back. @param away is called when others should know. */
  suspend(away: () => void): void {
    this.#suspended = true;
    this.ear.hold();
    // What its leg has begun to say is said again, if the party is soon back.
    this.#leg?.media.flush();
    this.#awayTimer = this.#clock.at(this.#clock.nowMs() + AWAY_AFTER_MS, () => {
      this.#away = true;
      away();
    });
  }

  /** The party is back on its leg. */
  resume(): void {
    this.#notAway();
    this.ear.resume();
  }

  /** Whatever is being said to it, or waits to be, it hears no more of. */
  hush(): void {
    this.#leg?.media.flush();
    this.ear.forget();
  }

  /** Starts all that works for the party anew; its leg stays. @param scope ends it, should it not be done. */
  reset(coolDownMs: number, scope: Scope): PartyReset {
    return this.#reset.run(this.interpretation, this.#leg, coolDownMs, scope);
  }

  /** The party has lost its leg. Who comes back by another may be somebody else: a call was handed on. */
  detach(): void {
    this.#notAway();
    this.#asLabelled = false;
    this.#couldLeave = this.canLeave;
    this.#leg = undefined;
    this.facts.forgetAll();
    this.interpretation.detach();
    this.ear.detach();
  }

  #notAway(): void {
    this.#suspended = false;
    this.#away = false;
    this.#awayTimer?.cancel();
  }
}
