/**
 * The entry point of a media thread. It serves its legs for as long as they live; they share the thread's port, its
 * WebAssembly modules and one ticker. A leg whose connection it can write to is worked on when its frame is due;
 * another one shortly before: early enough for the main thread to find the frame ready, late enough for the partner's
 * last frame to be in it.
 */

import { writeSync } from 'node:fs';
import { type MessagePort, threadId } from 'node:worker_threads';
import { systemClock } from '../src/base/clock.ts';
import { asError } from '../src/base/errors.ts';
import { type GridMember, GridTicker } from '../src/base/grid-ticker.ts';
import { MAIN_THREAD_ID, systemThreadId, threadRanMs } from '../src/base/thread-usage.ts';
import { FRAME_MS } from '../src/base/units.ts';
import { loadMediaModules } from '../src/media/dsp/wasm.ts';
import { legMemoryAt } from '../src/media/ring/leg-memory.ts';
import { RUNG_BELLS, RungBells } from '../src/media/ring/rung-bells.ts';
import { Heartbeat } from '../src/media/thread/heartbeat.ts';
import { LegTask } from '../src/media/thread/leg-task.ts';
import { MainWatch } from '../src/media/thread/main-watch.ts';
import type {
  MediaCommand,
  MediaTask,
  ThreadOrder,
  ThreadOrders,
  ThreadReport,
} from '../src/media/thread/media-messages.ts';
import type { ThreadMemory } from '../src/media/thread/served-thread.ts';
import { BEAT_MS } from '../src/media/thread/thread-watch.ts';

/**
 * How long before its deadline a frame is made that the main thread sends, in ms: what this thread may be late without
 * the frame being late. All that is heard is late by as much; a frame that is not ready is waited for a little longer
 * (`call/leg.ts`).
 */
const LEAD_MS = 4;
/** Packets of RTP are looked for in every second slot, each 4 ms, so that what is due is heard soon. */
const PACKET_SLOTS = 2;
const STANDARD_ERROR = 2;
const SLOTS = 10;
const SLOT_MS = FRAME_MS / SLOTS;

const modules = await loadMediaModules();
const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);

/** What a thread is given. */
interface ThreadTask {
  readonly port: MessagePort;
  readonly memory: ThreadMemory;
  /** The main thread's. */
  readonly mainHeartbeat: SharedArrayBuffer;
  /** For how long that may run without a beat, in ms. */
  readonly mainRunMs: number;
}

/** The ways to the main thread. */
interface MainThread {
  readonly port: MessagePort;
  readonly bells: RungBells;
}

/** Serves the legs that are started on `port` until it closes, or the thread dies. */
export async function serveLegs({ port, memory, mainHeartbeat, mainRunMs }: ThreadTask): Promise<void> {
  const legs = new Map<number, ServedLeg>();
  const heart = new Heartbeat(memory.heartbeat);
  const bells = new RungBells(memory.bellsToThread);
  const main = { port, bells: new RungBells(memory.bellsToMain) };
  let beating = false;
  const mainWatch = watchMain(mainHeartbeat, mainRunMs);
  const beatWhileServing = (): void => {
    heart.beat();
    mainWatch.look(systemClock.nowMs());
    beating = legs.size > 0;
    if (beating) {
      systemClock.at(systemClock.nowMs() + BEAT_MS, beatWhileServing);
    }
  };
  const over = new Promise<void>((resolve) => port.on('close', resolve));
  const bellRung = (leg: number): void => {
    const nowMs = systemClock.nowMs();
    // The bells of many legs come together: frames that are due go first.
    ticker.catchUp(nowMs);
    legs.get(leg)?.ring(nowMs);
  };
  const obey = (order: ThreadOrder): void => {
    if (order === RUNG_BELLS) {
      bells.take(bellRung);
    } else if (typeof order === 'number') {
      bellRung(order);
    } else if (order.type === 'start') {
      const { place, ...task } = order.task;
      startLeg(legs, main, heart, order.leg, { ...task, memory: legMemoryAt(place) });
      if (!beating) {
        beatWhileServing();
      }
    } else {
      legs.get(order.leg)?.handle(order.command);
    }
  };
  port.on('message', (orders: ThreadOrders) => {
    if (typeof orders === 'number' || orders.type !== 'several') {
      obey(orders);
      return;
    }
    for (const order of orders.orders) {
      obey(order);
      // Many legs may begin at once: frames that are due go first.
      ticker.catchUp(systemClock.nowMs());
    }
  });
  const ready = { type: 'ready', thread: threadId, systemThread: systemThreadId() } as const;
  port.postMessage(ready satisfies ThreadReport);
  // The main thread's end is gone with the process that held it.
  await over;
  for (const leg of legs.values()) {
    leg.stop(undefined);
  }
}

/** Ends the process when its main thread hangs, in the one way that is left: who started it starts it again. */
function watchMain(heartbeat: SharedArrayBuffer, mostRunMs: number): MainWatch {
  const heart = new Heartbeat(heartbeat);
  const main = {
    get beats() {
      return heart.beats;
    },
    get ranMs() {
      return threadRanMs(MAIN_THREAD_ID);
    },
  };
  return new MainWatch(main, mostRunMs, () => {
    // The log is the main thread's.
    writeSync(
      STANDARD_ERROR,
      'dragoman: the main thread does not come out of a loop; the process is killed\n',
    );
    process.kill(process.pid, 'SIGKILL');
  });
}

/** A leg that cannot even begin ends alone. */
function startLeg(
  legs: Map<number, ServedLeg>,
  main: MainThread,
  heart: Heartbeat,
  number: number,
  task: MediaTask,
): void {
  const ended = (error: unknown): void => {
    legs.delete(number);
    // What is thrown may be anything, and not all of that can be posted.
    const reason = error === undefined ? undefined : asError(error);
    main.port.postMessage({ type: 'ended', leg: number, error: reason } satisfies ThreadReport);
  };
  try {
    legs.set(number, new ServedLeg(main, heart, number, task, ended));
  } catch (error) {
    ended(error);
  }
}

/** One leg until it is told to close, or fails inside: then it alone is started again. */
class ServedLeg implements GridMember {
  readonly #leg: LegTask;
  readonly #heart: Heartbeat;
  readonly #number: number;
  readonly #firstMs: number;
  #slot: number;
  /** Whether its frames are sent from here. */
  #sends: boolean;
  readonly #ended: (error: unknown) => void;
  /** Looks for what its packets make due between ticks. */
  readonly #look: GridMember = {
    tick: (_, nowMs) => this.ring(nowMs),
    failed: (error) => this.stop(error),
  };

  constructor(
    { port, bells }: MainThread,
    heart: Heartbeat,
    number: number,
    task: MediaTask,
    ended: (error: unknown) => void,
  ) {
    this.#heart = heart;
    this.#number = number;
    this.#leg = new LegTask(
      modules,
      task,
      (event) => port.postMessage({ type: 'told', leg: number, event } satisfies ThreadReport),
      () => {
        const report: ThreadReport | undefined = bells.add(number);
        if (report !== undefined) {
          port.postMessage(report);
        }
      },
      writeSync,
    );
    this.#firstMs = task.firstMs;
    this.#sends = this.#leg.sends;
    this.#slot = this.#slotNow();
    this.#ended = ended;
    ticker.add(this, this.#slot);
    for (let slot = 0; task.rtp !== undefined && slot < SLOTS; slot += PACKET_SLOTS) {
      ticker.add(this.#look, slot);
    }
  }

  tick(deadlineMs: number, nowMs: number): void {
    this.#heart.worksFor(this.#number);
    this.#leg.tick(deadlineMs, nowMs);
    this.#heart.rests();
    if (this.#leg.sends !== this.#sends) {
      this.#sends = this.#leg.sends;
      ticker.remove(this, this.#slot);
      this.#slot = this.#slotNow();
      ticker.add(this, this.#slot);
    }
  }

  #slotNow(): number {
    const leadMs = this.#sends ? 0 : LEAD_MS;
    return Math.round(((this.#firstMs % FRAME_MS) - leadMs + FRAME_MS) / SLOT_MS) % SLOTS;
  }

  failed(error: unknown): void {
    this.stop(error);
  }

  ring(nowMs: number): void {
    this.#heart.worksFor(this.#number);
    try {
      this.#leg.listen(nowMs);
      this.#heart.rests();
    } catch (error) {
      this.stop(error);
    }
  }

  handle(command: MediaCommand): void {
    this.#heart.worksFor(this.#number);
    if (command.type === 'close') {
      this.stop(undefined);
      return;
    }
    try {
      this.#leg.handle(command);
      this.#heart.rests();
    } catch (error) {
      this.stop(error);
      return;
    }
    if (command.type === 'sleep') {
      this.#follow();
    }
  }

  /** A leg that sleeps costs its thread nothing. */
  #follow(): void {
    if (this.#leg.asleep) {
      ticker.remove(this, this.#slot);
    } else {
      ticker.add(this, this.#slot);
    }
  }

  /** Frees what it holds and says that it is over. @param error why; undefined: it was asked to. */
  stop(error: unknown): void {
    ticker.remove(this, this.#slot);
    for (let slot = 0; slot < SLOTS; slot += PACKET_SLOTS) {
      ticker.remove(this.#look, slot);
    }
    this.#leg.close();
    this.#ended(error);
  }
}
