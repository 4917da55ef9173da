/**
 * A whole server on free ports of loopback, for scenarios that ring it up as Asterisk would. Without engines of its
 * own every voice is let through.
 */

import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import type { InterpreterBook } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import { DragomanServer, type DragomanServerOptions } from '../../src/server/dragoman-server.ts';
import {
  type Ending,
  newCallUuids,
  StrictAsterisk,
  type StrictAsteriskOptions,
} from '../asterisk/strict-asterisk.ts';

export interface TestServerOptions extends Partial<Omit<DragomanServerOptions, 'doors' | 'workerUrl'>> {
  readonly doors?: readonly { readonly first: string; readonly second: string }[];
  readonly interpreters?: InterpreterBook;
}

/** One line of the log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class TestServer {
  readonly server: DragomanServer;
  readonly lines: readonly LogLine[];
  readonly events: { readonly callId: string; readonly event: CallEvent }[] = [];
  readonly #watching = new AbortController();

  private constructor(server: DragomanServer, lines: readonly LogLine[]) {
    this.server = server;
    this.lines = lines;
    server.watch((callId, event) => this.events.push({ callId, event }), this.#watching.signal);
  }

  static async open(options: TestServerOptions = {}): Promise<TestServer> {
    const { doors = [{ first: 'en', second: 'es' }], interpreters = () => undefined, ...rest } = options;
    const lines: LogLine[] = [];
    const server = await DragomanServer.open(
      {
        pairing: 'suffix',
        mode: 'bidirectional',
        allow: [],
        maxLegs: 50,
        mediaThreads: 1,
        uuidTimeoutMs: 5_000,
        ...rest,
        doors: doors.map((pair) => ({ host: '127.0.0.1', port: 0, pair })),
        workerUrl: new URL('../../workers/media-thread.js', import.meta.url),
      },
      { clock: systemClock, log: keepingLog(lines), interpreters },
    );
    return new TestServer(server, lines);
  }

  /** A server that is closed when the test is over, however it ends. */
  static async openFor(test: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
    const server = await TestServer.open(options);
    test.after(() => server.close());
    return server;
  }

  /** The port of door `index`. */
  port(index = 0): number {
    return this.server.addresses[index]?.port ?? 0;
  }

  /** Rings up with one leg. */
  ring(options: Omit<StrictAsteriskOptions, 'port'> = {}, door = 0): Promise<StrictAsterisk> {
    return StrictAsterisk.connect({ port: this.port(door), ...options });
  }

  /** Rings up with both legs of one call. */
  async ringBoth(
    a: Omit<StrictAsteriskOptions, 'port' | 'uuid'> = {},
    b: Omit<StrictAsteriskOptions, 'port' | 'uuid'> = {},
  ): Promise<readonly [StrictAsterisk, StrictAsterisk]> {
    const [first, second] = newCallUuids();
    return [await this.ring({ ...a, uuid: first }), await this.ring({ ...b, uuid: second })];
  }

  /** Waits until `predicate` holds; asks every 5 ms. @throws Error after `limitMs`. */
  async until(what: string, predicate: () => boolean, limitMs = 5_000): Promise<void> {
    const deadlineMs = systemClock.nowMs() + limitMs;
    while (!predicate()) {
      if (systemClock.nowMs() > deadlineMs) {
        throw new Error(`not within ${limitMs} ms: ${what}; log: ${JSON.stringify(this.lines)}`);
      }
      await systemClock.sleep(5, new AbortController().signal);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#watching.abort();
    await this.server.close();
  }
}

/** The most that a leg's end is waited for. */
const END_LIMIT_MS = 20_000;

/** How a leg ended, when it has. @throws Error after 20 s. */
export function endOf(leg: StrictAsterisk): Promise<Ending> {
  return within('a leg ends', leg, leg.ended);
}

/** Resolves when a leg's socket is gone on both sides. @throws Error after 20 s. */
export function closeOf(leg: StrictAsterisk): Promise<void> {
  return within("a leg's socket closes", leg, leg.closed);
}

async function within<T>(what: string, leg: StrictAsterisk, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = systemClock.sleep(END_LIMIT_MS, over.signal).then(() => {
    throw new Error(`not within ${END_LIMIT_MS} ms: ${what}: ${leg.describe()}`);
  });
  // Nobody hears of it when the leg is in time.
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

function keepingLog(lines: LogLine[], common: Readonly<Record<string, unknown>> = {}): Log {
  const at =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ level, message, fields: { ...common, ...fields } });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => keepingLog(lines, { ...common, ...fields }),
  };
}
