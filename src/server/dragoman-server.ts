/**
 * The running server: media threads, switchboard and doors put together, and what it shows of itself. It owns
 * what it opens and closes it in the reverse order; engines belong to whoever passed them in.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted, CountSums } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import type { LongWork } from '../base/long-work.ts';
import { SlicedWork } from '../base/sliced-work.ts';
import type { AnnouncementBook } from '../call/announcing.ts';
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/call-events.ts';
import type { InterpreterBook } from '../call/call-interpreting.ts';
import type { ListeningWish } from '../call/listening/listened-sound.ts';
import type { PartyReset } from '../call/pipeline-reset.ts';
import type { PartyChange, PartyPlan, PlanChange } from '../call/plan.ts';
import type { Recorder, RecordingState } from '../call/recording/recorder.ts';
import type { Saying } from '../call/sayings.ts';
import { AddedParties, type AddedParty } from '../call/seating/added-parties.ts';
import type { ArrangedSeating, Promising } from '../call/seating/arranged-seating.ts';
import { type CallWish, type RegisteredCall, RegisteredCalls } from '../call/seating/registered-calls.ts';
import type { NodeSeating } from '../call/seating/seating.ts';
import { type EndListener, type HeldWhy, type SharedCalls, Switchboard } from '../call/switchboard.ts';
import type { EmotionReader } from '../engines/emotion/emotion-reader.ts';
import type { VoiceBook } from '../interpret/manner/choose-voice.ts';
import { loadMediaModules, type MediaModules } from '../media/dsp/wasm.ts';
import { FanOut } from '../media/play/fan-out.ts';
import { prepareLegMemory } from '../media/ring/leg-memory.ts';
import { MediaPool } from '../media/thread/media-pool.ts';
import type { WatchLimits } from '../media/thread/watch-limits.ts';
import type { SpeakerVoices } from '../voices/speaker-voices.ts';
import type { AgentBook } from './doors/agent-book.ts';
import type { AskedDoorDeps, Door, DoorAddress, DoorOpener } from './doors/door.ts';
import type { Whispering } from './doors/whispering.ts';
import { rehearseArrivals } from './rehearsal.ts';
import type { ServerControl } from './server-control.ts';
import { readState } from './server-state.ts';
import type { CallView, DoorView, EndedCalls, ServerState, ServerView } from './server-view.ts';

/** Legs whose memory is there before they come, at most: as many as may come at once. 8 KB each. */
const PREPARED_LEGS = 512;

export interface DragomanServerOptions {
  /** The ways in, opened in this order. */
  readonly doors: readonly DoorOpener<Door, AskedDoorDeps>[];
  readonly maxLegs: number;
  readonly mediaThreads: number;
  /** Threads more that stand by for one that dies or hangs. */
  readonly spareMediaThreads: number;
  /** When a thread is taken to hang; default {@link WATCH_LIMITS}. */
  readonly watchLimits?: WatchLimits;
  /** How long a connection may take to say who it is, in ms. */
  readonly uuidTimeoutMs: number;
  /** How long a leg may wait alone in its call, in ms. */
  readonly waitLimitMs: number;
  /** Legs that are rehearsed with before the doors open, an even number; 0: none. */
  readonly rehearsedLegs: number;
  /** The compiled entry point of a media thread. */
  readonly workerUrl: URL;
}

export interface DragomanServerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly seating: ArrangedSeating;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes?: ServedTogether | undefined;
  readonly interpreters: InterpreterBook;
  readonly announcements: AnnouncementBook;
  /** Default: that of names. */
  readonly speakerVoices?: SpeakerVoices;
  /** The voices to choose from for who speaks; default none. */
  readonly voices?: VoiceBook;
  /** What hears emotion in the voices that a plan says are judged; default nothing. */
  readonly emotionReader?: EmotionReader | undefined;
  /** Where calls are kept whose plan says so; undefined: nowhere. */
  readonly recorder?: Recorder | undefined;
  /** What else counts for the server without being its own: the engines. */
  readonly counted?: Counted;
}

/** What a node needs to serve together with others. */
export interface ServedTogether extends SharedCalls {
  /** Knows of calls at other nodes; all others it leaves to the seating of this one. */
  readonly seating: NodeSeating;
  /** Tells the others, too, which legs are to come; default: nobody does. */
  readonly promising?: Promising;
  /** Whether they are told now: else no calls are registered. Default: nobody need be. */
  readonly sharesLegs?: () => boolean;
}

export class DragomanServer implements ServerView, ServerControl, EndedCalls {
  readonly #options: DragomanServerOptions;
  readonly #pool: MediaPool;
  readonly #fanOut: FanOut;
  readonly #switchboard: Switchboard;
  readonly #registered: RegisteredCalls;
  readonly #unattendedListeners = new Set<(call: RegisteredCall) => void>();
  readonly #added: AddedParties;
  readonly #closed = new AbortController();
  readonly #doors: Door[] = [];
  /** When each was opened, in ms of the clock. */
  readonly #openedMs = new Map<Door, number>();
  readonly #counted: Counted | undefined;
  readonly #nodes: ServedTogether | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: DragomanServerOptions, deps: DragomanServerDeps, modules: MediaModules) {
    const { maxLegs, mediaThreads, spareMediaThreads, uuidTimeoutMs, waitLimitMs, workerUrl } = options;
    const { watchLimits } = options;
    this.#options = options;
    this.#counted = deps.counted;
    this.#nodes = deps.nodes;
    this.#pool = new MediaPool({
      threads: mediaThreads,
      spareThreads: spareMediaThreads,
      workerUrl,
      modules,
      clock: deps.clock,
      ...(watchLimits === undefined ? {} : { limits: watchLimits }),
    });
    this.#fanOut = new FanOut(modules, deps.clock);
    this.#switchboard = new Switchboard(
      { maxLegs, uuidTimeoutMs, waitLimitMs },
      { ...deps, seating: deps.nodes?.seating ?? deps.seating, pool: this.#pool, fanOut: this.#fanOut },
    );
    this.#registered = new RegisteredCalls(
      deps.nodes?.promising ?? deps.seating,
      deps.clock,
      (callId) => this.#switchboard.calls.has(callId),
      (call) => this.#nobodyCame(call, deps.log),
    );
    this.#added = new AddedParties(deps.nodes?.promising ?? deps.seating, deps.clock);
    this.#switchboard.watch((callId, event) => {
      if (event.type === 'ended') {
        this.#added.ended(callId);
      } else if (event.type === 'party-state') {
        this.#added.came(callId, event.party);
      }
    }, this.#closed.signal);
  }

  /** Starts the media threads and opens all doors; closes what it had opened when one cannot be. @throws AppError */
  static async open(options: DragomanServerOptions, deps: DragomanServerDeps): Promise<DragomanServer> {
    const server = new DragomanServer(options, deps, await loadMediaModules());
    const { clock, log, seating: promises } = deps;
    try {
      await server.#pool.ready();
      prepareLegMemory(Math.min(options.maxLegs, PREPARED_LEGS));
      await server.#rehearse(clock, log);
      const switchboard = server.#switchboard;
      const failed = (error: unknown): void => log.error({ error }, 'a connection could not be taken in');
      const work = new SlicedWork(clock, failed, switchboard.catchUp);
      const listening = (): readonly DoorAddress[] => server.addresses;
      for (const open of options.doors) {
        const door = await open({ switchboard, server, promises, listening, clock, log, work });
        server.#doors.push(door);
        server.#openedMs.set(door, clock.nowMs());
      }
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Only makes the first calls quicker to take in, so what fails of it is no reason not to serve. */
  async #rehearse(clock: Clock, log: Log): Promise<void> {
    const legs = this.#options.rehearsedLegs;
    if (legs > 0) {
      try {
        await rehearseArrivals(legs, { pool: this.#pool, fanOut: this.#fanOut, clock });
      } catch (error) {
        log.warn(
          { error },
          'the first calls after this start will be taken in slowly: no leg could be rehearsed',
        );
      }
    }
  }

  /** Where it listens, in the order of the doors, with the ports it really has. */
  get addresses(): readonly DoorAddress[] {
    return this.#doors.flatMap(({ address }) => (address === undefined ? [] : [address]));
  }

  /** The media threads, for tests that kill one. */
  get mediaPool(): MediaPool {
    return this.#pool;
  }

  /** What the book of interpreters says has changed: calls that run get what they lacked. */
  interpretersChanged(): void {
    this.#switchboard.interpretersChanged();
  }

  /** Starts all of one party's pipeline anew; see {@link Switchboard.resetParty}. */
  resetParty(callId: string, party: string, coolDownMs: number): PartyReset {
    return this.#switchboard.resetParty(callId, party, coolDownMs);
  }

  register(wish: CallWish): RegisteredCall | 'full' | 'draining' | 'apart' {
    if (this.#switchboard.draining) {
      return 'draining';
    }
    return this.#nodes?.sharesLegs?.() === false ? 'apart' : this.#registered.register(wish);
  }

  #nobodyCame(call: RegisteredCall, log: Log): void {
    log.info(
      { call: call.callId, waitedMs: call.wish.ttlMs },
      'nobody has come to a registered call in time',
    );
    for (const listener of this.#unattendedListeners) {
      try {
        listener(call);
      } catch (error) {
        log.error({ error, call: call.callId }, 'a listener of registered calls failed');
      }
    }
  }

  isRegistered(id: string): boolean {
    return this.#registered.has(id);
  }

  withdraw(id: string): boolean {
    return this.#registered.withdraw(id);
  }

  addParty(
    callId: string,
    wish: Omit<PartyPlan, 'id'>,
    ttlMs: number,
  ): AddedParty | 'full' | 'draining' | 'not-there' {
    const call = this.#switchboard.calls.get(callId);
    if (call === undefined) {
      return 'not-there';
    }
    return this.#switchboard.draining ? 'draining' : this.#added.add(call, wish, ttlMs);
  }

  hangUp(callId: string, reason: string): boolean {
    const call = this.#switchboard.calls.get(callId);
    call?.hangUp(reason);
    return call !== undefined;
  }

  handOver(callId: string): ReturnType<Switchboard['handOver']> {
    return this.#switchboard.handOver(callId);
  }

  hangUpParty(callId: string, party: string, reason: string): boolean {
    return this.#switchboard.calls.get(callId)?.hangUpParty(party, reason) ?? false;
  }

  changeCall(callId: string, change: PlanChange): boolean {
    const call = this.#switchboard.calls.get(callId);
    call?.changePlan(change);
    return call !== undefined;
  }

  say(callId: string, party: string, saying: Saying, interrupt: boolean): ReturnType<Call['say']> {
    return this.#switchboard.calls.get(callId)?.say(party, saying, interrupt) ?? 'not-there';
  }

  listen(callId: string, party: string, wish: ListeningWish): ReturnType<Call['listen']> {
    return this.#switchboard.calls.get(callId)?.listen(party, wish) ?? 'not-there';
  }

  soundKeys(callId: string, party: string, keys: string): boolean {
    return this.#switchboard.calls.get(callId)?.soundKeys(party, keys) ?? false;
  }

  hold(held: boolean, why?: HeldWhy): boolean {
    return this.#switchboard.hold(held, why);
  }

  changeParty(callId: string, party: string, change: PartyChange): boolean {
    return this.#switchboard.calls.get(callId)?.changeParty(party, change) ?? false;
  }

  takeVoice(callId: string, party: string, wantedMs: number): ReturnType<Call['takeVoice']> {
    return this.#switchboard.calls.get(callId)?.takeVoice(party, wantedMs) ?? 'not-there';
  }

  setRecording(callId: string, state: RecordingState): 'done' | 'not-recorded' | 'not-there' {
    const call = this.#switchboard.calls.get(callId);
    if (call === undefined) {
      return 'not-there';
    }
    return call.setRecording(state) ? 'done' : 'not-recorded';
  }

  /** How much it carries now. */
  get load(): { readonly legs: number; readonly maxLegs: number; readonly draining: boolean } {
    const { legs, draining } = this.#switchboard;
    return { legs: legs.size, maxLegs: this.#options.maxLegs, draining };
  }

  /** Takes no new calls and waits for the running ones; after `limitMs` hangs them up. */
  drain(limitMs: number): Promise<void> {
    return this.#switchboard.drain(limitMs);
  }

  /** Hangs up every leg and stops. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    const doors = Promise.all(this.#doors.map((door) => door.close()));
    const switchboard = this.#switchboard.close();
    // What is expected goes with the calls that were given away just now.
    this.#registered.close();
    this.#added.close();
    await switchboard;
    await doors;
    await this.#pool.close();
  }

  get doors(): readonly DoorView[] {
    return this.#doors.map((door) => ({
      name: door.name,
      ...door.address,
      health: door.health ?? { state: 'HEALTHY', sinceMs: this.#openedMs.get(door) ?? 0 },
    }));
  }

  get whispering(): Whispering | undefined {
    return this.#doors.find(({ whispering }) => whispering !== undefined)?.whispering;
  }

  get agents(): AgentBook | undefined {
    return this.#doors.find(({ agents }) => agents !== undefined)?.agents;
  }

  calls(): readonly CallView[] {
    return [...this.#switchboard.calls.values()].map(viewOf);
  }

  registered(): readonly RegisteredCall[] {
    return this.#registered.waiting();
  }

  call(callId: string): CallView | undefined {
    const call = this.#switchboard.calls.get(callId);
    return call === undefined ? undefined : viewOf(call);
  }

  transferOf(uuid: string): string | undefined {
    return this.#switchboard.transferOf(uuid);
  }

  levels(callId: string): readonly number[] {
    const parties = this.#switchboard.calls.get(callId)?.parties.values() ?? [];
    return [...parties].map(({ leg }) => leg?.media.level ?? 0);
  }

  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void {
    this.#switchboard.watch(listener, signal);
  }

  watchUnattended(listener: (call: RegisteredCall) => void, signal: AbortSignal): void {
    this.#unattendedListeners.add(listener);
    signal.addEventListener('abort', () => this.#unattendedListeners.delete(listener), { once: true });
  }

  watchEnds(listener: EndListener, signal: AbortSignal): void {
    this.#switchboard.watchEnds(listener, signal);
  }

  state(): ServerState {
    return readState({
      switchboard: this.#switchboard,
      pool: this.#pool,
      doors: this.#doors.map(({ name }) => name),
      maxLegs: this.#options.maxLegs,
    });
  }

  totals(): CountSums {
    const sums = this.#switchboard.totals();
    for (const part of this.#counting) {
      sums.add(part);
    }
    return sums;
  }

  async totalsSlowly(work: LongWork): Promise<CountSums> {
    const sums = await this.#switchboard.totalsSlowly(work);
    for (const part of this.#counting) {
      sums.add(part);
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    return sums;
  }

  /** What counts beside the switchboard. */
  get #counting(): readonly Counted[] {
    return [this.#pool, ...this.#doors, ...(this.#counted === undefined ? [] : [this.#counted])];
  }
}

function viewOf({ id, shownId, version, startedAt, plan, recording, parties }: Call): CallView {
  return {
    callId: id,
    shownId,
    version,
    recording,
    startedAt,
    plan,
    parties: [...parties.values()].map(({ plan: of, state, speaking, leg }) => ({
      party: of.id,
      name: of.name,
      language: of.language,
      voice: of.voice,
      original: of.original,
      hears: of.hears,
      muted: of.muted,
      state,
      speaking,
      backlogMs: leg?.media.backlogMs ?? 0,
    })),
  };
}
