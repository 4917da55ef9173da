/**
 * Parties that hear each other, two or twenty: who has which place, on which leg, from the first that comes to the last
 * that leaves. Whenever that changes it has everyone rendered anew in what others listen in ({@link CallInterpreting}) and
 * tells every leg what it is to hear ({@link orderLegs}). What it is to be and who its parties are may change meanwhile
 * ({@link CallChanges}), and what takes its sound beside the talk follows the legs ({@link CallTaps}).
 */

import type { Timer } from '../base/clock.ts';
import { type Counted, CountSums } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { Tally } from '../base/tally.ts';
import { type AnnouncementBook, announceInterpreter, toneToAll } from './announcing.ts';
import { CallChanges } from './call-changes.ts';
import type { CallEvent } from './call-events.ts';
import { CallInterpreting, type InterpretedCall, type InterpretingDeps } from './call-interpreting.ts';
import { CallLimit } from './call-limit.ts';
import { CallTaps, type TapsDeps } from './call-taps.ts';
import type { CallDetail } from './detail/call-detail.ts';
import { CallLedger } from './detail/call-ledger.ts';
import { actOnKeys } from './key-actions.ts';
import type { Leg } from './leg.ts';
import { orderLegs } from './leg-orders.ts';
import type { LegState, PartyState } from './leg-states.ts';
import { PEER_HANGUP } from './leg-transport.ts';
import type { ListenedSound, ListeningWish } from './listening/listened-sound.ts';
import { Party } from './party.ts';
import { PartyWishes } from './party-wishes.ts';
import type { PartyReset } from './pipeline-reset.ts';
import type { CallPlan, PartyChange, PartyPlan, PlanChange } from './plan.ts';
import type { RecordableCall } from './record-of-call.ts';
import { type RecordKeeping, RecordTelling } from './record-telling.ts';
import type { Recorder, RecordingState } from './recording/recorder.ts';
import { legKeyOf, type RestartRecord } from './restart-record.ts';
import { type Resuming, restoreParty } from './resuming.ts';
import type { Saying } from './sayings.ts';
import { shownIdOf } from './seating/registered-calls.ts';
import { partyPlanOf } from './seating/resumed-seat.ts';
import { type ExpectedPlace, isOpen, type Refusal, refused } from './seating/seating.ts';
import type { VoiceTaking } from './voice-taking.ts';

/** The reason of a leg whose place another leg of the same party has taken. */
export const TAKEN_OVER = 'taken-over';

/**
 * Who was hung up alone cannot come again for so long, in ms: a dialplan that has several nodes takes the end of the leg for
 * a node that is gone, and dials the others at once.
 */
const REMOVED_MS = 10_000;

export interface CallDeps extends InterpretingDeps {
  readonly log: Log;
  readonly announcements: AnnouncementBook;
  /** Where calls are kept whose plan says so; undefined: nowhere. */
  readonly recorder?: Recorder | undefined;
  /** Where is told what another node would need to go on with it; undefined: nowhere. */
  readonly records?: RecordKeeping | undefined;
  readonly emit: (callId: string, event: CallEvent) => void;
  /** The last party has left; what is to be kept of the call. */
  readonly over: (detail: CallDetail, plan: CallPlan) => void;
}

export class Call implements Counted, RecordableCall {
  readonly id: string;
  /** What it is called where it is shown. */
  readonly shownId: string;
  readonly startedAt: Date;
  readonly counts = {
    /** What became of places whose leg was lost, or to which another leg came. */
    rejoins: new Tally<'came-back' | 'took-over' | 'stayed-away'>(),
    /** Times that somebody asked to start a party's pipeline anew. */
    resets: new Tally<PartyReset>(),
  };
  readonly #deps: CallDeps;
  readonly #scope: Scope;
  readonly #log: Log;
  readonly #startMs: number;
  readonly #wishes: PartyWishes;
  /** In the order in which they joined. */
  readonly #parties = new Map<string, Party>();
  /** By party that was hung up alone: until when it cannot come again, on the clock. */
  readonly #removed = new Map<string, number>();
  /** What parties that have left, and former speakers, had counted. */
  readonly #gone = new CountSums();
  readonly #ledger: CallLedger;
  readonly #limit: CallLimit | undefined;
  readonly #interpreting: CallInterpreting;
  readonly #taps: CallTaps;
  readonly #changes: CallChanges;
  readonly #telling: RecordTelling | undefined;
  readonly #resuming: Resuming | undefined;
  /** Set while nobody is told that others are away. */
  #quiet: Timer | undefined;
  #ending = false;
  /** Whether its end was told. */
  #over = false;

  /**
   * @param startMs when its first leg was accepted, on the clock; the zero of the call's own time.
   * @param resuming what it goes on with; undefined: it begins.
   */
  constructor(
    id: string,
    plan: CallPlan,
    startMs: number,
    deps: CallDeps,
    scope: Scope,
    resuming?: Resuming,
  ) {
    this.id = id;
    this.#resuming = resuming;
    this.shownId = resuming?.record.shownId ?? shownIdOf(id);
    this.#ledger = new CallLedger(startMs);
    this.#deps = deps;
    this.#scope = scope;
    this.#startMs = startMs;
    this.startedAt = resuming?.startedAt ?? deps.clock.wallTime();
    this.#log = deps.log.child({ call: id });
    const { clock, announcements, recorder, records } = deps;
    this.#interpreting = new CallInterpreting(this.#interpreted(), deps, resuming?.record.turn ?? 0);
    this.#taps = this.#tapped({ clock, announcements, recorder, modules: deps.fanOut.modules });
    this.#changes = this.#changing(plan, resuming?.record.changes ?? 0);
    this.#wishes = new PartyWishes({
      clock,
      scope,
      // What is held begins, so that it is forgotten with all that waits.
      interrupts: ({ language }) => this.#interpreting.release(language),
      pass: (party, key) => this.#passKey(party, key),
      act: ({ id: party }, action) => actOnKeys(this, party, action),
      tell: ({ id: party }, { id: saying, piiText }, fate) =>
        this.emit({ type: 'saying', atMs: this.nowMs(), party, saying, ...fate, piiText }),
    });
    this.#limit = plan.limitMs === undefined ? undefined : this.#limitTo(plan.limitMs);
    this.#telling = records === undefined ? undefined : new RecordTelling(clock, records, this);
    this.#taps.record(plan);
  }

  /** As it is to be now. */
  get plan(): CallPlan {
    return this.#changes.plan;
  }

  get parties(): ReadonlyMap<string, Party> {
    return this.#parties;
  }

  /** Places that were arranged and whose legs are still to come, here or wherever the call is by then. */
  get expected(): readonly ExpectedPlace[] {
    const now = this.#deps.clock.wallTime();
    const places = [...(this.#deps.records?.expected(this.id) ?? []), ...(this.#resuming?.expected ?? [])];
    return places.filter((place) => !this.#parties.has(place.party.id) && isOpen(place, now));
  }

  /** See {@link CallChanges.version}. */
  get version(): number {
    return this.#changes.version;
  }

  get parts(): Iterable<Counted> {
    const telling = this.#telling === undefined ? [] : [this.#telling];
    return [...this.#parties.values(), this.#interpreting, ...this.#taps.parts, this.#changes, ...telling];
  }

  get resumed(): number {
    return this.#resuming?.times ?? 0;
  }

  get turns(): number {
    return this.#interpreting.turn;
  }

  /** Whether nobody says anything, and nothing of what was said is on its way. */
  get atPause(): boolean {
    return [...this.#parties.values()].every(
      ({ speaking, interpretation, leg }) =>
        !speaking && interpretation.isIdle && (leg?.media.backlogMs ?? 0) === 0,
    );
  }

  /** Whether its legs are being ended, and nobody can join any more. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Whether all its legs can come again at another node. */
  get canLeave(): boolean {
    return !this.#ending && [...this.#parties.values()].every(({ canLeave }) => canLeave);
  }

  /** Others are to come to it than were known of: other nodes are told. */
  expectsOthers(): void {
    this.#telling?.changed();
  }

  /** Nobody has come in time to the place of a party that was added. */
  nobodyCame({ id: party, name, language }: PartyPlan): void {
    this.emit({ type: 'party-unattended', atMs: this.nowMs(), party, name, language });
  }

  /** Other nodes are told nothing more of it: one of them has it. Idempotent. */
  tellNoMore(): void {
    this.#telling?.close();
  }

  /** What another node would need to go on with it now; undefined where nothing is told. */
  record(): RestartRecord | undefined {
    return this.#telling?.record();
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
    if ((this.#removed.get(id) ?? 0) > this.#deps.clock.nowMs()) {
      return refused('removed', `the party ${id} of this call was hung up by the API a moment ago`);
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

  /**
   * A call that goes on does so: everybody has a place again, waits to be back, and is counted on from where the node
   * before was. Call it before the first leg joins.
   */
  resume(): void {
    const { clock } = this.#deps;
    const resuming = this.#resuming;
    if (resuming === undefined) {
      return;
    }
    for (const recorded of resuming.parties) {
      const party = this.#addParty(partyPlanOf(recorded), recorded.utterances);
      restoreParty(party, recorded);
      if (recorded.refusesRecording === true) {
        this.#taps.refuse(party.id);
      }
      this.#awaitBack(party, resuming.rejoinMs, 'stayed-away');
    }
    this.#quiet = clock.at(resuming.quietUntilMs, () => {
      this.#quiet = undefined;
      this.#tell();
    });
    this.#log.info(
      { times: resuming.times },
      'a call goes on here: the node it was at is gone, or gave it away',
    );
    this.emit({ type: 'resumed', atMs: this.nowMs(), times: resuming.times });
  }

  /** Seats a leg at a party's place; one that is on it gives way. */
  join(leg: Leg, plan: PartyPlan): void {
    const known = this.#parties.get(plan.id);
    const party = known ?? this.#addParty(plan);
    const before = known?.leg;
    if (before !== undefined) {
      this.#detach(party);
      this.#emitState(party, 'DETACHED');
    }
    party.attach(leg);
    this.#recognise(party, leg);
    leg.identify({ callId: this.id, party: plan.id }, known === undefined ? 'identified' : 'reattached');
    if (known !== undefined) {
      this.#cameBack(leg, before);
      this.#changes.seatedAs(known, plan);
    }
    if (known === undefined && party.plan.refusesRecording === true) {
      this.#taps.refuse(party.id);
      this.#changes.tell(party.plan);
    }
    this.#taps.attach(party, leg);
    if (this.#resuming?.isBack(party.id) === true) {
      leg.media.playTone('resumed');
    }
    const { language } = party;
    this.#ledger.joined(leg, party.plan, this.#deps.clock.nowMs());
    leg.log.info({ language, parties: this.#parties.size, again: known !== undefined }, 'a party has joined');
    this.#reconsider();
    leg.seated(party.asLabelled);
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
    this.#detach(party);
    const { rejoinMs } = leg.door;
    if (rejoinMs > 0 && reason !== PEER_HANGUP && !leg.hangingUp && !this.#ending) {
      leg.log.info({ reason, rejoinMs }, 'a party has lost its leg; its place is kept');
      this.#emitState(party, 'DETACHED');
      this.#awaitBack(party, rejoinMs, reason);
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
        // What the hold cut off, or came meanwhile.
        this.#announce();
      } else if (before === 'REATTACHING' && state === 'CONNECTED') {
        this.#tell();
      }
    }
  }

  /** The call is to be another from now on; see {@link CallChanges.plans}. */
  changePlan(change: PlanChange): void {
    this.#changes.plans(change);
  }

  /** What is known of a party is otherwise from now on; see {@link CallChanges.known}. @returns whether it is there. */
  changeParty(id: string, change: PartyChange): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      this.#changes.known(party, change);
    }
    return party !== undefined;
  }

  /** See {@link CallChanges.knownLate}. */
  partyKnownLate(id: string, change: PartyChange): void {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      this.#changes.knownLate(party, change);
    }
  }

  /** Somebody else is at a party's place; see {@link CallChanges.person}. @returns whether there is such a party. */
  replacePerson(id: string, change: PartyChange): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      this.#changes.person(party, change);
    }
    return party !== undefined;
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
    const queued = this.#wishes.say(party, saying, interrupt);
    if (interrupt) {
      // What the call itself was telling it is not for others to leave out.
      this.#announce();
    }
    return queued ? 'queued' : 'full';
  }

  /** Hangs up one party's leg: it has left, and does not come again at once. @returns whether there is such a party. */
  hangUpParty(id: string, reason: string): boolean {
    const party = this.#parties.get(id);
    if (party !== undefined) {
      const nowMs = this.#deps.clock.nowMs();
      for (const [removed, untilMs] of this.#removed) {
        if (untilMs <= nowMs) {
          this.#removed.delete(removed);
        }
      }
      this.#removed.set(id, nowMs + REMOVED_MS);
      this.#dismiss(party, reason);
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
    this.#endAll(reason, (leg) => leg.hangUp(reason));
  }

  /** Lets its legs go so that they come again at another node; nobody can join here any more. */
  leave(reason: string): void {
    this.tellNoMore();
    this.#endAll(reason, (leg) => leg.leave(reason));
  }

  /** Ends its legs, then the places that have none: the first of a pair to leave has the other one hung up. */
  #endAll(reason: string, end: (leg: Leg) => void): void {
    this.#ending = true;
    this.#ledger.ends(reason);
    const parties = [...this.#parties.values()];
    for (const { leg } of parties) {
      if (leg !== undefined) {
        end(leg);
      }
    }
    for (const party of parties.filter(({ leg }) => leg === undefined)) {
      this.#dismiss(party, reason);
    }
  }

  /** Ms since the call began. */
  nowMs(): number {
    return Math.round(this.#deps.clock.nowMs() - this.#startMs);
  }

  /** Tells what happens. After its end nothing does: whoever watches has forgotten the call. */
  emit(event: CallEvent): void {
    if (this.#over) {
      return;
    }
    this.#over = event.type === 'ended';
    this.#ledger.hear(event);
    this.#taps.hear(event);
    this.#telling?.hear(event);
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
    return this.#taps.recording;
  }

  /** See {@link CallTaps.setRecording}. */
  setRecording(state: RecordingState): boolean {
    return this.#taps.setRecording(state);
  }

  /** See {@link CallTaps.listen}. */
  listen(id: string, wish: ListeningWish): ListenedSound | 'full' | 'refused' | 'not-there' {
    return this.#taps.listen(id, wish);
  }

  /** See {@link CallTaps.takeVoice}. */
  takeVoice(id: string, wantedMs: number): VoiceTaking | 'not-there' | 'refused' | 'being-taken' {
    return this.#taps.takeVoice(id, wantedMs);
  }

  /** Ends what runs for the call; its legs are the switchboard's. */
  close(): Promise<void> {
    this.#taps.close();
    this.#interpreting.close();
    return this.#scope.close();
  }

  /** A party has lost its leg. */
  #detach(party: Party): void {
    party.detach();
    this.#taps.detach(party.id);
  }

  /** Others are to recognise it by what its leg came with. */
  #recognise(party: Party, { facts }: Leg): void {
    if (this.#telling !== undefined && facts?.uuid !== undefined) {
      party.key = legKeyOf(facts.uuid);
    }
  }

  #awaitBack(party: Party, limitMs: number, reason: string): void {
    const { clock } = this.#deps;
    party.rejoining = clock.at(clock.nowMs() + limitMs, () => {
      this.counts.rejoins.add('stayed-away');
      this.#left(party, reason);
    });
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

  #limitTo(limitMs: number): CallLimit {
    const { clock } = this.#deps;
    const soon = (): void => toneToAll(this.#parties.values(), 'ends-soon');
    return new CallLimit(clock, this.#startMs, limitMs, soon, () => {
      this.#log.info({ limitMs }, 'a call has lasted as long as --call-limit lets it; it is hung up');
      this.hangUp('call-limit');
    });
  }

  /** @param countedBefore utterances of it, at another node. */
  #addParty(plan: PartyPlan, countedBefore = 0): Party {
    const lines = this.#interpreting.linesOf(plan.id);
    const remembers = [...(this.plan.keys?.values() ?? [])].includes('repeat');
    const party = new Party(
      this.#deps.clock,
      plan,
      lines,
      this.#interpreting.open(plan, countedBefore),
      remembers,
    );
    this.#parties.set(plan.id, party);
    this.#changes.count();
    return party;
  }

  #interpreted(): InterpretedCall {
    const call = this;
    return {
      parties: this.#parties,
      startMs: this.#startMs,
      log: this.#log,
      scope: this.#scope,
      get plan() {
        return call.plan;
      },
      emit: (event) => this.emit(event),
      changed: () => {
        this.#telling?.changed();
        this.#tell();
      },
      formerOver: (counted) => this.#gone.add(counted),
      answersOf: (party) => this.#taps.answersOf(party),
    };
  }

  #tapped(deps: TapsDeps): CallTaps {
    return new CallTaps(deps, {
      ...{ shownId: this.shownId, startedAt: this.startedAt, startMs: this.#startMs },
      ...{ parties: this.#parties, resuming: this.#resuming, log: this.#log },
      nowMs: () => this.nowMs(),
      emit: (event) => this.emit(event),
      recordingChanged: () => this.#changes.count(),
      toldRecorded: () => this.#telling?.changed(),
      takingsChanged: () => this.#tell(),
    });
  }

  #changing(plan: CallPlan, version: number): CallChanges {
    const call = {
      ...{ parties: this.#parties, interpreting: this.#interpreting, taps: this.#taps },
      ...{ ledger: this.#ledger, clock: this.#deps.clock, log: this.#log },
      nowMs: () => this.nowMs(),
      emit: (event: CallEvent) => this.emit(event),
      reconsider: () => this.#reconsider(),
      dropSayings: (party: Party) => this.#wishes.dropSayings(party),
      announce: () => this.#announce(),
    };
    return new CallChanges(call, plan, version);
  }

  /** @param log of its leg, if it had one to the end. */
  #left(party: Party, reason: string, log = this.#log.child({ party: party.id })): void {
    if (!this.#parties.delete(party.id)) {
      // With the one before it, whose leaving ended the call.
      return;
    }
    this.#changes.count();
    this.#ledger.left(party.id, this.#deps.clock.nowMs());
    this.#emitState(party, 'DISCONNECTED');
    this.#wishes.left(party);
    this.#taps.left(party.id);
    party.ear.close();
    this.#gone.add(party.ear);
    // A pair may have been given a third; then it goes on with the two that are left.
    const isOver = this.#parties.size === 0 || (this.plan.kind === 'pair' && this.#parties.size === 1);
    this.#interpreting.left(party, !isOver);
    log.info({ reason, parties: this.#parties.size }, 'a party has left');
    if (isOver) {
      this.#ledger.ends(reason, party.id);
    }
    if (this.#parties.size === 0) {
      this.#ending = true;
      this.#limit?.close();
      this.#quiet?.cancel();
      this.#taps.close();
      this.#interpreting.close();
      const durationMs = this.nowMs();
      this.emit({ type: 'ended', atMs: durationMs });
      const { shownId: call, id: callId, plan, startedAt, resumed } = this;
      const endedAt = this.#deps.clock.wallTime();
      const ended = { call, callId, plan, startedAt, endedAt, resumed, durationMs, counted: this.#gone };
      const { detail, line } = this.#ledger.over(ended);
      this.#deps.over(detail, plan);
      // Last of all: a call whose end is in the log has its record on the way.
      this.#log.info(line, 'a call has ended');
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
    this.#interpreting.want();
    this.#tell();
  }

  /** Tells every leg what it hears, and its state what it is in. */
  #tell(): void {
    const { speakers, measures } = this.#interpreting;
    orderLegs([...this.#parties.values()], {
      ...{ plan: this.plan, speakers, measures, quiet: this.#quiet !== undefined },
      listensTo: (party) => this.#taps.takesVoiceOf(party),
    });
  }

  #tellOthers(party: Party, tone: 'joined' | 'left'): void {
    if (this.plan.kind === 'conference' && this.plan.joinTones) {
      toneToAll(this.#parties.values(), tone, party);
    }
  }

  /** Tells everyone what the call tells, as far as they have not heard it to its end. */
  #announce(): void {
    this.#taps.announce();
    if (this.plan.announce) {
      announceInterpreter([...this.#parties.values()], this.#taps.announcements, () =>
        this.#telling?.changed(),
      );
    }
  }
}
