/** What runs the legs' tasks, as a leg sees it: a pool of threads, or none at all in tests. */

import type { MediaModules } from '../dsp/wasm.ts';
import type { BellMessage } from '../ring/frame-bell.ts';
import type { MediaCommand, MediaEvent, MediaTask } from './media-messages.ts';

/** Carries a leg's commands to its task and its events back. */
export interface LegPort {
  postMessage(message: MediaCommand | BellMessage): void;
  on(type: 'message', listener: (message: MediaEvent | BellMessage) => void): void;
  /** Nothing is heard after it. */
  close(): void;
}

/** One leg's task on a thread. */
export interface RunningTask {
  readonly port: LegPort;
  /** Resolves when the task has ended as asked; rejects when the leg failed inside, or its thread died. */
  readonly ended: Promise<void>;
}

export interface MediaThreads {
  /**
   * Whether a leg's task and its owner tell each other of frames at once while an utterance goes on, each frame with
   * a message. Default false: frames wait for the ticks, at which all can be foreseen.
   */
  readonly wakes?: boolean;
  /**
   * With what the main thread passes a voice through that is heard as it is; undefined: all sound goes by the tasks.
   * Default undefined.
   */
  readonly modules?: MediaModules | undefined;
  /** Starts a leg's task on the thread with the fewest. */
  start(task: MediaTask): RunningTask;
}
