/**
 * Parties that hear each other, two or twenty. It seats legs at the parties' places, decides which languages each party
 * is rendered in, and tells every leg what it is to hear whenever that changes. How speech becomes other speech is the
 * interpretations' business.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { type Counted, CountSums } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { Tally } from '../base/tally.ts';
import type { EmotionReader } from '../engines/emotion/emotion-reader.ts';
import { Conversation, type SpeakerLines } from '../interpret/conversation.ts';
import type { VoiceBook } from '../interpret/manner/choose-voice.ts';
import type { Interpreters, SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { SpeakerVoices } from '../voices/speaker-voices.ts';
import { type AnnouncementBook, announceInterpreter, announceRecording, toneToAll } from './announcing.ts';
import { Audience } from './audience.ts';
import type { CallEvent } from './call-events.ts';
import { CallLimit } from './call-limit.ts';
import { CallVoices } from './call-voices.ts';
import type { CallDetail } from './detail/call-detail.ts';
import { CallLedger, type EndedCall } from './detail/call-ledger.ts';
import { FormerSpeakers } from './former-speaker.ts';
import { Interpretation } from './interpretation.ts';
import { actOnKeys } from './key-actions.ts';
import type { Leg } from './leg.ts';
import type { LegState, PartyState } from './leg-states.ts';
import { PEER_HANGUP } from './leg-transport.ts';
import { MatchedDelay } from './matched-delay.ts';
import { Party } from './party.ts';
import { PartyWishes } from './party-wishes.ts';
import type { PartyReset } from './pipeline-reset.ts';
import { type CallPlan, isInterpreted, type PartyChange, type PartyPlan, type PlanChange } from './plan.ts';
import { CallRecording } from './recording/call-recording.ts';
import type { Recorder, RecordingState } from './recording/recorder.ts';
import type { Saying } from './sayings.ts';
import { shownIdOf } from './seating/registered-calls.ts';
import { type Refusal, refused } from './seating/seating.ts';
import { isAlone, ordersFor } from './who-hears.ts';

/** Finds what interprets one language into another; undefined where nothing does and the voice is let through. */
export type InterpreterBook = (from: Language, to: Language) => Interpreters | undefined;

/** The reason of a leg whose place another leg of the same party has taken. */
export const TAKEN_OVER = 'taken-over';

export interface CallDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly interpreters: InterpreterBook;
  readonly announcements: AnnouncementBook;
  /** The voices to choose from for who speaks; default none, and each language has its one. */
  readonly voices?: VoiceBook | undefined;
  /** What hears emotion in the voices that the plan says are judged; default nothing. */
  readonly emotionReader?: EmotionReader | undefined;
  readonly fanOut: FanOut;
  /** Voices of speakers, and by name. */
  readonly speakerVoices: SpeakerVoices;
  /** Where calls are kept whose plan says so; undefined: nowhere. */
  readonly recorder?: Recorder | undefined;
  readonly emit: (callId: string, event: CallEvent) => void;
  /** The last party has left; what is to be kept of the call. */
  readonly over: (detail: CallDetail, plan: CallPlan) => void;
}

export class Call implements Counted {
  readonly id: string;
  /** What it is called where it is shown. */
  readonly shownId: string;
  readonly startedAt: Date;
  readonly counts = {
    /** What became of places whose leg was lost, or to which another leg came. */
    rejoins: new Tally<'came-back' | 'took-over' | 'stayed-away'>(),
    /** Times that somebody asked to start a party's pipeline anew. */
    resets: new Tally<PartyReset>(),
    /** Times that a party became somebody else, or what was known of one changed. */
    partiesChanged: new Tally<'person' | 'known'>(),
    /** For how long speech was held to match the slower direction, in ms. */
    matchHeldMs: 0,
  };
  readonly #deps: CallDeps;
  readonly #scope: Scope;
  readonly #log: Log;
  readonly #startMs: number;
  #plan: CallPlan;
  readonly #wishes: PartyWishes;
  /** In the order in which they joined. */
  readonly #parties = new Map<string, Party>();
  /** Whose words are still on their way, though they speak no more. */
  readonly #former: FormerSpeakers;
  readonly #audience: Audience;
  /** What parties that have left, and former speakers, had counted. */
  readonly #gone = new CountSums();
  readonly #conversation = new Conversation();
  readonly #ledger: CallLedger;
  readonly #limit: CallLimit | undefined;
  readonly #recording: CallRecording | undefined;
  readonly #delay: MatchedDelay;
  readonly #voices: CallVoices;
  #turn = 0;
  #ending = false;

  /** @param startMs when its first leg was accepted, on the clock; the zero of the call's own time. */
  constructor(id: string, plan: CallPlan, startMs: number, deps: CallDeps, scope: Scope) {
    this.id = id;
    this.shownId = shownIdOf(id);
    this.#ledger = new CallLedger(startMs);
    this.#plan = plan;
    this.#deps = deps;
    this.#scope = scope;
    this.#startMs = startMs;
    this.startedAt = deps.clock.wallTime();
    this.#log = deps.log.child({ call: id });
    this.#delay = new MatchedDelay(deps.clock, scope);
    this.#voices = new CallVoices(deps.voices);
    this.#former = new FormerSpeakers(deps.clock, (former) => {
      this.#gone.add(former);
      former.interpretation.want(new Set());
      this.#scope.run(() => former.interpretation.close());
      this.#tell();
    });
    this.#audience = new Audience(this.#parties, this.#former, () => this.#plan.policy, deps.fanOut);
    this.#wishes = new PartyWishes({
      clock: deps.clock,
      scope,
      // What is held begins, so that it is forgotten with all that waits.
      interrupts: ({ language }) => this.#delay.release(language),
      pass: (party, key) => this.#passKey(party, key),
      act: ({ id: party }, action) => actOnKeys(this, party, action),
      tell: ({ id: party }, { id: saying, piiText }, fate) =>
        this.emit({ type: 'saying', atMs: this.nowMs(), party, saying, ...fate, piiText }),
    });
    this.#limit = plan.limitMs === undefined ? undefined : this.#limitTo(plan.limitMs);
    this.#recording = this.#record(plan);
  }

  /** As it is to be now. */
  get plan(): CallPlan {
    return this.#plan;
  }

  get parties(): ReadonlyMap<string, Party> {
    return this.#parties;
  }

  get parts(): Iterable<Counted> {
    return [...this.#parties.values(), ...this.#former];
  }

  /** What parties that have left had counted. */
  get gone(): CountSums {
    return this.#gone;
  }

  /** Why `leg` cannot have a party's place; undefined when it can. */
  refusal({ id }: PartyPlan, leg: Leg): Refusal | undefined {
    if (this.#ending) {
      return refused('call-ending', 'the call it belongs to is being hung up');
    }
    const seated = this.#parties.get(id);
    if (seated?.leg !== undefined && leg.door.rejoinMs === 0) {
      return refused(
        'place-taken',
        `the party ${id} of this call is on another leg already: one UUID is one party`,
      );
    }
    const { maxParties } = this.plan;
    if (seated === undefined && this.#parties.size >= maxParties) {
      return refused(
        'too-many-parties',
        `the call has ${maxParties} parties, as many as --max-parties lets in`,
      );
    }
    return undefined;
  }

  /** Seats a leg at a party's place; one that is on it gives way. */
  join(leg: Leg, plan: PartyPlan): void {
    const known = this.#parties.get(plan.id);
    const party = known ?? this.#addParty(plan);
    const before = known?.leg;
    if (before !== undefined) {
      this.#recording?.detach(party.id);
      party.detach();
      this.#emitState(party, 'DETACHED');
    }
    party.attach(leg);
    leg.identify({ callId: this.id, party: plan.id }, known === undefined ? 'identified' : 'reattached');
    if (known !== undefined) {
      this.#cameBack(leg, before);
      this.#seatedAs(known, plan);
    }
    this.#recording?.attach(party.id, leg);
    const { language } = party;
    this.#ledger.joined(leg, party.plan, this.#deps.clock.nowMs());
    leg.log.info({ language, parties: this.#parties.size, again: known !== undefined }, 'a party has joined');
    this.#reconsider();
    if (known === undefined) {
      this.#tellOthers(party, 'joined');
    }
    this.#announce();
  }

  /** A leg has ended: its party has left, unless it may come back by another. */
  legEnded(leg: Leg, reason: string): void {
    this.#ledger.legEnded(leg, reason, this.#deps.clock.nowMs());
    const party = this.#partyOn(leg);
    if (party === undefined) {
      return;
    }
    this.#recording?.detach(party.id);
    party.detach();
    const { rejoinMs } = leg.door;
    if (rejoinMs > 0 && reason !== PEER_HANGUP && !leg.hangingUp && !this.#ending) {
      leg.log.info({ reason, rejoinMs }, 'a party has lost its leg; its place is kept');
      this.#emitState(party, 'DETACHED');
      const { clock } = this.#deps;
      party.rejoining = clock.at(clock.nowMs() + rejoinMs, () => {
        this.counts.rejoins.add('stayed-away');
        this.#left(party, reason);
      });
      this.#reconsider();
    } else {
      this.#left(party, reason, leg.log);
    }
  }

  /** A leg's state has changed. What its end means for its party {@link legEnded} finds out. */
  stateChanged(leg: Leg, state: LegState, before: LegState): void {
    const party = this.#partyOn(leg);
    if (party !== undefined && state !== 'DISCONNECTED') {
      this.#emitState(party, state);
      if (state === 'SUSPENDED') {
        party.suspend(() => this.#tell());
      } else if (party.suspended && (state === 'CONNECTED' || state === 'RINGING')) {
        party.resume();
        this.#tell();
      } else if (before === 'REATTACHING' && state === 'CONNECTED') {
        this.#tell();
      }
    }
  }

  /**
   * What is known of a party is otherwise from now on: it is heard, spoken to and told that a machine interprets in its
   * language as it is now. What it has said by now is rendered to its end; in another language nothing is said to it
   * any more that was meant for the one before. Nothing happens where the change says what is so already.
   * @returns whether there is such a party.
   */
  changeParty(id: string, change: PartyChange): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      const plan = { ...party.plan, ...change };
      if (plan.language !== party.language || plan.voice !== party.plan.voice) {
        this.#become(party, plan, plan.language !== party.language);
        this.counts.partiesChanged.add('known');
      } else if (!samePlan(plan, party.plan)) {
        party.adjust(plan);
        this.#ledger.is(plan, this.#deps.clock.nowMs());
        if (plan.refusesRecording === true) {
          this.#log.info({ party: id }, 'a party does not want to be recorded');
          this.#recording?.refuse(id);
        }
        this.#tellChanged(plan);
        this.#reconsider();
        this.counts.partiesChanged.add('known');
      }
    }
    return party !== undefined;
  }

  /**
   * The call is to be another from now on. What was said by now is rendered to its end as it began, but where nothing is
   * rendered any more. Nothing happens where the change says what is so already.
   */
  changePlan(change: PlanChange): void {
    const before = this.#plan;
    const plan = { ...before, ...change };
    if (isDeepStrictEqual(known(plan), known(before))) {
      return;
    }
    this.#plan = plan;
    if (plan.policy !== before.policy) {
      // What hears and renders was opened for the other policy.
      for (const party of this.#parties.values()) {
        this.#interpretAnew(party, party.plan);
      }
    }
    this.#log.info(known(plan), 'a call is to be another from now on');
    this.emit({ type: 'call-changed', atMs: this.nowMs(), ...known(plan) });
    this.#reconsider();
    this.#announce();
  }

  /**
   * Tells a party something, before what is interpreted for it. @param interrupt whether it hears nothing more of what is
   * being said to it, by whomever.
   */
  say(id: string, saying: Saying, interrupt: boolean): 'queued' | 'full' | 'not-there' {
    const party = this.#parties.get(id);
    if (party === undefined) {
      return 'not-there';
    }
    return this.#wishes.say(party, saying, interrupt) ? 'queued' : 'full';
  }

  /** Hangs up one party's leg: it has left. @returns whether there is such a party. */
  hangUpParty(id: string, reason: string): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      this.#dismiss(party, reason);
    }
    return party !== undefined;
  }

  /**
   * Somebody else is at a party's place: a call was handed on. All that was learnt of who was there is forgotten. As
   * {@link changeParty} else.
   * @returns whether there is such a party.
   */
  replacePerson(id: string, change: PartyChange): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      this.#become(party, { ...party.plan, ...change }, true);
      this.counts.partiesChanged.add('person');
    }
    return party !== undefined;
  }

  /** A key pressed on one leg is heard on the others, and nowhere else; but for those that steer the call. */
  keyPressed(leg: Leg, key: string): void {
    const party = this.#partyOn(leg);
    if (party !== undefined) {
      this.emit({ type: 'key', atMs: this.nowMs(), party: party.id, piiKey: key });
      this.#wishes.press(party, key, this.plan.keys);
    }
  }

  /** A party hears the tones of keys, as if another one had pressed them. @returns whether there is such a party. */
  soundKeys(id: string, keys: Iterable<string>): boolean {
    const party = this.#parties.get(id);
    for (const key of keys) {
      party?.leg?.media.pressKey(key);
    }
    return party !== undefined;
  }

  #passKey(party: Party, key: string): void {
    for (const other of this.#parties.values()) {
      if (other !== party) {
        other.leg?.media.pressKey(key);
      }
    }
  }

  /** Hangs up every leg; nobody can join any more. */
  hangUp(reason: string): void {
    this.#ending = true;
    this.#ledger.ends(reason);
    for (const party of [...this.#parties.values()]) {
      this.#dismiss(party, reason);
    }
  }

  /** Ms since the call began. */
  nowMs(): number {
    return Math.round(this.#deps.clock.nowMs() - this.#startMs);
  }

  emit(event: CallEvent): void {
    this.#ledger.hear(event);
    this.#deps.emit(this.id, event);
  }

  /** Starts all of a party's pipeline anew, without its leg noticing, unless that was done less than `coolDownMs` ago. */
  resetParty(id: string, coolDownMs: number): PartyReset {
    const party = this.#parties.get(id);
    const outcome = party?.reset(coolDownMs, this.#scope) ?? 'not-there';
    this.counts.resets.add(outcome);
    this.#log.warn({ party: id, outcome }, "a party's pipeline is to be started anew");
    return outcome;
  }

  /** There is more, or something better, that interprets: what nothing rendered so far is rendered from now on. */
  interpretersChanged(): void {
    if (!this.#ending) {
      this.#reconsider();
      this.#announce();
    }
  }

  /** What is kept of it now; `off` where nothing is, or nothing can be. */
  get recording(): RecordingState {
    return this.#recording?.state ?? 'off';
  }

  /** Keeps it from now on, pauses that, or ends it for good. @returns whether that can be. */
  setRecording(state: RecordingState): boolean {
    return this.#recording === undefined ? state === 'off' : this.#recording.set(state);
  }

  /** Ends what runs for the call; its legs are the switchboard's. */
  close(): Promise<void> {
    this.#recording?.close();
    return this.#scope.close();
  }

  #emitState({ plan: { id, name, language } }: Party, state: PartyState): void {
    this.emit({ type: 'party-state', atMs: this.nowMs(), party: id, name, language, state });
  }

  /** The party whose present leg it is; undefined once another leg has the place. */
  #partyOn(leg: Leg): Party | undefined {
    const party = this.#parties.get(leg.identity?.party ?? '');
    return party?.leg === leg ? party : undefined;
  }

  /** A leg has come to a place that is kept, or whose leg `before` is still there: it knew the place's own name. */
  #cameBack(leg: Leg, before: Leg | undefined): void {
    if (before === undefined) {
      this.counts.rejoins.add('came-back');
    } else {
      this.counts.rejoins.add('took-over');
      leg.log.warn(
        {},
        'another connection has taken the place of one that was still there, which is hung up',
      );
      before.hangUp(TAKEN_OVER);
    }
  }

  #record({ record = 'off', recordStart = 'at-once' }: CallPlan): CallRecording | undefined {
    const { recorder, clock, announcements } = this.#deps;
    if (recorder === undefined || record === 'off') {
      return undefined;
    }
    return new CallRecording({
      ...{ recorder, clock, what: record, start: recordStart, startMs: this.#startMs },
      call: { shownId: this.shownId, startedAt: this.startedAt },
      announce: (leg, party) => {
        const language = this.#parties.get(party)?.language;
        if (language !== undefined) {
          announceRecording(leg, language, announcements);
        }
      },
      changed: (state) => {
        this.#log.info({ state }, 'the recording of a call has changed');
        this.emit({ type: 'recording', atMs: this.nowMs(), state });
      },
    });
  }

  #limitTo(limitMs: number): CallLimit {
    const { clock } = this.#deps;
    const soon = (): void => toneToAll(this.#parties.values(), 'ends-soon');
    return new CallLimit(clock, this.#startMs, limitMs, soon, () => {
      this.#log.info({ limitMs }, 'a call has lasted as long as --call-limit lets it; it is hung up');
      this.hangUp('call-limit');
    });
  }

  #addParty(plan: PartyPlan): Party {
    const lines = this.#conversation.of(plan.id);
    const remembers = [...(this.plan.keys?.values() ?? [])].includes('repeat');
    const party = new Party(this.#deps.clock, plan, lines, this.#interpret(plan, lines, 0), remembers);
    this.#parties.set(plan.id, party);
    return party;
  }

  /** Who seats its legs says something else of it than before. */
  #seatedAs(party: Party, plan: PartyPlan): void {
    const { seated } = party;
    party.seated = plan;
    if (!samePlan(seated, plan)) {
      const { name, language, voice, original } = plan;
      this.replacePerson(party.id, { name, language, voice, original });
    }
  }

  /** @param anew whether who is there is to be told of the interpreter, and has said nothing yet. */
  #become(party: Party, plan: PartyPlan, anew: boolean): void {
    if (anew) {
      this.#conversation.forget(party.id);
      party.announced = false;
    }
    this.#interpretAnew(party, plan);
    this.#ledger.is(plan, this.#deps.clock.nowMs());
    this.#tellChanged(plan);
    this.#reconsider();
    this.#announce();
  }

  #tellChanged({ id, name, language, refusesRecording }: PartyPlan): void {
    this.emit({
      ...{ type: 'party-changed', atMs: this.nowMs(), party: id, name, language },
      ...(refusesRecording === true ? { refusesRecording } : {}),
    });
  }

  /** What the party says from now on is heard and rendered by others; what it has said by now comes to its end. */
  #interpretAnew(party: Party, plan: PartyPlan): void {
    const { interpretation, plan: before } = party;
    this.#voices.forget(party.id);
    const lines = this.#conversation.of(plan.id);
    party.become(plan, lines, this.#interpret(plan, lines, interpretation.utterancesMore));
    this.#former.add(before, interpretation);
  }

  #interpret(plan: PartyPlan, lines: SpeakerLines, countedBefore: number): Interpretation {
    const { clock, interpreters, speakerVoices, emotionReader } = this.#deps;
    const { voices: neutral } = this.plan;
    const audience = this.#audience;
    return new Interpretation(
      {
        speaker: plan,
        plan: this.plan,
        lines,
        interpreters: (to) => interpreters(plan.language, to),
        nextTurn: () => {
          this.#turn += 1;
          return this.#turn;
        },
        wantedRateHz: (to) => audience.rateOf(to),
        voice: (to) => {
          const name = neutral.get(to);
          return this.#voices.of(plan, to, speakerVoices.spoken(plan.voice, to, name));
        },
        registered: (hz) => this.#voices.registered(plan.id, hz),
        emotionReader,
        play: (route, segment, turn, sink) =>
          this.#matched(`${plan.language}:${route.to}`, segment, () =>
            audience.play(route, segment, turn, sink),
          ),
        rendered: (to, timing) => this.#delay.heard(`${plan.language}:${to}`, timing),
        told: (to, text) => audience.told(to, plan.id, text),
        notice: (route) => toneToAll(audience.listenersOf(route), 'uninterpreted'),
        changed: () => {
          this.#former.look();
          this.#tell();
        },
        emit: (event) => {
          this.emit(event);
          this.#former.look();
        },
        clock,
        log: this.#log.child({ party: plan.id, from: plan.language }),
        callStartMs: this.#startMs,
        countedBefore,
      },
      this.#scope.child(),
    );
  }

  /** Plays a segment: at once, or when the other direction would be as late. */
  #matched(direction: string, segment: SpokenSegment, play: () => SegmentHandle): SegmentHandle {
    const { kind, policy, matchDelay } = this.plan;
    const isPair = kind === 'pair' && this.#parties.size === 2;
    const matches = matchDelay && isPair && policy !== 'consecutive';
    const holdMs = matches ? this.#delay.holdMs(direction, segment) : 0;
    this.counts.matchHeldMs += holdMs;
    return holdMs === 0 ? play() : this.#delay.hold(direction, holdMs, segment, play);
  }

  #detail(ended: Pick<EndedCall, 'durationMs' | 'counted'>): CallDetail {
    const { shownId: call, id: callId, plan, startedAt } = this;
    const endedAt = this.#deps.clock.wallTime();
    return this.#ledger.detail({ ...ended, call, callId, plan, startedAt, endedAt });
  }

  /** @param log of its leg, if it had one to the end. */
  #left(party: Party, reason: string, log = this.#log.child({ party: party.id })): void {
    this.#parties.delete(party.id);
    this.#ledger.left(party.id, this.#deps.clock.nowMs());
    this.#emitState(party, 'DISCONNECTED');
    this.#wishes.left(party);
    party.ear.close();
    this.#voices.forget(party.id);
    this.#gone.add(party);
    this.#conversation.forget(party.id);
    this.#scope.run(() => party.interpretation.close());
    log.info({ reason, parties: this.#parties.size }, 'a party has left');
    // A pair may have been given a third; then it goes on with the two that are left.
    const isOver = this.#parties.size === 0 || (this.plan.kind === 'pair' && this.#parties.size === 1);
    if (isOver) {
      this.#ledger.ends(reason, party.id);
    }
    if (this.#parties.size === 0) {
      this.#ending = true;
      this.#limit?.close();
      this.#recording?.close();
      this.#former.close();
      const ended = { durationMs: this.nowMs(), counted: this.#gone };
      this.emit({ type: 'ended', atMs: ended.durationMs });
      this.#deps.over(this.#detail(ended), this.plan);
      // Last of all: a call whose end is in the log has its record on the way.
      this.#log.info(this.#ledger.line(ended), 'a call has ended');
    } else if (isOver) {
      this.#ending = true;
      for (const other of [...this.#parties.values()]) {
        this.#dismiss(other, 'partner-left');
      }
    } else {
      this.#reconsider();
      this.#tellOthers(party, 'left');
    }
  }

  /** Hangs up a party's leg; one that has none leaves at once. */
  #dismiss(party: Party, reason: string): void {
    if (party.leg === undefined) {
      party.rejoining?.cancel();
      this.#left(party, reason);
    } else {
      party.leg.hangUp(reason);
    }
  }

  /** Somebody came or went: who is rendered in which languages, and what everyone hears. */
  #reconsider(): void {
    const listeners = [...this.#parties.values()].filter(({ hears }) => hears !== 'voices');
    const languages = new Set(listeners.map(({ language }) => language));
    for (const party of this.#parties.values()) {
      const wanted = isInterpreted(this.plan, party.plan)
        ? [...languages].filter((language) => language !== party.language)
        : [];
      party.interpretation.want(new Set(wanted));
    }
    this.#tell();
  }

  /** Tells every leg what it hears, and its state what it is in. */
  #tell(): void {
    const parties = [...this.#parties.values()];
    const { speakers } = this.#audience;
    for (const party of parties) {
      const { leg } = party;
      if (leg !== undefined && !leg.hangingUp) {
        const orders = ordersFor(party, speakers, this.plan);
        const measuring =
          orders.attending && (this.plan.manner === true || this.#voices.canChoose(this.plan));
        leg.media.order({ ...orders, measuring });
        const alone = isAlone(party, parties);
        leg.handle(alone ? 'partner-left' : 'partner-joined');
        leg.handle(!alone && party.interpretation.ready ? 'interpreter-ready' : 'interpreter-lost');
      }
    }
  }

  #tellOthers(party: Party, tone: 'joined' | 'left'): void {
    if (this.plan.kind === 'conference' && this.plan.joinTones) {
      toneToAll(this.#parties.values(), tone, party);
    }
  }

  #announce(): void {
    if (this.plan.announce) {
      announceInterpreter([...this.#parties.values()], this.#deps.announcements);
    }
  }
}

/** What of a call's plan may change, and is told of. */
function known({ mode, translating, policy, original, matchDelay }: CallPlan) {
  return { mode, translating, policy, original, matchDelay };
}

/** Whether two say the same of a party. */
function samePlan(one: PartyPlan, other: PartyPlan): boolean {
  return (
    one.name === other.name &&
    one.language === other.language &&
    one.voice === other.voice &&
    one.original === other.original &&
    one.hears === other.hears &&
    one.muted === other.muted &&
    (one.refusesRecording ?? false) === (other.refusesRecording ?? false)
  );
}
