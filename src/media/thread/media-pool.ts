/**
 * The media threads: one Piscina pool, in which a thread is ONE long-lived task that serves its legs. A leg stays on
 * its thread while it lives, so its resamplers, detector and queues never move. All legs of a thread share one port: a
 * port of its own, and a Piscina task of its own, cost a leg's arrival 0.4 ms of the main thread. A thread that dies
 * takes its legs with it; each leg's owner then asks for another over the same memory. One that hangs is ended. To load
 * a thread takes a busy machine a second, so a spare one may stand by, which has no legs until one of the others is
 * gone.
 */

import { Piscina } from 'piscina';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { Heartbeat } from './heartbeat.ts';
import type { MediaTask } from './media-messages.ts';
import type { MediaThreads, RunningTask } from './media-threads.ts';
import { ServedThread } from './served-thread.ts';
import { ThreadWatch } from './thread-watch.ts';
import { WATCH_LIMITS, type WatchLimits } from './watch-limits.ts';

export interface MediaPoolOptions {
  /** Number of threads, 1 or more. */
  readonly threads: number;
  /** Threads more that stand by, each 10 MB and no processor time; default 0. */
  readonly spareThreads?: number;
  /** The compiled thread entry point. */
  readonly workerUrl: URL;
  /** The main thread's own; see {@link MediaThreads.modules}. */
  readonly modules?: MediaModules;
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default {@link WATCH_LIMITS}. */
  readonly limits?: WatchLimits;
}

/** A thread, and for how long it has run since it began, in ms. */
export interface ThreadTime {
  readonly name: string;
  readonly ranMs: number;
}

export class MediaPool implements MediaThreads, Counted {
  readonly counts = { mediaThreadsHung: 0 };
  readonly wakes = true;
  readonly threads: number;
  readonly modules: MediaModules | undefined;
  readonly #piscina: Piscina;
  readonly #spareThreads: number;
  readonly #limits: WatchLimits;
  /** Those that live, or are about to; the oldest have the legs. */
  readonly #served = new Set<ServedThread>();
  readonly #watch: ThreadWatch<ServedThread>;
  #opened = 0;
  /** The main thread's, for the media threads. */
  readonly #heart = new Heartbeat();

  constructor(options: MediaPoolOptions) {
    this.threads = options.threads;
    this.modules = options.modules;
    const { spareThreads = 0, limits = WATCH_LIMITS } = options;
    this.#spareThreads = spareThreads;
    this.#limits = limits;
    this.#piscina = new Piscina({
      filename: options.workerUrl.href,
      minThreads: options.threads,
      maxThreads: options.threads + spareThreads,
      // A thread is full with the task that serves its legs, so each of these tasks gets a thread of its own.
      concurrentTasksPerWorker: 1,
      // Waiting in Atomics would block the thread's event loop, and with it the frames of its legs.
      atomics: 'disabled',
      recordTiming: false,
    });
    const hangs = (thread: ServedThread): void => {
      this.counts.mediaThreadsHung += 1;
      thread.hangs();
      this.#end(thread);
    };
    this.#watch = new ThreadWatch(options.clock ?? systemClock, limits, hangs, () => this.#heart.beat());
    // What ends a thread is heard by the task that ran on it.
    this.#piscina.on('error', () => {});
  }

  /** Resolves when every thread but the spare ones has loaded its modules; a leg started before then waits for it. */
  async ready(): Promise<void> {
    this.#fill();
    await Promise.all(this.#working.map((thread) => thread.ready));
  }

  start(task: MediaTask): RunningTask {
    this.#fill();
    let best: ServedThread | undefined;
    for (const thread of this.#working) {
      // A thread that takes a dead one's place needs a moment to load: whoever is ready is better.
      if (best === undefined || thread.load < best.load) {
        best = thread;
      }
    }
    if (best === undefined) {
      throw new RangeError(`a pool of ${this.threads} threads runs no leg`);
    }
    const running = best.start(task);
    this.#watch.add(best);
    return running;
  }

  /** Its threads, spare ones included, and for how long each has run, where the system says so. */
  times(): readonly ThreadTime[] {
    return [...this.#served].flatMap(({ name, ranMs }) => (ranMs === undefined ? [] : [{ name, ranMs }]));
  }

  /** Kills one thread as a crash would, for tests of what happens then. @returns false when there is no such thread. */
  async killThread(index: number): Promise<boolean> {
    const thread = [...this.#served][index];
    if (thread === undefined) {
      return false;
    }
    await thread.ready;
    await this.#end(thread);
    return true;
  }

  /** Ends all threads; legs that still run are told so by their `ended`. */
  async close(): Promise<void> {
    this.#watch.close();
    await this.#piscina.destroy();
  }

  /** Those that get legs: the spare ones are the youngest. */
  get #working(): readonly ServedThread[] {
    return [...this.#served].slice(0, this.threads);
  }

  /** Ends a thread whatever it does, loops included. */
  async #end({ threadId }: ServedThread): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /**
   * Has every thread served. One that died is replaced when a leg asks for it, so that a thread that cannot live is not
   * tried for ever.
   */
  #fill(): void {
    while (this.#served.size < this.threads + this.#spareThreads) {
      this.#opened += 1;
      const thread = ServedThread.open(
        `media-${this.#opened}`,
        (port, memory) =>
          this.#piscina.run(
            { port, memory, mainHeartbeat: this.#heart.memory, mainRunMs: this.#limits.mainRunMs },
            { name: 'serveLegs', transferList: [port] },
          ),
        () => {
          this.#served.delete(thread);
          this.#watch.forget(thread);
        },
      );
      this.#served.add(thread);
    }
  }
}
