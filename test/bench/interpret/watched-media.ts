/**
 * Media threads that let the bench hear what a leg's media tells: when each segment began and ended. Segments are
 * numbered in the order in which they were opened, from 0.
 */

import type { BellMessage } from '../../../src/media/ring/frame-bell.ts';
import type { MediaEvent, MediaTask } from '../../../src/media/thread/media-messages.ts';
import type { MediaThreads, RunningTask } from '../../../src/media/thread/media-threads.ts';

export class WatchedMedia implements MediaThreads {
  /** Hears the events of the tasks that are started while it is set. */
  watcher: ((event: MediaEvent) => void) | undefined;
  readonly #threads: MediaThreads;

  constructor(threads: MediaThreads) {
    this.#threads = threads;
  }

  start(task: MediaTask): RunningTask {
    const running = this.#threads.start(task);
    const { watcher } = this;
    if (watcher !== undefined) {
      running.port.on('message', (message: MediaEvent | BellMessage) => {
        if (message.type !== 'bell') {
          watcher(message);
        }
      });
    }
    return running;
  }
}
