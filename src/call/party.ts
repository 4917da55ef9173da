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
import type { LegState } from './leg-states.ts';
import { PartyEar } from './party-ear.ts';
import { type PartyReset, PipelineReset } from './pipeline-reset.ts';
import type { OriginalMode, PartyPlan } from './plan.ts';
import type { Route } from './route.ts';
import type { PartyView } from './who-hears.ts';

export class Party implements PartyView<Route>, Counted {
  readonly plan: PartyPlan;
  readonly lines: SpeakerLines;
  readonly interpretation: Interpretation;
  readonly ear: PartyEar;
  readonly #reset: PipelineReset;
  /** Whether who is there was told that a machine interprets. */
  announced = false;
  /** Set while it has no leg: gives the place up. */
  rejoining: Timer | undefined;
  #leg: Leg | undefined;

  constructor(clock: Clock, plan: PartyPlan, lines: SpeakerLines, interpretation: Interpretation) {
    this.ear = new PartyEar(clock);
    this.#reset = new PipelineReset(clock);
    this.plan = plan;
    this.lines = lines;
    this.interpretation = interpretation;
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

  get leg(): Leg | undefined {
    return this.#leg;
  }

  /** The state of its leg; `RINGING` while a lost leg is waited for. */
  get state(): LegState {
    return this.#leg?.state ?? 'RINGING';
  }

  get ring(): FrameRingHandle | undefined {
    return this.#leg?.media.voice;
  }

  get routes(): ReadonlyMap<Language, Route> {
    return this.interpretation.routes;
  }

  get speaking(): boolean {
    return this.interpretation.speaking;
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

  /** Starts all that works for the party anew; its leg stays. @param scope ends it, should it not be done. */
  reset(scope: Scope): PartyReset {
    return this.#reset.run(this.interpretation, this.#leg, scope);
  }

  /** The party has lost its leg. Who comes back by another may be somebody else: a call was handed on. */
  detach(): void {
    this.#leg = undefined;
    this.announced = false;
    this.interpretation.detach();
    this.ear.detach();
  }
}
