/**
 * The running server: media threads, switchboard and doors put together, and what it shows of itself. It owns
 * what it opens and closes it in the reverse order; engines belong to whoever passed them in.
 */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { AnnouncementBook, CallMode, InterpreterBook } from '../call/call.ts';
import type { CallEvent } from '../call/call-events.ts';
import type { OriginalMode } from '../call/direction.ts';
import { PortPairing } from '../call/pairing/port-pairing.ts';
import { SuffixPairing } from '../call/pairing/suffix-pairing.ts';
import { Switchboard } from '../call/switchboard.ts';
import { MediaPool } from '../media/media-pool.ts';
import { AudioSocketListener, type Door } from './audiosocket-listener.ts';
import type { CallView, ServerStats, ServerView } from './server-stats.ts';

export interface DragomanServerOptions {
  readonly doors: readonly Door[];
  readonly pairing: 'suffix' | 'port';
  readonly mode: CallMode;
  /** How a speaker's own voice is heard while it is interpreted. Default `duck`. */
  readonly original?: OriginalMode;
  readonly allow: readonly string[];
  readonly maxLegs: number;
  readonly mediaThreads: number;
  readonly uuidTimeoutMs: number;
  /** The compiled entry point of a media thread. */
  readonly workerUrl: URL;
}

export interface DragomanServerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly interpreters: InterpreterBook;
  /** What parties are told when their call begins. Default nothing. */
  readonly announcements?: AnnouncementBook;
}

export class DragomanServer implements ServerView {
  readonly #options: DragomanServerOptions;
  readonly #pool: MediaPool;
  readonly #switchboard: Switchboard;
  readonly #listeners: AudioSocketListener[] = [];
  #closing: Promise<void> | undefined;

  private constructor(options: DragomanServerOptions, deps: DragomanServerDeps) {
    this.#options = options;
    this.#pool = new MediaPool({ threads: options.mediaThreads, workerUrl: options.workerUrl });
    this.#switchboard = new Switchboard(
      {
        mode: options.mode,
        uuidTimeoutMs: options.uuidTimeoutMs,
        maxLegs: options.maxLegs,
        ...(options.original === undefined ? {} : { original: options.original }),
      },
      {
        pool: this.#pool,
        clock: deps.clock,
        log: deps.log,
        pairing: options.pairing === 'suffix' ? new SuffixPairing() : new PortPairing(),
        interpreters: deps.interpreters,
        ...(deps.announcements === undefined ? {} : { announcements: deps.announcements }),
      },
    );
  }

  /** Starts the media threads and opens all doors; closes what it had opened when one cannot be. @throws AppError */
  static async open(options: DragomanServerOptions, deps: DragomanServerDeps): Promise<DragomanServer> {
    const server = new DragomanServer(options, deps);
    try {
      await server.#pool.ready();
      for (const door of options.doors) {
        const { allow, maxLegs } = options;
        server.#listeners.push(
          await AudioSocketListener.open({ door, allow, maxLegs }, server.#switchboard, deps.clock, deps.log),
        );
      }
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Where it listens, in the order of the doors, with the ports it really has. */
  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return this.#listeners.map((listener) => listener.address);
  }

  /** The media threads, for tests that kill one. */
  get mediaPool(): MediaPool {
    return this.#pool;
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
    const doors = Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#switchboard.close();
    await doors;
    await this.#pool.close();
  }

  calls(): readonly CallView[] {
    return [...this.#switchboard.calls.values()].map((call) => ({
      callId: call.id,
      startedAt: call.startedAt,
      legs: [...call.legs].map(([leg, { identity, state }]) => ({
        leg,
        language: identity?.language ?? '',
        state,
      })),
    }));
  }

  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void {
    this.#switchboard.watch(listener, signal);
  }

  stats(): ServerStats {
    const { tallies, legs, calls, draining } = this.#switchboard;
    const legsByState = new Map<string, number>();
    const dropped = new Map(tallies.dropped.entries());
    let { bytesIn, bytesOut, mediaRestarts, framesMissing, cues, interruptions } = tallies;
    let longestBacklogMs = 0;
    for (const leg of legs) {
      legsByState.set(leg.state, (legsByState.get(leg.state) ?? 0) + 1);
      const running = leg.counts();
      bytesIn += running.bytesIn;
      bytesOut += running.bytesOut;
      mediaRestarts += running.mediaRestarts;
      framesMissing += running.framesMissing;
      cues += running.cues;
      interruptions += running.interruptions;
      longestBacklogMs = Math.max(longestBacklogMs, leg.media.backlogMs);
      for (const [queue, count] of running.dropped) {
        dropped.set(queue, (dropped.get(queue) ?? 0) + count);
      }
    }
    return {
      draining,
      legsActive: legs.size,
      callsActive: calls.size,
      legsByState,
      maxLegs: this.#options.maxLegs,
      connectionsAccepted: this.#listeners.reduce((sum, listener) => sum + listener.accepted, 0),
      connectionsRefused: this.#refused(),
      legsEnded: new Map(tallies.legsEnded.entries()),
      framesIn: tallies.framesIn,
      framesOut: tallies.framesOut,
      audioBytesIn: bytesIn,
      audioBytesOut: bytesOut,
      framesForgiven: tallies.framesForgiven,
      framesMissing,
      longestBacklogMs,
      cues,
      interruptions,
      dropped,
      dtmfKeys: tallies.keys,
      mediaThreads: this.#pool.threads,
      mediaRestarts,
      utterances: new Map(tallies.utterances.entries()),
      wordsTranslated: tallies.wordsTranslated,
      noted: new Map(tallies.noted.entries()),
      errors: new Map(tallies.errors.entries()),
      interpreterRecoveries: new Map(tallies.recoveries.entries()),
      illegalTransitions: tallies.illegalTransitions,
    };
  }

  #refused(): ReadonlyMap<string, number> {
    const refused = new Map<string, number>();
    for (const listener of this.#listeners) {
      for (const [reason, count] of listener.refused.entries()) {
        refused.set(reason, (refused.get(reason) ?? 0) + count);
      }
    }
    return refused;
  }
}
