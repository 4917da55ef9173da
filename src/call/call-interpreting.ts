/**
 * What turns the speech of one call's parties into other speech: an interpretation for each who speaks, what they have said
 * and been told, the voices that speak for them, and who of them had the place before. Who hears what of it is told by the
 * call, whenever `changed` says that it may be otherwise.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { EmotionReader } from '../engines/emotion/emotion-reader.ts';
import { Conversation, type SpeakerLines } from '../interpret/conversation.ts';
import type { VoiceBook } from '../interpret/manner/choose-voice.ts';
import type { Direction } from '../interpret/policy/matched-lag.ts';
import type { Interpreters, SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { SpeakerVoices } from '../voices/speaker-voices.ts';
import { toneToAll } from './announcing.ts';
import { Audience } from './audience.ts';
import type { CallEvent } from './call-events.ts';
import { CallVoices } from './call-voices.ts';
import { FormerSpeakers } from './former-speaker.ts';
import { Interpretation, type InterpretationOptions } from './interpretation.ts';
import { MatchedDelay } from './matched-delay.ts';
import type { Party } from './party.ts';
import { type CallPlan, isInterpreted, type PartyPlan } from './plan.ts';
import type { Route } from './route.ts';
import type { PartyView } from './who-hears.ts';

/** Finds what interprets one language into another; undefined where nothing does and the voice is let through. */
export type InterpreterBook = (from: Language, to: Language) => Interpreters | undefined;

/** What it works with, and for all calls alike. */
export interface InterpretingDeps {
  readonly clock: Clock;
  readonly interpreters: InterpreterBook;
  /** The voices to choose from for who speaks; default none, and each language has its one. */
  readonly voices?: VoiceBook | undefined;
  /** What hears emotion in the voices that the plan says are judged; default nothing. */
  readonly emotionReader?: EmotionReader | undefined;
  readonly fanOut: FanOut;
  /** Voices of speakers, and by name. */
  readonly speakerVoices: SpeakerVoices;
}

/** The call that it is of. */
export interface InterpretedCall {
  /** As it is to be now. */
  readonly plan: CallPlan;
  readonly parties: ReadonlyMap<string, Party>;
  /** The zero of the call's own time, on the clock. */
  readonly startMs: number;
  readonly log: Log;
  /** Ends with the call. */
  readonly scope: Scope;
  emit(event: CallEvent): void;
  /** Something is rendered that was not, or the other way round. */
  changed(): void;
  /** Of who had a party's place before, or has left, nothing is on its way any more. @param counted what that had counted. */
  formerOver(counted: Counted): void;
  /** Who keeps what engines answer about a party; undefined: nobody. */
  answersOf(party: string): InterpretationOptions['answered'];
}

export class CallInterpreting implements Counted {
  readonly counts = {
    /** For how long speech was held to match the slower direction, in ms. */
    matchHeldMs: 0,
  };
  readonly #deps: InterpretingDeps;
  readonly #call: InterpretedCall;
  readonly #conversation = new Conversation();
  /** Whose words are still on their way, though they speak no more. */
  readonly #former: FormerSpeakers;
  readonly #audience: Audience;
  readonly #delay: MatchedDelay;
  readonly #voices: CallVoices;
  #turn: number;

  /** @param turn how many turns there have been, at another node. */
  constructor(call: InterpretedCall, deps: InterpretingDeps, turn: number) {
    this.#call = call;
    this.#deps = deps;
    this.#turn = turn;
    this.#delay = new MatchedDelay(deps.clock, call.scope);
    this.#voices = new CallVoices(deps.voices);
    this.#former = new FormerSpeakers(deps.clock, ({ id, interpretation }) => {
      this.#over(id, interpretation);
      call.changed();
    });
    this.#audience = new Audience(call.parties, this.#former, () => call.plan.policy, deps.fanOut);
  }

  get parts(): Iterable<Counted> {
    return [...this.#former];
  }

  /** Turns so far. */
  get turn(): number {
    return this.#turn;
  }

  /** Everyone whose words are on their way. */
  get speakers(): readonly PartyView<Route>[] {
    return this.#audience.speakers;
  }

  /** Whether it is to be measured how parties speak. */
  get measures(): boolean {
    const { plan } = this.#call;
    return plan.manner === true || plan.stress === true || this.#voices.canChoose(plan);
  }

  /** What a party has said and been told. */
  linesOf(party: string): SpeakerLines {
    return this.#conversation.of(party);
  }

  /** What it has said and been told is not known any more: somebody else is there. */
  forgetWords(party: string): void {
    this.#conversation.forget(party);
  }

  /** What interprets a party that is new. @param countedBefore utterances of it, at another node. */
  open(plan: PartyPlan, countedBefore: number): Interpretation {
    return this.#interpret(plan, countedBefore);
  }

  /** What a party says from now on is heard and rendered by others; what it has said by now comes to its end. */
  openAnew(party: Party, plan: PartyPlan): void {
    const { interpretation, plan: before } = party;
    this.#voices.forget(party.id);
    const next = this.#interpret(plan, interpretation.utterancesMore);
    party.become(plan, this.linesOf(plan.id), next);
    this.#former.add(before, interpretation);
  }

  /** Has everyone rendered in the languages that somebody listens in now. */
  want(): void {
    const { plan, parties } = this.#call;
    const listeners = [...parties.values()].filter(({ hears }) => hears !== 'voices');
    const languages = new Set(listeners.map(({ language }) => language));
    for (const party of parties.values()) {
      const wanted = isInterpreted(plan, party.plan)
        ? [...languages].filter((language) => language !== party.language)
        : [];
      party.interpretation.want(new Set(wanted));
    }
  }

  /** What is held for who listens in a language begins, so that it is forgotten with all that waits. */
  release(to: Language): void {
    this.#delay.release(to);
  }

  /** A party has left for good. @param heardOut whether others hear the end of what it had said. */
  left({ id, plan, interpretation }: Party, heardOut: boolean): void {
    this.#conversation.forget(id);
    if (heardOut) {
      this.#former.add(plan, interpretation);
    } else {
      this.#over(id, interpretation);
    }
  }

  /** Waits for nobody's words any more. */
  close(): void {
    this.#former.close();
    for (const { interpretation } of this.#call.parties.values()) {
      this.#call.scope.run(() => interpretation.close());
    }
  }

  /** Nothing more is heard of what was said at a place. */
  #over(id: string, interpretation: Interpretation): void {
    const { parties, scope, formerOver } = this.#call;
    if (!parties.has(id)) {
      this.#voices.forget(id);
    }
    formerOver(interpretation);
    scope.run(() => interpretation.close());
  }

  #interpret(plan: PartyPlan, countedBefore: number): Interpretation {
    const { clock, interpreters, speakerVoices, emotionReader } = this.#deps;
    const call = this.#call;
    const { voices: neutral } = call.plan;
    const audience = this.#audience;
    return new Interpretation(
      {
        speaker: plan,
        plan: call.plan,
        lines: this.linesOf(plan.id),
        interpreters: (to) => interpreters(plan.language, to),
        nextTurn: () => {
          speakerVoices.begins(plan.voice);
          this.#turn += 1;
          return this.#turn;
        },
        wantedRateHz: (to) => audience.rateOf(to),
        voice: (to) => {
          const off = call.parties.get(plan.id)?.plan.ownVoiceOff === true;
          const speaker = off ? { ...plan, voice: undefined } : plan;
          return this.#voices.of(speaker, to, speakerVoices.spoken(speaker.voice, to, neutral.get(to)));
        },
        registered: (hz) => this.#voices.registered(plan.id, hz),
        emotionReader,
        play: (route, segment, turn, sink) =>
          this.#matched({ from: plan.language, to: route.to }, segment, () =>
            audience.play(route, segment, turn, sink),
          ),
        rendered: (to, timing) => this.#delay.heard({ from: plan.language, to }, timing),
        told: (to, text) => audience.told(to, plan.id, text),
        notice: (route) => toneToAll(audience.listenersOf(route), 'uninterpreted'),
        changed: () => {
          this.#former.look();
          call.changed();
        },
        emit: (event) => {
          call.emit(event);
          this.#former.look();
        },
        clock,
        log: call.log.child({ party: plan.id, from: plan.language }),
        callStartMs: call.startMs,
        answered: call.answersOf(plan.id),
        countedBefore,
      },
      call.scope.child(),
    );
  }

  /** Plays a segment: at once, or when the other direction would be as late. */
  #matched(direction: Direction, segment: SpokenSegment, play: () => SegmentHandle): SegmentHandle {
    const { plan, parties } = this.#call;
    const isPair = plan.kind === 'pair' && parties.size === 2;
    const matches = plan.matchDelay && isPair && plan.policy !== 'consecutive';
    const holdMs = matches ? this.#delay.holdMs(direction, segment) : 0;
    this.counts.matchHeldMs += holdMs;
    return this.#delay.play(direction.to, holdMs, segment, play);
  }
}
