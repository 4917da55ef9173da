/**
 * Media threads that are none: the legs' tasks run on the test's own thread and clock, so that what is heard can be
 * foreseen to the frame. Commands and events still cross a MessagePort, which takes a turn of the loop each way.
 */

import { MessageChannel } from 'node:worker_threads';
import type { Clock } from '../../src/base/clock.ts';
import { GridTicker } from '../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { BELL, type BellMessage } from '../../src/media/frame-bell.ts';
import { LegMedia } from '../../src/media/leg-media.ts';
import type { MediaCommand, MediaTask } from '../../src/media/media-messages.ts';
import type { MediaThreads, RunningTask } from '../../src/media/media-pool.ts';
import type { MediaModules } from '../../src/media/wasm.ts';

const SLOTS = 10;
/** As on a real thread, a frame is made 4 ms before it leaves, which is 16 ms after the one before it. */
const LEAD_SLOTS = 8;

export class LocalThreads implements MediaThreads {
  /** Tasks started since the beginning. */
  started = 0;
  readonly wakes: boolean;
  readonly #modules: MediaModules;
  readonly #clock: Clock;
  readonly #ticker: GridTicker;
  /** Ends each running task as if its thread had died. */
  readonly #kills = new Set<() => void>();

  /** @param wakes whether frames of an utterance are passed on as they come, not at the ticks. */
  constructor(modules: MediaModules, clock: Clock, wakes = false) {
    this.wakes = wakes;
    this.#modules = modules;
    this.#clock = clock;
    this.#ticker = new GridTicker(clock, FRAME_MS, SLOTS);
  }

  get running(): number {
    return this.#kills.size;
  }

  start(task: MediaTask): RunningTask {
    this.started += 1;
    const { port1, port2 } = new MessageChannel();
    const leg = new LegMedia(
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
    const slot = task.phaseMs / (FRAME_MS / SLOTS) + LEAD_SLOTS;
    const ended = new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#ticker.remove(member, slot);
        this.#kills.delete(kill);
        leg.close();
        port2.close();
      };
      const kill = (): void => {
        stop();
        reject(new Error('the thread died'));
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
    });
    this.#ticker.add(member, slot);
    return { port: port1, ended };
  }

  /** All tasks die. */
  kill(): void {
    for (const kill of [...this.#kills]) {
      kill();
    }
  }
}
