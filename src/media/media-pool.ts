/**
 * The media threads: one Piscina pool, in which a leg is ONE long-lived task. It stays on its thread while the leg
 * lives, so its resamplers, detector and queues never move, and the pool balances legs over threads. A thread
 * that dies takes its tasks' promises with it; each leg's owner then asks for another over the same memory.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { MediaTask } from './media-messages.ts';

export interface MediaPoolOptions {
  /** Number of threads, 1 or more. */
  readonly threads: number;
  /** The compiled thread entry point. */
  readonly workerUrl: URL;
}

/** One leg's task on a thread. */
export interface RunningTask {
  /** Carries commands there and events back; closes with the task. */
  readonly port: MessagePort;
  /** Resolves when the task has ended as asked; rejects when its thread died. */
  readonly ended: Promise<void>;
}

/** What runs the legs' tasks, as a leg sees it. */
export interface MediaThreads {
  /**
   * Whether a leg's task and its owner tell each other of frames at once while an utterance goes on, each frame with
   * a message. Default false: frames wait for the ticks, at which all can be foreseen.
   */
  readonly wakes?: boolean;
  /** Starts a leg's task on the thread with the fewest. */
  start(task: MediaTask): RunningTask;
}

/** More legs than any thread is ever given: the pool must start every leg at once and queue none. */
const LEGS_PER_THREAD = 100_000;

export class MediaPool implements MediaThreads {
  readonly wakes = true;
  readonly threads: number;
  readonly #piscina: Piscina;

  constructor(options: MediaPoolOptions) {
    this.threads = options.threads;
    this.#piscina = new Piscina({
      filename: options.workerUrl.href,
      minThreads: options.threads,
      maxThreads: options.threads,
      concurrentTasksPerWorker: LEGS_PER_THREAD,
      // Waiting in Atomics would block the thread's event loop, and with it the frames of its legs.
      atomics: 'disabled',
      recordTiming: false,
    });
    // A thread that dies while it has no task is only replaced; with tasks, they reject.
    this.#piscina.on('error', () => {});
  }

  /** Resolves when every thread has loaded its modules; a leg started before then waits for it. */
  async ready(): Promise<void> {
    await Promise.all(
      Array.from({ length: this.threads }, () => this.#piscina.run(undefined, { name: 'warmUp' })),
    );
  }

  start(task: MediaTask): RunningTask {
    const channel = new MessageChannel();
    const ended = this.#piscina.run(
      { task, port: channel.port2 },
      { name: 'runLeg', transferList: [channel.port2] },
    ) as Promise<void>;
    return { port: channel.port1, ended };
  }

  /** Kills one thread as a crash would, for tests of what happens then. @returns false when there is no such thread. */
  async killThread(index: number): Promise<boolean> {
    const thread = this.#piscina.threads[index];
    await thread?.terminate();
    return thread !== undefined;
  }

  /** Ends all threads; tasks that still run reject. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}
