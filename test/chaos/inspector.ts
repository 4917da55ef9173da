/**
 * Breaks a media thread from outside: a server that was started with Node's inspector on loopback lets a debugger run a
 * line in any of its threads. The program itself has nothing in it for that.
 * https://chromedevtools.github.io/devtools-protocol/
 */

import { WebSocket } from 'ws';
import { eventually, pass } from '../support/waiting.ts';

/** A line that never ends. */
export const HANGS = 'for (;;);';
/** What ends a thread that nobody expects to end. */
export const DIES = "setImmediate(() => { throw new Error('the harness ends this thread'); })";

const ATTACH_LIMIT_MS = 10_000;
const ALL_ATTACHED_MS = 200;
/** For how long a thread has done something, in ms. */
const WORKED_MS = 'performance.eventLoopUtilization().active';
/** Media threads are the only ones, and this is the file that all threads of their pool begin with. */
const MEDIA_THREAD = /piscina\/dist\/worker\.js$/;

/**
 * Runs a line in the media thread of a server that has worked most: another may stand by and have no legs.
 * @throws Error when it has none, or no inspector.
 */
export async function runInMediaThread(inspectorPort: number, expression: string): Promise<void> {
  const inspector = await Inspector.open(inspectorPort);
  try {
    inspector.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
    await eventually('a media thread is attached', ATTACH_LIMIT_MS, () => inspector.mediaSessions.length > 0);
    // They are attached one after the other, without a word when that is over.
    await pass(ALL_ATTACHED_MS);
    let [busiest = ''] = inspector.mediaSessions;
    let mostMs = Number.NEGATIVE_INFINITY;
    for (const session of inspector.mediaSessions) {
      const workedMs = Number(await inspector.evaluateIn(session, WORKED_MS));
      [busiest, mostMs] = workedMs > mostMs ? [session, workedMs] : [busiest, mostMs];
    }
    await inspector.startIn(busiest, expression);
  } finally {
    inspector.close();
  }
}

/** What the main thread of a server holds. */
export interface HeldByMain {
  /** Memory that is in use when what nobody uses has been collected, in MB, shared memory included. */
  readonly usedMb: number;
  /** Things that are open, timers left out. */
  readonly handles: number;
  /** Listeners of all emitters and signals. */
  readonly listeners: number;
}

/** Sums the listeners of all that live: `this` is an array of emitters and signals. */
const SUM_LISTENERS = `function () {
  const { getEventListeners } = process.getBuiltinModule('node:events');
  let listeners = 0;
  for (const one of this) {
    if (one instanceof AbortSignal) {
      listeners += getEventListeners(one, 'abort').length;
    } else if (typeof one.eventNames === 'function' && one._events !== undefined) {
      for (const name of one.eventNames()) {
        listeners += one.listenerCount(name);
      }
    }
  }
  return listeners;
}`;
const PROTOTYPES = ["process.getBuiltinModule('node:events').prototype", 'AbortSignal.prototype'];

export async function heldByMain(inspectorPort: number): Promise<HeldByMain> {
  const inspector = await Inspector.open(inspectorPort);
  try {
    await inspector.call('HeapProfiler.collectGarbage', {});
    const numberOf = async (expression: string): Promise<number> => {
      const answer = await inspector.call('Runtime.evaluate', { expression, returnByValue: true });
      return Number(at(at(answer, 'result'), 'value'));
    };
    return {
      usedMb: (await numberOf('process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers')) / 1e6,
      handles: await numberOf("process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length"),
      listeners: await listenersOf(inspector),
    };
  } finally {
    inspector.close();
  }
}

async function listenersOf(inspector: Inspector): Promise<number> {
  const objectGroup = 'listeners';
  const idOf = (answer: unknown, key: string): unknown => at(at(answer, key), 'objectId');
  let listeners = 0;
  for (const expression of PROTOTYPES) {
    const prototype = await inspector.call('Runtime.evaluate', { expression, objectGroup });
    const found = await inspector.call('Runtime.queryObjects', {
      prototypeObjectId: idOf(prototype, 'result'),
      objectGroup,
    });
    const summed = await inspector.call('Runtime.callFunctionOn', {
      objectId: idOf(found, 'objects'),
      functionDeclaration: SUM_LISTENERS,
      returnByValue: true,
    });
    listeners += Number(at(at(summed, 'result'), 'value'));
  }
  await inspector.call('Runtime.releaseObjectGroup', { objectGroup });
  return listeners;
}

class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: unknown) => void>();
  #asked = 0;
  readonly #mediaSessions: string[] = [];
  /** Answers of threads, by session and number. */
  readonly #threadAnswers = new Map<string, (result: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => this.#take(JSON.parse(data.toString())));
  }

  static async open(port: number): Promise<Inspector> {
    const targets: unknown = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const url = String(at(Array.isArray(targets) ? targets[0] : undefined, 'webSocketDebuggerUrl'));
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new Inspector(socket);
  }

  /** Of the media threads that were attached so far. */
  get mediaSessions(): readonly string[] {
    return this.#mediaSessions;
  }

  /** Runs a line in a thread, and does not wait for what comes of it. */
  async startIn(sessionId: string, expression: string): Promise<number> {
    this.#asked += 1;
    const id = this.#asked;
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression } });
    await this.call('NodeWorker.sendMessageToWorker', { sessionId, message });
    return id;
  }

  /** What a line comes to in a thread; the thread must not be in a loop. */
  async evaluateIn(sessionId: string, expression: string): Promise<unknown> {
    const id = this.#asked + 1;
    const answered = new Promise<unknown>((resolve) =>
      this.#threadAnswers.set(`${sessionId} ${id}`, resolve),
    );
    await this.startIn(sessionId, expression);
    return at(at(await answered, 'result'), 'value');
  }

  send(method: string, params: object): number {
    this.#asked += 1;
    this.#socket.send(JSON.stringify({ id: this.#asked, method, params }));
    return this.#asked;
  }

  call(method: string, params: object): Promise<unknown> {
    return new Promise((resolve) => this.#answers.set(this.send(method, params), resolve));
  }

  close(): void {
    this.#socket.close();
  }

  #take(message: unknown): void {
    if (at(message, 'method') === 'NodeWorker.attachedToWorker') {
      const params = at(message, 'params');
      if (MEDIA_THREAD.test(String(at(at(params, 'workerInfo'), 'url')))) {
        this.#mediaSessions.push(String(at(params, 'sessionId')));
      }
    }
    if (at(message, 'method') === 'NodeWorker.receivedMessageFromWorker') {
      const params = at(message, 'params');
      const answer: unknown = JSON.parse(String(at(params, 'message')));
      this.#threadAnswers.get(`${at(params, 'sessionId')} ${at(answer, 'id')}`)?.(at(answer, 'result'));
    }
    const id = Number(at(message, 'id'));
    this.#answers.get(id)?.(at(message, 'result'));
    this.#answers.delete(id);
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}
