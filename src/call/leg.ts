/**
 * The connection a party has at the moment: its transport, its media, its clock and its state. It routes: what the
 * connection brings goes to the media, what the media has ready goes to the connection, one frame each 20 ms from the
 * first moment to the last. Where the media thread sends frames by itself, the leg sees to it that it does. Which party
 * it is and what is said to it is the call's business.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { GrowingLog } from '../base/growing-log.ts';
import type { Log } from '../base/log.ts';
import { StateMachine } from '../base/state-table.ts';
import { FRAME_MS } from '../base/units.ts';
import { isDtmfKey } from '../media/play/key-tones.ts';
import { MOST_AT_ONCE } from '../media/ring/pace-schedule.ts';
import { LegLink } from '../media/thread/leg-link.ts';
import type { MediaThreads } from '../media/thread/media-threads.ts';
import { ArrivalWatch } from './arrival-watch.ts';
import { LEG_STATES, type LegEvent, type LegState } from './leg-states.ts';
import type { LegTransport, LegTransportSink, PassedOn } from './leg-transport.ts';
import type { ArrivalFacts, DoorFacts, Elsewhere } from './seating/seating.ts';

/** How long a frame that is not ready at its deadline is waited for, in ms: late is better than silent. */
const GRACE_MS = 5;

/**
 * Ticks without a frame after which a leg that takes frames as they come is sent silence: one that is 20 ms late is no
 * gap in what is said.
 */
const MOST_QUIET_TICKS = 2;

/** A leg is not read more often than this, in ms, however many ask. */
const LEAST_READ_MS = FRAME_MS / 2;

/** A leg's number in the log: a party's next leg may come from the same address. Legs are opened on one thread. */
let legsOpened = 0;

/** What a leg tells its owner. */
export interface LegSink {
  arrived(facts: ArrivalFacts): void;
  keyPressed(key: string): void;
  stateChanged(state: LegState, before: LegState): void;
  /** The leg is gone; `reason` is a short name to count by. Nothing comes after. */
  ended(reason: string): void;
}

export interface LegDeps {
  readonly pool: MediaThreads;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends what is due on any leg: said often, between other work. */
  readonly catchUp: (nowMs: number) => void;
}

/** Which party of which call a leg turned out to be. */
export interface LegIdentity {
  readonly callId: string;
  readonly party: string;
}

export class Leg implements Counted {
  readonly acceptedMs: number;
  readonly door: DoorFacts;
  readonly media: LegLink;
  /** Carries who the leg is and what it speaks, as far as that is known. */
  readonly log: GrowingLog;
  identity: LegIdentity | undefined;
  /** Where its party is to go once it is hung up, if its door can send it on: what an agent said. It is personal. */
  transferTo: string | undefined;
  /** Whether a door of ours has it made: it does not come again by itself. */
  fetched = false;
  /** What it said of itself, once it has. */
  facts: ArrivalFacts | undefined;
  readonly counts = {
    framesIn: 0,
    framesOut: 0,
    /** Frames given up because the process stood still past their time. */
    framesForgiven: 0,
    /** Frames of silence sent because the media thread had nothing ready. */
    framesMissing: 0,
    keys: 0,
    illegalTransitions: 0,
    /** Times that its party was on hold. */
    holds: 0,
    /** Frames that came while its door knew that its party is on hold: music, most likely, and nobody's words. */
    framesHeld: 0,
  };
  readonly #transport: LegTransport;
  readonly #clock: Clock;
  readonly #catchUp: (nowMs: number) => void;
  readonly #states: StateMachine<LegState, LegEvent>;
  readonly #arrivals = new ArrivalWatch();
  /** Whether its door knows that its party is on hold. */
  #held = false;
  #sink: LegSink | undefined;
  /** Frames are not missed before the media thread has made its first. */
  #mediaReady = false;
  /** The rate in Hz of the frame before. */
  #heardHz: number | undefined;
  /** Set while a late frame is waited for. */
  #late: Timer | undefined;
  /** Why we end it, once we do. */
  #endReason: string | undefined;
  #leaving = false;
  /** Who is sent what comes from here as it comes, and whom this one is sent so. */
  readonly #followers = new Set<Leg>();
  #followed: Leg | undefined;
  /** Whose voice it hears, where that is one. */
  #speaker: Leg | undefined;
  /** Whether who hears this one has read what came from here since the last tick, and when somebody did last. */
  #wasRead = false;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #unfollow: () => void = (): void => {};
  /** Ticks since it was last sent what came. */
  #quietTicks = 0;

  /** Starts its media; call {@link start} next. @param phaseMs when in each 20 ms its frames leave. */
  static open(deps: LegDeps, transport: LegTransport, door: DoorFacts, phaseMs: number): Leg {
    legsOpened += 1;
    const log = new GrowingLog(deps.log, { leg: legsOpened, remote: transport.remote });
    const { pool, clock, catchUp } = deps;
    const told = (): void => catchUp(clock.nowMs());
    const givenUp = (): void => {
      log.error({}, 'media threads hang in what they do for this leg; it is hung up');
      leg.hangUp('media-hung', 'failed');
    };
    const acceptedMs = clock.nowMs();
    const firstMs = Math.ceil((acceptedMs - phaseMs) / FRAME_MS) * FRAME_MS + phaseMs;
    const media = LegLink.open(pool, clock, log, {
      ...{ firstMs, rtp: transport.rtp, told, givenUp },
      woken: () => leg.#speaker?.readAsItComes(),
      atOnce: transport.takesAtOnce,
    });
    const leg: Leg = new Leg(deps, log, transport, door, media, acceptedMs);
    return leg;
  }

  private constructor(
    { clock, catchUp }: LegDeps,
    log: GrowingLog,
    transport: LegTransport,
    door: DoorFacts,
    media: LegLink,
    acceptedMs: number,
  ) {
    this.#clock = clock;
    this.#catchUp = catchUp;
    this.#transport = transport;
    this.door = door;
    this.log = log;
    this.media = media;
    this.acceptedMs = acceptedMs;
    this.#states = new StateMachine(LEG_STATES, 'IDLE', (from, event) => {
      this.counts.illegalTransitions += 1;
      this.log.debug({ from, event }, 'a leg heard of something its state does not allow');
    });
  }

  /** Starts sending and listening, at once. */
  start(sink: LegSink): void {
    this.#sink = sink;
    const told: LegTransportSink = {
      arrived: (facts) => sink.arrived(facts),
      frame: (pcm, rateHz) => this.#receive(pcm, rateHz),
      packet: (bytes) => this.#receivePacket(bytes),
      spokenToOnlyAt: (onlyHz) => this.media.order({ onlyHz }),
      key: (key) => this.#pressed(key),
      closed: (reason, error) => this.#closed(reason, error),
    };
    this.#transport.attach(told, this.media.wire);
    // Asterisk writes nothing until it has heard from us, so the first frame does not wait for its deadline.
    this.#sendSilence();
  }

  get parts(): readonly Counted[] {
    return [this.#transport, this.media];
  }

  /** Where it comes from, if its transport knows. */
  get address(): string | undefined {
    return this.#transport.address;
  }

  get state(): LegState {
    return this.#states.state;
  }

  get ended(): boolean {
    return this.state === 'DISCONNECTED';
  }

  /** Moves the leg through its table; whoever watches hears of it. */
  handle(event: LegEvent): void {
    const before = this.state;
    if (this.#states.handle(event)) {
      this.#sink?.stateChanged(this.state, before);
    }
  }

  /** Whether its audio is what its wire says it is; undefined: not known yet. */
  get asLabelled(): boolean | undefined {
    return this.#transport.asLabelled;
  }

  /** It has been told what it hears: what it says is heard from its first frame on. @param asLabelled as of its transport. */
  seated(asLabelled: boolean): void {
    this.#transport.seated?.(asLabelled);
  }

  /** Says who it is, and whether that party had another leg before. From here on its log lines carry it. */
  identify(identity: LegIdentity, event: 'identified' | 'reattached'): void {
    this.identity = identity;
    this.log.add({ call: identity.callId, party: identity.party });
    this.handle(event);
  }

  /** Sends what is due and passes on what was said. The pacer calls it once each 20 ms, late after a stall: it was due at `dueMs`. */
  tick(nowMs: number, dueMs: number): void {
    const { media } = this;
    this.#transport.look?.(dueMs);
    if (!this.#wasRead) {
      this.#transport.readAsItComes?.();
    }
    this.#wasRead = false;
    const arrived = media.takeArrived();
    if (arrived > 0) {
      this.#came(arrived, media.rateHz, nowMs);
    }
    if (media.sendsItself(nowMs)) {
      this.#standIn(nowMs);
    } else if (media.passesAtOnce(nowMs)) {
      this.#passOnDue(nowMs);
    } else {
      if (media.passesVoice) {
        this.#speaker?.readNow(nowMs);
      }
      const due = media.pace.due(nowMs);
      for (let i = 0; i < due; i += 1) {
        if (!this.#sendFrame() && i === 0) {
          this.#awaitFrame(nowMs);
        }
      }
    }
    this.counts.framesForgiven = media.pace.forgiven;
    const isHeld = this.#held || (this.#transport.pausesAtWill !== true && this.#arrivals.held(nowMs));
    if (isHeld && this.#states.allows('suspended')) {
      this.#suspend();
    }
    media.drainSpeech();
  }

  /**
   * `speaker` is the one whom it hears: what comes from there is passed on as it comes, where its transport takes that;
   * else it is read when it is due here, while it goes nowhere else.
   */
  follow(speaker: Leg | undefined): void {
    this.#speaker = speaker;
    if (this.#transport.takesAtOnce === true && speaker !== this.#followed) {
      this.#unfollow();
      this.#unfollow = speaker === undefined ? (): void => {} : speaker.#followedBy(this);
      this.#followed = speaker;
    }
  }

  /**
   * Its door knows whether its party is on hold. Until it says that this is over nothing that comes is heard; then the
   * first frame brings the party back.
   */
  hold(held: boolean): void {
    this.#held = held;
  }

  /** Whether its door knows that its party is on hold. */
  get held(): boolean {
    return this.#held;
  }

  /** Ends the leg: asks the other end to hang up, then closes. `reason` is a short name to count by. */
  hangUp(reason: string, event: 'hang-up' | 'failed' = 'hang-up'): void {
    if (this.#endReason === undefined && !this.ended) {
      this.#endReason = reason;
      this.handle(event);
      this.#transport.hangUp(reason);
    }
  }

  /** Whether it can be left: whoever made it can make it anew, elsewhere. */
  get canLeave(): boolean {
    return this.#transport.letGo !== undefined && !this.fetched;
  }

  /** Ends the leg without asking its other end to hang up, which makes it anew; hangs it up where nobody would. */
  leave(reason: string): void {
    if (!this.canLeave) {
      this.hangUp(reason);
    } else if (this.#endReason === undefined && !this.ended) {
      this.#endReason = reason;
      this.#leaving = true;
      this.handle('hang-up');
      this.#transport.letGo?.();
    }
  }

  /** Whether it ends so that it can come again, elsewhere. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Whether another node can have it, through us. */
  get canPassOn(): boolean {
    return this.#transport.passOn !== undefined && !this.fetched;
  }

  /** Lets another node have it, through us; undefined where its wire has no way of that. */
  passOn(to: Elsewhere): Promise<PassedOn> | undefined {
    return this.fetched ? undefined : this.#transport.passOn?.(to);
  }

  /** Ends a leg that belongs nowhere, and says why where its transport can. */
  refuse(reason: string, explanation: string): void {
    this.#transport.refused?.(reason, explanation);
    this.hangUp(reason, 'failed');
  }

  /** Whether it is being hung up by us. */
  get hangingUp(): boolean {
    return this.#endReason !== undefined;
  }

  /** Why we hang it up, once we do. */
  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** Its party is on hold: what it said is over, and what comes next may be somebody else's voice. */
  #suspend(): void {
    this.counts.holds += 1;
    this.log.info({ told: this.#held }, 'a party is on hold, or sends no sound any more');
    this.media.hearAnew();
    this.handle('suspended');
  }

  /** Reads what has come, for who hears it now, unless it is waited for elsewhere. */
  readNow(nowMs: number): void {
    if (!this.media.attended && this.#followers.size === 0) {
      this.#wasRead = true;
      // Of many who hear it each asks, and most of them for what another has just read.
      if (nowMs - this.#readAtMs >= LEAST_READ_MS) {
        this.#readAtMs = nowMs;
        this.#transport.readNow?.();
      }
    }
  }

  /** Reads what has come, and from now on as it comes: who hears it needs it at other times than {@link readNow} is called. */
  readAsItComes(): void {
    if (this.#wasRead) {
      this.#wasRead = false;
      this.#transport.readNow?.();
    }
    this.#transport.readAsItComes?.();
  }

  /** Sends the frame that is ready; false when none is. */
  #sendFrame(): boolean {
    const frame = this.media.takeFrame();
    if (frame === undefined) {
      return false;
    }
    this.#mediaReady = true;
    this.counts.framesOut += 1;
    this.#transport.send(frame, this.media.sendRateHz);
    return true;
  }

  /** @returns what ends it. */
  #followedBy(follower: Leg): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Sends what has come for it and may go at once. */
  #passOn(nowMs: number): void {
    const { media } = this;
    for (
      let frame = media.takeArrivedFrame(nowMs);
      frame !== undefined;
      frame = media.takeArrivedFrame(nowMs)
    ) {
      this.#quietTicks = 0;
      this.#mediaReady = true;
      this.counts.framesOut += 1;
      this.#transport.send(frame, media.sendRateHz);
    }
  }

  /** Sends what has come by another way than a leg's connection, or silence where nothing comes. */
  #passOnDue(nowMs: number): void {
    const due = this.media.pace.due(nowMs);
    this.#passOn(nowMs);
    if (due > 0) {
      this.#quietTicks += 1;
      if (this.#quietTicks > MOST_QUIET_TICKS) {
        this.#sendSilence();
      }
    }
  }

  /** Sends silence for a media thread that should have sent by itself, and is late by more than it can make up for. */
  #standIn(nowMs: number): void {
    const { pace } = this.media;
    const due = pace.overdue(nowMs) > MOST_AT_ONCE ? pace.due(nowMs) : 0;
    for (let i = 0; i < due; i += 1) {
      this.counts.framesMissing += 1;
      this.#sendSilence();
    }
  }

  /** Gives the media thread a moment more, then sends silence instead. */
  #awaitFrame(nowMs: number): void {
    if (!this.#mediaReady) {
      this.#sendSilence();
      return;
    }
    this.#late?.cancel();
    this.#late = this.#clock.at(nowMs + GRACE_MS, () => {
      this.#late = undefined;
      if (!this.#sendFrame()) {
        this.counts.framesMissing += 1;
        this.#sendSilence();
      }
    });
  }

  #sendSilence(): void {
    this.counts.framesOut += 1;
    this.#transport.send(this.media.silence, this.media.spokenToHz);
  }

  #receive(pcm: Uint8Array, rateHz: number): void {
    const nowMs = this.#clock.nowMs();
    this.#came(1, rateHz, nowMs);
    if (this.#held) {
      this.counts.framesHeld += 1;
    } else {
      this.media.receive(pcm, rateHz, nowMs);
      for (const follower of this.#followers) {
        follower.#passOn(nowMs);
      }
    }
    this.#catchUp(nowMs);
  }

  #receivePacket(bytes: Uint8Array): void {
    const nowMs = this.#clock.nowMs();
    if (this.#held) {
      this.counts.framesHeld += 1;
    } else {
      this.media.receivePacket(bytes, nowMs);
    }
    this.#catchUp(nowMs);
  }

  /** Frames have come from the leg: it is not on hold, unless its door knows better. */
  #came(frames: number, rateHz: number, nowMs: number): void {
    this.counts.framesIn += frames;
    if (rateHz !== this.#heardHz) {
      this.#heardHz = rateHz;
      this.log.add({ rateHz, codec: this.#transport.codecAt(rateHz) });
    }
    this.#arrivals.frame(nowMs);
    if (this.#held) {
      return;
    }
    if (this.state === 'SUSPENDED') {
      this.log.info({}, 'a party that was on hold sends sound again');
    }
    if (this.state === 'SUSPENDED' || this.state === 'REATTACHING') {
      this.handle('resumed');
    }
  }

  #pressed(key: string): void {
    if (isDtmfKey(key)) {
      this.counts.keys += 1;
      this.#sink?.keyPressed(key);
    }
  }

  #closed(reason: string, error?: Error): void {
    if (this.ended) {
      return;
    }
    this.#late?.cancel();
    this.follow(undefined);
    if (error !== undefined) {
      this.log.warn({ error }, 'a leg sent something that ends it');
      this.handle('failed');
    }
    this.handle('closed');
    // First, so that what its party has not heard can wait for the party's next leg.
    this.#sink?.ended(this.#endReason ?? reason);
    this.media.close().catch((closeError: unknown) => {
      this.log.error({ error: closeError }, "a leg's media did not end as asked");
    });
  }
}
