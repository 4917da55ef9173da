/**
 * The main thread's side of one media thread: its legs' commands and events go over one port, each with the number of
 * the leg. Commands that are given in one go are posted together, when the main thread is done with it: each message
 * wakes the other thread, which costs more than what is in it, and takes the processor from who posts on a busy machine.
 * When the thread dies all of its legs hear of it.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { isThreadRunnable, threadRanMs } from '../../base/thread-usage.ts';
import { BELL, type BellMessage } from '../ring/frame-bell.ts';
import { RUNG_BELLS, RungBells } from '../ring/rung-bells.ts';
import { Heartbeat } from './heartbeat.ts';
import type {
  MediaCommand,
  MediaEvent,
  MediaTask,
  ThreadOrder,
  ThreadOrders,
  ThreadReport,
} from './media-messages.ts';
import type { LegPort, RunningTask } from './media-threads.ts';

/** How many legs more a thread may have that is ready than one that is not: all of them. */
const NOT_READY_LOAD = 1e6;

/** What a thread is given beside its port, all of it shared memory. */
export interface ThreadMemory {
  readonly heartbeat: SharedArrayBuffer;
  /** Bells of its legs that the main thread rings, and those that it rings. */
  readonly bellsToThread: SharedArrayBuffer;
  readonly bellsToMain: SharedArrayBuffer;
}

/** A media thread did not come back from what it did for this leg. */
export class LegHung extends Error {
  override readonly name = 'LegHung';
}

export class ServedThread {
  /** For people; no other thread of the process has it, or had it before. */
  readonly name: string;
  /** Resolves when the thread has loaded, or has died before. */
  readonly ready: Promise<void>;
  /** Node's number of the thread; undefined until it is ready. */
  threadId: number | undefined;
  /** The system's number of it; undefined until it is ready, and where that is not known. */
  #systemId: number | undefined;
  readonly #heart = new Heartbeat();
  readonly #bellsToThread = new RungBells();
  readonly #bellsToMain = new RungBells();
  readonly #port: MessagePort;
  readonly #legs = new Map<number, ServedLeg>();
  /** Given since this thread last came to the end of what it does, and not posted. */
  #orders: ThreadOrder[] = [];
  readonly #give = (order: ThreadOrder): void => {
    if (this.#orders.push(order) === 1) {
      queueMicrotask(this.#post);
    }
  };
  readonly #post = (): void => {
    const orders = this.#orders;
    const [first] = orders;
    this.#orders = [];
    if (first !== undefined) {
      const posted: ThreadOrders = orders.length === 1 ? first : { type: 'several', orders };
      this.#port.postMessage(posted);
    }
  };
  #next = 0;
  /** The leg that it hangs in, if it does. */
  #hung: number | undefined;
  #becomeReady = (): void => {};
  readonly #bellRung = (leg: number): void => this.#legs.get(leg)?.hear(BELL);

  /**
   * @param name of the thread, for people.
   * @param run has a thread serve the other end of the port, and rejects when that thread dies.
   * @param died is called then, before the thread's legs hear of it.
   */
  static open(
    name: string,
    run: (port: MessagePort, memory: ThreadMemory) => Promise<unknown>,
    died: () => void,
  ): ServedThread {
    const { port1, port2 } = new MessageChannel();
    const thread = new ServedThread(name, port1);
    port1.on('message', (report: ThreadReport) => thread.#hear(report));
    // A pool without legs keeps no process alive.
    port1.unref();
    run(port2, thread.#memory).then(
      () => thread.#over(new Error('a media thread stopped serving'), died),
      (error: unknown) => thread.#over(error, died),
    );
    return thread;
  }

  private constructor(name: string, port: MessagePort) {
    this.name = name;
    this.#port = port;
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
  }

  get #memory(): ThreadMemory {
    return {
      heartbeat: this.#heart.memory,
      bellsToThread: this.#bellsToThread.memory,
      bellsToMain: this.#bellsToMain.memory,
    };
  }

  /** The legs it has; as good as full while it is not ready. */
  get load(): number {
    return this.#legs.size + (this.threadId === undefined ? NOT_READY_LOAD : 0);
  }

  /** Whether its heart is to beat. */
  get busy(): boolean {
    return this.#legs.size > 0;
  }

  get beats(): number | undefined {
    return this.threadId === undefined ? undefined : this.#heart.beats;
  }

  get ranMs(): number | undefined {
    return this.#systemId === undefined ? undefined : threadRanMs(this.#systemId);
  }

  get runnable(): boolean {
    return this.#systemId !== undefined && isThreadRunnable(this.#systemId);
  }

  /** It hangs and is about to be ended: its legs hear why, above all the one that it hangs in. */
  hangs(): void {
    this.#hung = this.#heart.atWork;
  }

  start({ memory, ...task }: MediaTask): RunningTask {
    const number = this.#next;
    this.#next += 1;
    const leg = new ServedLeg(number, this.#give, this.#port, this.#bellsToThread);
    if (this.#legs.size === 0) {
      this.#port.ref();
    }
    this.#legs.set(number, leg);
    const posted = { ...task, place: memory.place };
    this.#give({ type: 'start', leg: number, task: posted });
    return { port: leg, ended: leg.ended };
  }

  #hear(report: ThreadReport): void {
    if (report === RUNG_BELLS) {
      this.#bellsToMain.take(this.#bellRung);
      return;
    }
    if (typeof report === 'number') {
      this.#bellRung(report);
      return;
    }
    switch (report.type) {
      case 'ready':
        this.threadId = report.thread;
        this.#systemId = report.systemThread;
        this.#becomeReady();
        break;
      case 'told':
        this.#legs.get(report.leg)?.hear(report.event);
        break;
      case 'ended':
        this.#forget(report.leg)?.finish(report.error);
        break;
    }
  }

  #forget(number: number): ServedLeg | undefined {
    const leg = this.#legs.get(number);
    this.#legs.delete(number);
    if (this.#legs.size === 0) {
      this.#port.unref();
    }
    return leg;
  }

  #over(error: unknown, died: () => void): void {
    this.#port.close();
    this.#becomeReady();
    died();
    for (const [number, leg] of this.#legs) {
      const hung =
        number === this.#hung ? new LegHung('a media thread did not come back from it') : undefined;
      const others =
        this.#hung === undefined ? error : new Error('a media thread hung in what it did for another');
      leg.finish(hung ?? others);
    }
    this.#legs.clear();
  }
}

/** One leg of a thread, as its owner sees it. */
class ServedLeg implements LegPort {
  readonly ended: Promise<void>;
  readonly #number: number;
  readonly #give: (order: ThreadOrder) => void;
  readonly #port: MessagePort;
  readonly #bells: RungBells;
  readonly #listeners: ((message: MediaEvent | BellMessage) => void)[] = [];
  #settle = (_error: unknown): void => {};

  /** @param give has the thread told with what else it is told. @param bells of all legs of the thread. */
  constructor(number: number, give: (order: ThreadOrder) => void, port: MessagePort, bells: RungBells) {
    this.#number = number;
    this.#give = give;
    this.#port = port;
    this.#bells = bells;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  postMessage(message: MediaCommand | BellMessage): void {
    if (message.type !== 'bell') {
      this.#give({ type: 'tell', leg: this.#number, command: message });
      return;
    }
    const bell: ThreadOrder | undefined = this.#bells.add(this.#number);
    if (bell !== undefined) {
      this.#port.postMessage(bell);
    }
  }

  on(_type: 'message', listener: (message: MediaEvent | BellMessage) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#listeners.length = 0;
  }

  hear(message: MediaEvent | BellMessage): void {
    for (const listener of this.#listeners) {
      listener(message);
    }
  }

  /** @param error why it ended; undefined: as it was asked to. */
  finish(error: unknown): void {
    this.#settle(error);
  }
}
