/**
 * Media threads that are none: the legs' tasks run on the caller's own thread and clock, so that what is heard can be
 * foreseen to the frame: for tests, and for calls that are played again. Commands and events still cross a MessagePort, which takes a turn of the loop each way.
 */

import { MessageChannel } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { GridTicker } from '../../base/grid-ticker.ts';
import { FRAME_MS } from '../../base/units.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { BELL, type BellMessage } from '../ring/frame-bell.ts';
import { LegTask } from './leg-task.ts';
import type { MediaCommand, MediaTask } from './media-messages.ts';
import type { MediaThreads, RunningTask } from './media-threads.ts';

const SLOTS = 10;
/** As on a real thread, a frame is made 4 ms before it leaves, which is 16 ms after the one before it. */
const LEAD_SLOTS = 8;

export class LocalThreads implements MediaThreads {
  /** Tasks started since the beginning. */
  started = 0;
  readonly wakes: boolean;
  readonly modules: MediaModules | undefined;
  readonly #modules: MediaModules;
  readonly #clock: Clock;
  readonly #ticker: GridTicker;
  /** Ends each running task as if its thread had died. */
  readonly #kills = new Set<(error: Error) => void>();
  readonly #tasks = new Set<LegTask>();

  /**
   * @param wakes whether frames of an utterance are passed on as they come, not at the ticks. @param passes whether a
   * voice
   *   that is heard as it is passes the tasks by.
   */
  constructor(modules: MediaModules, clock: Clock, wakes = false, passes = false) {
    this.wakes = wakes;
    this.modules = passes ? modules : undefined;
    this.#modules = modules;
    this.#clock = clock;
    this.#ticker = new GridTicker(clock, FRAME_MS, SLOTS);
  }

  /** Tasks that are not needed for now. */
  get asleep(): number {
    return [...this.#tasks].filter((task) => task.asleep).length;
  }

  get running(): number {
    return this.#kills.size;
  }

  start(task: MediaTask): RunningTask {
    this.started += 1;
    const { port1, port2 } = new MessageChannel();
    const leg = new LegTask(
      this.#modules,
      task,
      (event) => port2.postMessage(event),
      () => port2.postMessage(BELL),
    );
    const member = {
      tick: (deadlineMs: number, nowMs: number) => leg.tick(deadlineMs, nowMs),
      failed: (error: unknown) => {
        throw error;
      },
    };
    const slot = (task.firstMs % FRAME_MS) / (FRAME_MS / SLOTS) + LEAD_SLOTS;
    const ended = new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#ticker.remove(member, slot);
        this.#kills.delete(kill);
        this.#tasks.delete(leg);
        leg.close();
        port2.close();
      };
      const kill = (error: Error): void => {
        stop();
        reject(error);
      };
      port2.on('message', (command: MediaCommand | BellMessage) => {
        if (command.type === 'close') {
          stop();
          resolve();
        } else if (command.type === 'bell') {
          leg.listen(this.#clock.nowMs());
        } else {
          leg.handle(command);
        }
      });
      this.#kills.add(kill);
      this.#tasks.add(leg);
    });
    this.#ticker.add(member, slot);
    return { port: port1, ended };
  }

  /** All tasks die. */
  kill(error = new Error('the thread died')): void {
    for (const kill of [...this.#kills]) {
      kill(error);
    }
  }
}
