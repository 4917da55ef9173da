/**
 * All legs and calls of the process. A leg comes in by a door, says who it is within a time limit, and is seated in
 * its call; whatever it does wrong ends that leg and nothing else. It owns the grid of deadlines all legs send on.
 */

import type { Clock } from '../base/clock.ts';
import { type Counted, CountSums } from '../base/counts.ts';
import { asError, messageOf } from '../base/errors.ts';
import { GridTicker } from '../base/grid-ticker.ts';
import type { Log } from '../base/log.ts';
import type { LongWork } from '../base/long-work.ts';
import { Scope } from '../base/scope.ts';
import { SparseLog } from '../base/sparse-log.ts';
import { Tally } from '../base/tally.ts';
import { FRAME_MS } from '../base/units.ts';
import type { EmotionReader } from '../engines/emotion/emotion-reader.ts';
import type { VoiceBook } from '../interpret/manner/choose-voice.ts';
import type { FanOut } from '../media/play/fan-out.ts';
import type { MediaThreads } from '../media/thread/media-threads.ts';
import { NAMED_VOICES, type SpeakerVoices, speakerIn } from '../voices/speaker-voices.ts';
import type { AnnouncementBook } from './announcing.ts';
import { Call, TAKEN_OVER } from './call.ts';
import type { CallDirectory } from './call-directory.ts';
import type { CallEvent } from './call-events.ts';
import type { InterpreterBook } from './call-interpreting.ts';
import type { CallDetail } from './detail/call-detail.ts';
import { HandOvers } from './hand-overs.ts';
import { Leg } from './leg.ts';
import { type LegTransport, PASSED_ON, PEER_HANGUP } from './leg-transport.ts';
import type { PartyReset } from './pipeline-reset.ts';
import type { CallPlan, PartyChange } from './plan.ts';
import type { RecordKeeping } from './record-telling.ts';
import type { Recorder } from './recording/recorder.ts';
import { Resuming } from './resuming.ts';
import {
  type ArrivalFacts,
  type DoorFacts,
  type Elsewhere,
  type NodeSeating,
  RELAYED_ASTRAY,
  type Refusal,
  refused,
  type Seat,
} from './seating/seating.ts';
import { TransferBook } from './transfer-book.ts';
import { WaitingLegs } from './waiting-legs.ts';

/** Groups of legs over each 20 ms, so that they do not send all at once: 2 ms apart. */
const PACER_SLOTS = 10;
/** Times that a leg is passed on, to one node after the other or to the same one again, until one can be reached. */
const MOST_NODES_TRIED = 3;
/** Legs beyond the limit that are asked at once where they belong. */
const MOST_ASKED_BEYOND = 16;
/** Why a leg is turned away that fits no more. */
const TOO_MANY_LEGS = 'too-many-legs';
const TURNED_AWAY = 'a leg was refused: --max-legs legs are connected, and it is of no call that runs';
/** How long legs that were hung up may take to go, in ms. */
const HANG_UP_LIMIT_MS = 2_000;

/** Why no new calls are taken for a while: somebody has `asked` for it, or there is too little memory for more. */
export type HeldWhy = 'asked' | 'memory';

export interface SwitchboardOptions {
  /** How long a connection may take to say who it is, in ms. */
  readonly uuidTimeoutMs: number;
  /** Legs at once; the next one is turned away, unless it is of a call that runs. */
  readonly maxLegs: number;
  /** How long a leg may wait alone in its call, in ms. */
  readonly waitLimitMs: number;
}

export interface SwitchboardDeps {
  readonly pool: MediaThreads;
  readonly fanOut: FanOut;
  readonly clock: Clock;
  readonly log: Log;
  readonly seating: NodeSeating;
  /** Where calls live when several nodes serve together; undefined: all of them here. */
  readonly nodes?: SharedCalls | undefined;
  readonly interpreters: InterpreterBook;
  /** What parties are told when their call begins. */
  readonly announcements: AnnouncementBook;
  /** Default {@link NAMED_VOICES}. */
  readonly speakerVoices?: SpeakerVoices;
  /** The voices to choose from for who speaks; default none. */
  readonly voices?: VoiceBook | undefined;
  /** What hears emotion in the voices that a plan says are judged; default nothing. */
  readonly emotionReader?: EmotionReader | undefined;
  /** Where calls are kept whose plan says so; undefined: nowhere. */
  readonly recorder?: Recorder | undefined;
}

/** What nodes that serve together share of their calls. */
export interface SharedCalls {
  readonly directory: CallDirectory;
  /** Whether what was said in a call may be told to other nodes, so that translation goes on in its context. */
  readonly withLines: boolean;
}

export type CallListener = (callId: string, event: CallEvent) => void;
/** @param plan as it was last. */
export type EndListener = (detail: CallDetail, plan: CallPlan) => void;

export class Switchboard implements Counted {
  readonly counts = {
    /** Legs that ended, by reason. */
    legsEnded: new Tally<string>(),
    /** Legs that were let in to be asked where they belong, and fit no more. */
    connectionsRefused: new Tally<typeof TOO_MANY_LEGS>(),
    /** Listeners of call events that threw. */
    listenersFailed: 0,
    /** Calls that go on here after another node. */
    callsResumed: 0,
    /** Legs whose call is at another node, by what became of passing them on. */
    legsForOthers: new Tally<string>(),
  };
  readonly #options: SwitchboardOptions;
  readonly #deps: SwitchboardDeps;
  readonly #voices: SpeakerVoices;
  readonly #scope: Scope;
  readonly #ticker: GridTicker;
  readonly #turnedAway: SparseLog<typeof TOO_MANY_LEGS>;
  readonly #legs = new Set<Leg>();
  readonly #calls = new Map<string, Call>();
  readonly #waiting: WaitingLegs<Leg>;
  readonly #transfers: TransferBook;
  readonly #listeners = new Set<CallListener>();
  readonly #endListeners = new Set<EndListener>();
  /** What legs and calls that are gone had counted. */
  readonly #gone = new CountSums();
  /** Told each time a leg has gone, or a call is over. */
  readonly #onGone = new Set<() => void>();
  readonly #handOvers: HandOvers | undefined;
  readonly #records: RecordKeeping | undefined;
  #draining = false;
  /** When a drain is over, on the clock, once there is one. */
  #endsMs = Number.POSITIVE_INFINITY;
  /** Somebody wants no new calls here for a while. */
  readonly #held = new Set<HeldWhy>();

  constructor(options: SwitchboardOptions, deps: SwitchboardDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#voices = deps.speakerVoices ?? NAMED_VOICES;
    this.#transfers = new TransferBook(deps.clock);
    this.#ticker = new GridTicker(deps.clock, FRAME_MS, PACER_SLOTS);
    this.#turnedAway = new SparseLog(deps.log, deps.clock);
    const { waitLimitMs, maxLegs } = options;
    // If more than half of all are alone, not all of them can find a partner.
    const limits = { waitLimitMs, mostFromAddress: Math.ceil(maxLegs / 2) };
    this.#waiting = new WaitingLegs(limits, deps.clock, (leg) => {
      leg.log.warn({ limitMs: waitLimitMs }, 'a leg waited too long for a partner');
      leg.hangUp('waited-alone');
    });
    this.#scope = new Scope((error) =>
      deps.log.error({ error }, 'something of ours failed in the background'),
    );
    const { nodes, clock, log, seating } = deps;
    if (nodes !== undefined) {
      const { directory, withLines } = nodes;
      const handOvers = new HandOvers(directory, clock, log);
      this.#handOvers = handOvers;
      this.#records = {
        withLines,
        keep: (record) => directory.keep(record),
        expected: (callId) => seating.expected?.(callId) ?? [],
      };
      directory.watchLost((callId) => {
        const call = this.#calls.get(callId);
        if (call !== undefined) {
          handOvers.yield(call);
        }
      }, this.#scope.signal);
    }
  }

  get legs(): ReadonlySet<Leg> {
    return this.#legs;
  }

  get calls(): ReadonlyMap<string, Call> {
    return this.#calls;
  }

  /** Whether no new calls are taken. */
  get draining(): boolean {
    return this.#draining || this.#held.size > 0;
  }

  /**
   * Takes no new calls for a while, or takes them again where nothing else speaks against it; running calls go on.
   * @param why default somebody has asked for it. @returns whether that changes anything.
   */
  hold(held: boolean, why: HeldWhy = 'asked'): boolean {
    const changed = this.#held.has(why) !== held;
    this.#takeOrNot(() => (held ? this.#held.add(why) : this.#held.delete(why)));
    return changed;
  }

  /** Does what may change whether new calls are taken; other nodes hear of that at once. */
  #takeOrNot(change: () => void): void {
    const before = this.draining;
    change();
    if (this.draining !== before) {
      this.#deps.nodes?.directory.takesCallsChanged();
    }
  }

  #takeNoMore(): void {
    this.#takeOrNot(() => {
      this.#draining = true;
    });
  }

  /** Whether no other leg fits. Ask before `accept`. */
  get full(): boolean {
    return this.#legs.size >= this.#options.maxLegs;
  }

  /**
   * Whether not even a leg is to be accepted that has said who it is. Where no other fits such a leg may still be the partner
   * of one that is here, come back to its call, or have its call at another node: so many are asked at a time.
   */
  get crowded(): boolean {
    return this.full && this.#legs.size - this.#seatedLegs >= MOST_ASKED_BEYOND;
  }

  /** Everything that was counted since the start, of what is gone and of what runs. */
  totals(): CountSums {
    const sums = this.#sumsBeside();
    for (const call of this.#calls.values()) {
      sums.addSums(call.gone).add(call);
    }
    for (const leg of this.#legs) {
      sums.add(leg);
    }
    return sums;
  }

  /**
   * The same, a little in each turn of the loop. A leg that ends meanwhile may be missing, and is there the next time;
   * nothing is counted twice.
   */
  async totalsSlowly(work: LongWork): Promise<CountSums> {
    // All that is gone by now, and all that is there, as of one moment.
    const sums = this.#sumsBeside();
    const [legs, calls] = [[...this.#legs], [...this.#calls.values()]];
    for (const call of calls) {
      sums.addSums(call.gone).add(call);
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    for (const leg of legs) {
      if (work.isPauseDue) {
        await work.pause();
      }
      // The memory that the counts of its media are in may be another leg's by now.
      if (this.#legs.has(leg)) {
        sums.add(leg);
      }
    }
    return sums;
  }

  /** All that was counted but by the legs and calls that are there. */
  #sumsBeside(): CountSums {
    const sums = new CountSums().add(this).addSums(this.#gone);
    return this.#handOvers === undefined ? sums : sums.add(this.#handOvers);
  }

  /** Hears every event of every call until `signal` aborts. What it throws is logged and hurts nobody. */
  watch(listener: CallListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** Hears of each call that is over, after its last event, until `signal` aborts; as {@link watch} else. */
  watchEnds(listener: EndListener, signal: AbortSignal): void {
    this.#endListeners.add(listener);
    signal.addEventListener('abort', () => this.#endListeners.delete(listener), { once: true });
  }

  /** Sends what is due by now on any leg: for who does much in one turn of the loop. */
  readonly catchUp = (nowMs: number): void => this.#ticker.catchUp(nowMs);

  /** Takes in a connection that came by a door; its frames begin to flow at once. */
  accept(transport: LegTransport, door: DoorFacts): void {
    const { pool, clock, log } = this.#deps;
    const slot = this.#ticker.quietestSlot();
    const leg = Leg.open(
      { pool, clock, log, catchUp: this.catchUp },
      transport,
      door,
      this.#ticker.phaseMs(slot),
    );
    const member = {
      tick: (deadlineMs: number, nowMs: number) => leg.tick(nowMs, deadlineMs),
      failed: (error: unknown) => {
        leg.log.error({ error }, 'a leg failed inside; it is hung up');
        leg.hangUp('internal-error', 'failed');
      },
    };
    const limit = clock.at(clock.nowMs() + this.#options.uuidTimeoutMs, () => {
      if (leg.state === 'IDLE' && leg.facts === undefined) {
        leg.log.warn({ limitMs: this.#options.uuidTimeoutMs }, 'a connection never said who it is');
        leg.hangUp('no-uuid', 'failed');
      }
    });
    this.#legs.add(leg);
    this.#ticker.add(member, slot);
    leg.start({
      arrived: (facts) => this.#arrived(leg, facts),
      keyPressed: (key) => this.#callOf(leg)?.keyPressed(leg, key),
      stateChanged: (state, before) => {
        this.#waiting.follow(leg, state);
        this.#callOf(leg)?.stateChanged(leg, state, before);
        this.#dismissed(leg);
      },
      ended: (reason) => {
        limit.cancel();
        this.#ticker.remove(member, slot);
        this.#forget(leg, reason);
      },
    });
  }

  /** Who came with this UUID has hung up, as its door knows: its leg ends, and nobody waits for another. */
  partyHungUp(uuid: string): void {
    for (const leg of this.#legs) {
      if (leg.facts?.uuid === uuid) {
        leg.hangUp(PEER_HANGUP);
      }
    }
  }

  /** Whether who came with this UUID is on hold, as its door knows. */
  partyHeld(uuid: string, held: boolean): void {
    for (const leg of this.#legs) {
      if (leg.facts?.uuid === uuid) {
        leg.hold(held);
      }
    }
  }

  /** Somebody else is behind the leg that came with this UUID, as its door knows; see {@link Call.replacePerson}. */
  personChanged(uuid: string, change: PartyChange): void {
    this.#tellOfPerson(uuid, change, (call, party) => call.replacePerson(party, change));
  }

  /** What its door did not know of who came with this UUID when it came; see {@link CallChanges.knownLate}. */
  personKnown(uuid: string, change: PartyChange): void {
    this.#tellOfPerson(uuid, change, (call, party) => call.partyKnownLate(party, change));
  }

  #tellOfPerson(uuid: string, { voice }: PartyChange, tell: (call: Call, party: string) => void): void {
    const tellAll = (): void => {
      for (const leg of this.#legs) {
        const call = this.#callOf(leg);
        if (leg.facts?.uuid === uuid && leg.identity !== undefined && call !== undefined) {
          tell(call, leg.identity.party);
        }
      }
    };
    if (speakerIn(voice) === undefined) {
      tellAll();
      return;
    }
    this.#scope.run(async () => {
      await this.#voices.prepare(voice);
      tellAll();
    });
  }

  /**
   * Hangs up a call so that its people go on elsewhere: a door that can give a phone back to its dialplan does, and says
   * `to`; else the leg just ends, and its dialplan asks ({@link transferOf}).
   */
  transfer(callId: string, to: string): void {
    for (const leg of this.#legs) {
      if (leg.identity?.callId === callId) {
        leg.transferTo = to;
        if (leg.facts?.uuid !== undefined) {
          this.#transfers.note(leg.facts.uuid, to);
        }
      }
    }
    this.#calls.get(callId)?.hangUp('transferred');
  }

  /** Where who came with this UUID was transferred to, within the last minute. It is personal. */
  transferOf(uuid: string): string | undefined {
    return this.#transfers.of(uuid);
  }

  /** What the book of interpreters says has changed: calls that run ask it again for what they lack. */
  interpretersChanged(): void {
    for (const call of [...this.#calls.values()]) {
      call.interpretersChanged();
    }
  }

  /**
   * Starts all of one party's pipeline anew, the last resort but for the process: its leg's media, its hearing, its
   * renderings. Its leg stays, and words are not lost. At most once in `coolDownMs`.
   */
  resetParty(callId: string, party: string, coolDownMs: number): PartyReset {
    return this.#calls.get(callId)?.resetParty(party, coolDownMs) ?? 'not-there';
  }

  /**
   * Has another node go on with a call, at its next pause. @returns `no-nodes`: this one serves alone, or no other takes
   * calls now; `stays`: not all of its legs would come again.
   */
  handOver(callId: string): 'done' | 'no-nodes' | 'stays' | 'not-there' {
    const call = this.#calls.get(callId);
    if (call === undefined) {
      return 'not-there';
    }
    return this.#handOvers?.give(call) ?? 'no-nodes';
  }

  /**
   * Takes no new calls, and gives those that run to other nodes, where there are such; resolves when the last leg has gone
   * and no call waits for one that was lost, or after `limitMs`, when the rest are hung up.
   */
  async drain(limitMs: number): Promise<void> {
    const { clock, log } = this.#deps;
    this.#endsMs = clock.nowMs() + limitMs;
    this.#takeNoMore();
    for (const call of this.#calls.values()) {
      this.#handOvers?.give(call, this.#endsMs);
    }
    if (!this.#empty) {
      const [legs, calls] = [this.#legs.size, this.#calls.size];
      log.info({ legs, calls, limitMs }, 'draining: running calls may finish');
      await this.#emptyWithin(limitMs);
    }
    if (!this.#empty) {
      this.#handOvers?.giveNow(this.#calls.values());
      const legs = [...this.#legs].filter(({ hangingUp }) => !hangingUp).length;
      if (legs > 0) {
        log.warn({ legs }, 'the drain time is over: hanging up the calls that are left');
      }
      this.#hangUpAll('drained');
      await this.#emptyWithin(HANG_UP_LIMIT_MS);
    }
    log.info({ atMs: Math.round(clock.nowMs()) }, 'drained');
  }

  /** Gives what other nodes take away, hangs up every other leg and stops. */
  async close(): Promise<void> {
    this.#takeNoMore();
    this.#handOvers?.giveNow(this.#calls.values());
    this.#handOvers?.close();
    this.#hangUpAll('server-closing');
    await this.#emptyWithin(HANG_UP_LIMIT_MS);
    this.#ticker.close();
    await this.#scope.close();
  }

  #hangUpAll(reason: string): void {
    for (const call of this.#calls.values()) {
      call.hangUp(reason);
    }
    for (const leg of this.#legs) {
      leg.hangUp(reason);
    }
  }

  #callOf(leg: Leg): Call | undefined {
    return leg.identity === undefined ? undefined : this.#calls.get(leg.identity.callId);
  }

  /** Finds out where a leg belongs, and puts it there or ends it. */
  #arrived(leg: Leg, facts: ArrivalFacts): void {
    leg.facts = facts;
    this.#scope.run(async () => {
      let seating: Seat | Refusal | Elsewhere;
      try {
        seating = await this.#seatOrPassOn(leg, facts);
      } catch (error) {
        leg.log.error({ error: asError(error) }, 'a leg could not be seated');
        this.#refuse(leg, facts, 'seating-failed', messageOf(error));
        return;
      }
      if (seating.type === 'refused') {
        this.#refuse(leg, facts, seating.reason, seating.explanation);
      } else if (seating.type === 'seat') {
        // Before the first word that it may be spoken for with.
        await this.#voices.prepare(seating.party.voice);
        await this.#formerGone(seating);
        this.#seat(leg, facts, seating);
      }
    });
  }

  /** Where a leg belongs; one that belongs to another node is passed on to it, and nothing more is to be done. */
  async #seatOrPassOn(leg: Leg, facts: ArrivalFacts): Promise<Seat | Refusal | Elsewhere> {
    const { seating, nodes } = this.#deps;
    for (let tried = 1; ; tried += 1) {
      const { door, address } = leg;
      const found = await seating.seat({ facts, door, address, stays: !leg.canPassOn });
      if (found.type !== 'elsewhere') {
        return found;
      }
      const { node } = found;
      const became = await leg.passOn(found);
      this.counts.legsForOthers.add(became ?? 'no-way');
      if (became === PASSED_ON || became === 'gone') {
        leg.log.info({ node, became }, 'the call of a leg is at another node, which has it from now on');
        return found;
      }
      const failed = became === 'refused' || became === 'unreachable' ? became : undefined;
      if (failed !== undefined) {
        leg.log.warn({ node, became }, 'the node that has the call of a leg cannot be reached');
        // One that others hear and that cannot be reached from here has the leg no more than one that is gone.
        nodes?.directory[tried < MOST_NODES_TRIED - 1 ? failed : 'refused'](node);
      }
      if (failed === undefined || tried === MOST_NODES_TRIED) {
        leg.log.warn({ node, became }, 'a leg cannot be passed on to the node that has its call');
        leg.leave('not-passed-on');
        return found;
      }
    }
  }

  /** Its party is not to come again, unless it is here already by another leg, or is to come again. */
  #dismissed(leg: Leg): void {
    const { facts, endReason, transferTo, leaving } = leg;
    if (facts?.uuid !== undefined && endReason !== undefined && endReason !== TAKEN_OVER && !leaving) {
      this.#deps.seating.dismissed?.(facts.uuid, {
        ...{ reason: endReason, seated: leg.identity !== undefined },
        ...(transferTo === undefined ? {} : { transferTo }),
      });
    }
  }

  /** A call that was given away may come back before its last leg here has closed: who comes waits for that. */
  async #formerGone({ callId, resume }: Seat): Promise<void> {
    const former = this.#calls.get(callId);
    if (resume !== undefined && former?.ending === true) {
      await this.#within(HANG_UP_LIMIT_MS, () => this.#calls.get(callId) !== former);
    }
  }

  #seat(leg: Leg, facts: ArrivalFacts, seat: Seat): void {
    const { callId, party, plan, resume } = seat;
    const running = this.#calls.get(callId);
    const refusedCall = running === undefined ? this.#refusedCall(leg, resume !== undefined) : undefined;
    if (leg.ended || leg.hangingUp || refusedCall !== undefined) {
      if (running === undefined) {
        this.#deps.seating.ended(callId);
        this.#deps.seating.notTaken?.(callId);
      } else if (facts.uuid !== undefined && !running.parties.has(party.id)) {
        this.#deps.seating.unseated?.(seat, facts.uuid);
      }
      this.#refuse(leg, facts, refusedCall?.reason ?? 'left', refusedCall?.explanation ?? 'it has left');
      return;
    }
    const refusal = running?.refusal(party, leg);
    if (refusal !== undefined) {
      this.#refuse(leg, facts, refusal.reason, refusal.explanation);
      return;
    }
    leg.fetched = seat.fetched ?? false;
    (running ?? this.#openCall(callId, plan, leg, resume)).join(leg, party);
  }

  get #seatedLegs(): number {
    return [...this.#legs].filter(({ identity }) => identity !== undefined).length;
  }

  /** Why a leg cannot begin a call, or go on with one that began elsewhere; undefined when it can. */
  #refusedCall(leg: Leg, goesOn: boolean): Refusal | undefined {
    // The second is what counts; the first is known without looking at each leg.
    if (this.#legs.size > this.#options.maxLegs && this.#seatedLegs >= this.#options.maxLegs) {
      return refused(TOO_MANY_LEGS, 'as many legs as --max-legs lets in are connected');
    }
    if (goesOn) {
      return undefined;
    }
    if (this.draining) {
      return refused(
        'draining',
        'the server is stopping, drained by the API or short of memory, and takes no new calls',
      );
    }
    if (this.#waiting.full(leg.address)) {
      return refused(
        'too-many-waiting',
        'half of --max-legs wait alone already that come from its address: each call needs its second party',
      );
    }
    return undefined;
  }

  #refuse(leg: Leg, facts: ArrivalFacts, reason: string, explanation: string): void {
    if (!leg.ended && !leg.hangingUp) {
      const { uuid, extension: extensionPii } = facts;
      if (reason === TOO_MANY_LEGS) {
        const { maxLegs } = this.#options;
        this.counts.connectionsRefused.add(reason);
        this.#turnedAway.warn(reason, { remote: leg.address, maxLegs }, TURNED_AWAY);
      } else {
        leg.log.warn({ uuid, extensionPii, reason, explanation }, 'a leg was refused');
      }
      if (reason === RELAYED_ASTRAY) {
        // Views of who has the call differ for a moment; who dials again finds it.
        leg.leave(reason);
      } else {
        leg.refuse(reason, explanation);
      }
    }
  }

  #openCall(callId: string, plan: Seat['plan'], leg: Leg, resume: Seat['resume']): Call {
    const { clock, log, interpreters, announcements, voices, emotionReader, fanOut, recorder, seating } =
      this.#deps;
    const nowMs = clock.nowMs();
    const resuming = resume === undefined ? undefined : new Resuming(resume, nowMs, leg.door.rejoinMs);
    const startMs =
      resuming === undefined
        ? leg.acceptedMs
        : nowMs - Math.max(0, clock.wallTime().getTime() - resuming.startedAt.getTime());
    const call: Call = new Call(
      callId,
      plan,
      startMs,
      {
        clock,
        log,
        interpreters,
        voices,
        emotionReader,
        announcements,
        fanOut,
        speakerVoices: this.#voices,
        recorder,
        records: this.#records,
        emit: (id, event) => this.#emit(id, event),
        over: (detail, last) => {
          this.#calls.delete(callId);
          this.#gone.add(call).addSums(call.gone);
          seating.ended(callId);
          this.#handOvers?.over(call);
          this.#scope.run(() => call.close());
          this.#tell(this.#endListeners, (listener) => listener(detail, last), callId);
          this.#tellGone();
        },
      },
      this.#scope.child(),
      resuming,
    );
    this.#calls.set(callId, call);
    if (resuming !== undefined) {
      this.counts.callsResumed += 1;
      call.resume();
    }
    if (this.#draining) {
      // Nobody else could take it when its first leg came.
      this.#handOvers?.give(call, this.#endsMs);
    }
    return call;
  }

  #emit(callId: string, event: CallEvent): void {
    this.#tell(this.#listeners, (listener) => listener(callId, event), callId);
  }

  #tell<Listener>(listeners: ReadonlySet<Listener>, tell: (listener: Listener) => void, call: string): void {
    for (const listener of listeners) {
      try {
        tell(listener);
      } catch (error) {
        this.counts.listenersFailed += 1;
        this.#deps.log.error({ error, call }, 'a listener of call events failed');
      }
    }
  }

  #forget(leg: Leg, reason: string): void {
    this.#legs.delete(leg);
    this.#gone.add(leg);
    this.counts.legsEnded.add(reason);
    this.#callOf(leg)?.legEnded(leg, reason);
    this.#tellGone();
  }

  #tellGone(): void {
    for (const told of [...this.#onGone]) {
      told();
    }
  }

  /** Whether no leg is left, and no call whose legs were lost and may come again. */
  get #empty(): boolean {
    return this.#legs.size === 0 && this.#calls.size === 0;
  }

  #emptyWithin(limitMs: number): Promise<void> {
    return this.#within(limitMs, () => this.#empty);
  }

  /** Resolves when `isSo`, which a leg that goes or a call that ends may bring about, or after `limitMs`. */
  async #within(limitMs: number, isSo: () => boolean): Promise<void> {
    if (isSo()) {
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#onGone.delete(check);
        timer.cancel();
        resolve();
      };
      const check = (): void => {
        if (isSo()) {
          done();
        }
      };
      const timer = this.#deps.clock.at(this.#deps.clock.nowMs() + limitMs, done);
      this.#onGone.add(check);
    });
  }
}
