/**
 * All legs and calls of the process. A leg comes in by a door, says who it is within a time limit, and is put into
 * its call; whatever it does wrong ends that leg and nothing else. It owns the grid of deadlines all legs send on.
 */

import type { Clock } from '../base/clock.ts';
import { GridTicker } from '../base/grid-ticker.ts';
import type { LanguagePair } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { Scope } from '../base/scope.ts';
import { FRAME_MS } from '../base/units.ts';
import type { MediaThreads } from '../media/media-pool.ts';
import { type AnnouncementBook, Call, type CallMode, type InterpreterBook } from './call.ts';
import type { CallEvent } from './call-events.ts';
import { CallTallies } from './call-tallies.ts';
import type { OriginalMode } from './direction.ts';
import { Leg } from './leg.ts';
import type { LegTransport } from './leg-transport.ts';
import type { PairingScheme } from './pairing/pairing.ts';

/** Groups of legs over each 20 ms, so that they do not send all at once: 2 ms apart. */
const PACER_SLOTS = 10;

export interface SwitchboardOptions {
  readonly mode: CallMode;
  /** How a speaker's own voice is heard while it is interpreted. Default `duck`. */
  readonly original?: OriginalMode;
  /** How long a connection may take to say its UUID, in ms. */
  readonly uuidTimeoutMs: number;
  /** Legs at once; the next one is turned away. */
  readonly maxLegs: number;
}

export interface SwitchboardDeps {
  readonly pool: MediaThreads;
  readonly clock: Clock;
  readonly log: Log;
  readonly pairing: PairingScheme;
  readonly interpreters: InterpreterBook;
  /** What parties are told when their call begins. Default nothing. */
  readonly announcements?: AnnouncementBook;
}

export type CallListener = (callId: string, event: CallEvent) => void;

export class Switchboard {
  readonly tallies = new CallTallies();
  readonly #options: SwitchboardOptions;
  readonly #deps: SwitchboardDeps;
  readonly #scope: Scope;
  readonly #ticker: GridTicker;
  readonly #legs = new Set<Leg>();
  readonly #calls = new Map<string, Call>();
  readonly #uuids = new Set<string>();
  readonly #listeners = new Set<CallListener>();
  /** Told each time a leg has gone. */
  readonly #onLegGone = new Set<() => void>();
  #draining = false;

  constructor(options: SwitchboardOptions, deps: SwitchboardDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#ticker = new GridTicker(deps.clock, FRAME_MS, PACER_SLOTS);
    this.#scope = new Scope((error) =>
      deps.log.error({ error }, 'something of ours failed in the background'),
    );
  }

  get legs(): ReadonlySet<Leg> {
    return this.#legs;
  }

  get calls(): ReadonlyMap<string, Call> {
    return this.#calls;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Whether another leg fits. Ask before `accept`. */
  get full(): boolean {
    return this.#legs.size >= this.#options.maxLegs;
  }

  /** Hears every event of every call until `signal` aborts. */
  watch(listener: CallListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** Takes in a connection that came by a door whose parties speak `pair`; its frames begin to flow at once. */
  accept(transport: LegTransport, pair: LanguagePair): void {
    const { clock } = this.#deps;
    const slot = this.#ticker.quietestSlot();
    const leg: Leg = new Leg(
      { pool: this.#deps.pool, clock, log: this.#deps.log, tallies: this.tallies },
      transport,
      this.#ticker.phaseMs(slot),
      {
        identified: (uuid) => this.#place(leg, uuid, pair),
        keyPressed: (key) => this.#callOf(leg)?.keyPressed(leg, key),
        speechStarted: (startMs) => this.#callOf(leg)?.directionOf(leg)?.speechStarted(startMs) ?? false,
        speech: (pcm) => this.#callOf(leg)?.directionOf(leg)?.speech(pcm),
        speechPaused: (silenceStartMs) => this.#callOf(leg)?.directionOf(leg)?.speechPaused(silenceStartMs),
        speechResumed: () => this.#callOf(leg)?.directionOf(leg)?.speechResumed(),
        speechWasNone: () => this.#callOf(leg)?.directionOf(leg)?.speechWasNone(),
        speechEnded: (endMs) => this.#callOf(leg)?.directionOf(leg)?.speechEnded(endMs),
        stateChanged: (state) => {
          if (leg.identity !== undefined) {
            this.#callOf(leg)?.stateChanged(leg.identity, state);
          }
        },
        ended: (reason) => {
          limit.cancel();
          this.#ticker.remove(member, slot);
          this.#forget(leg, reason);
        },
      },
    );
    const member = {
      tick: (_deadlineMs: number, nowMs: number) => leg.tick(nowMs),
      failed: (error: unknown) => {
        leg.log.error({ error }, 'a leg failed inside; it is hung up');
        leg.hangUp('internal-error', 'failed');
      },
    };
    const limit = clock.at(clock.nowMs() + this.#options.uuidTimeoutMs, () => {
      if (leg.state === 'IDLE') {
        leg.log.warn({ limitMs: this.#options.uuidTimeoutMs }, 'a connection never said its UUID');
        leg.hangUp('no-uuid', 'failed');
      }
    });
    this.#legs.add(leg);
    this.#ticker.add(member, slot);
  }

  /** Takes no new calls; resolves when the last leg has gone, or after `limitMs`, when the rest are hung up. */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    const { clock, log } = this.#deps;
    if (this.#legs.size > 0) {
      log.info({ legs: this.#legs.size, limitMs }, 'draining: running calls may finish');
      await this.#emptyWithin(limitMs);
    }
    if (this.#legs.size > 0) {
      log.warn({ legs: this.#legs.size }, 'the drain time is over: hanging up the calls that are left');
      for (const leg of this.#legs) {
        leg.hangUp('drained');
      }
      await this.#emptyWithin(HANG_UP_LIMIT_MS);
    }
    log.info({ atMs: Math.round(clock.nowMs()) }, 'drained');
  }

  /** Hangs up every leg and stops. */
  async close(): Promise<void> {
    this.#draining = true;
    for (const leg of this.#legs) {
      leg.hangUp('server-closing');
    }
    await this.#emptyWithin(HANG_UP_LIMIT_MS);
    this.#ticker.close();
    await this.#scope.close();
  }

  #callOf(leg: Leg): Call | undefined {
    return leg.identity === undefined ? undefined : this.#calls.get(leg.identity.callId);
  }

  /** Puts a leg that has said its UUID into its call, or ends it. */
  #place(leg: Leg, uuid: string, pair: LanguagePair): void {
    if (this.#uuids.has(uuid)) {
      this.#refuse(leg, uuid, 'uuid-in-use', 'another leg of a running call has this UUID');
      return;
    }
    const placement = this.#deps.pairing.place(uuid, pair);
    if ('refused' in placement) {
      this.#refuse(leg, uuid, placement.refused, placement.explanation);
      return;
    }
    const running = this.#calls.get(placement.callId);
    if (this.#draining && running === undefined) {
      this.#deps.pairing.ended(placement.callId);
      this.#refuse(leg, uuid, 'draining', 'the server is stopping and takes no new calls');
      return;
    }
    if (running?.ending === true) {
      this.#refuse(leg, uuid, 'call-ending', 'the call this UUID belongs to is being hung up');
      return;
    }
    const call = running ?? this.#openCall(placement.callId, leg);
    this.#uuids.add(uuid);
    call.join(leg, { uuid, callId: placement.callId, number: placement.leg, language: placement.language });
  }

  #refuse(leg: Leg, uuid: string, reason: string, explanation: string): void {
    leg.log.warn({ uuid, reason, explanation }, 'a leg was refused');
    leg.hangUp(reason, 'failed');
  }

  #openCall(callId: string, leg: Leg): Call {
    const { clock, log, interpreters, announcements } = this.#deps;
    const call = new Call(
      callId,
      leg.acceptedMs,
      {
        clock,
        log,
        interpreters,
        announcements: announcements ?? (() => undefined),
        original: this.#options.original ?? 'duck',
        tallies: this.tallies,
        mode: this.#options.mode,
        emit: (id, event) => this.#emit(id, event),
      },
      this.#scope.child(),
    );
    this.#calls.set(callId, call);
    return call;
  }

  #emit(callId: string, event: CallEvent): void {
    for (const listener of this.#listeners) {
      listener(callId, event);
    }
  }

  #forget(leg: Leg, reason: string): void {
    this.#legs.delete(leg);
    const call = this.#callOf(leg);
    if (leg.identity !== undefined) {
      this.#uuids.delete(leg.identity.uuid);
    }
    if (call?.leave(leg, reason) === true) {
      this.#calls.delete(call.id);
      this.#deps.pairing.ended(call.id);
      call.close().catch((error: unknown) => {
        this.#deps.log.error({ error, call: call.id }, 'a call did not end as it should');
      });
    }
    for (const told of [...this.#onLegGone]) {
      told();
    }
  }

  /** Resolves when no leg is left, or after `limitMs`. */
  async #emptyWithin(limitMs: number): Promise<void> {
    if (this.#legs.size === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#onLegGone.delete(check);
        timer.cancel();
        resolve();
      };
      const check = (): void => {
        if (this.#legs.size === 0) {
          done();
        }
      };
      const timer = this.#deps.clock.at(this.#deps.clock.nowMs() + limitMs, done);
      this.#onLegGone.add(check);
    });
  }
}

/** How long legs that were hung up may take to go, in ms. */
const HANG_UP_LIMIT_MS = 2_000;
