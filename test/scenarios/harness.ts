/**
 * A whole server on free ports of loopback, for scenarios that ring it up as Asterisk would. Without engines of its
 * own every voice is let through.
 */

import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import type { InterpreterBook } from '../../src/call/call-interpreting.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import type { Recorder } from '../../src/call/recording/recorder.ts';
import type { AnsweringAgents } from '../../src/call/seating/agent-seating.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import type { Extensions } from '../../src/call/seating/extension-seating.ts';
import type { SeatingScheme } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { parseAllowList } from '../../src/server/doors/audiosocket/allow-list.ts';
import { audioSocketDoor } from '../../src/server/doors/audiosocket/audiosocket-door.ts';
import type { DoorOpener } from '../../src/server/doors/door.ts';
import { DragomanServer, type DragomanServerOptions } from '../../src/server/dragoman-server.ts';
import {
  type Ending,
  newCallUuids,
  StrictAsterisk,
  type StrictAsteriskOptions,
} from '../asterisk/strict-asterisk.ts';
import { PLAN } from '../call/scripted-legs.ts';
import { eventually, within } from '../support/waiting.ts';

/** The most that a fact or a leg's end is waited for: on a machine that stands still for seconds, too. */
const LIMIT_MS = 60_000;

export interface TestServerOptions extends Partial<Omit<DragomanServerOptions, 'doors' | 'workerUrl'>> {
  /** The languages of each door. Default one door for English and Spanish. */
  readonly doors?: readonly (readonly string[])[];
  /** More doors, after those. */
  readonly otherDoors?: readonly DoorOpener[];
  readonly extensions?: Extensions;
  /** Who answers those who have dialled a number. */
  readonly agents?: AnsweringAgents;
  readonly plan?: Partial<CallPlan>;
  readonly seating?: (plan: CallPlan) => SeatingScheme;
  readonly allow?: readonly string[];
  readonly interpreters?: InterpreterBook;
  /** Where calls are kept; with it the plan keeps all of each. */
  readonly recorder?: Recorder;
  /** How long places of lost legs are kept, in ms; default 0. */
  readonly rejoinMs?: number;
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
    const {
      doors = [['en', 'es']],
      otherDoors = [],
      extensions,
      agents,
      plan,
      seating,
      allow = [],
      interpreters,
      recorder,
      rejoinMs = 0,
      ...rest
    } = options;
    const lines: LogLine[] = [];
    const { maxLegs = 50, uuidTimeoutMs = 5_000 } = rest;
    const kept = recorder === undefined ? {} : ({ record: 'all' } as const);
    const wholePlan = { ...PLAN, announce: false, ...kept, ...plan };
    const server = await DragomanServer.open(
      {
        mediaThreads: 1,
        spareMediaThreads: 0,
        waitLimitMs: 600_000,
        rehearsedLegs: 0,
        ...rest,
        maxLegs,
        uuidTimeoutMs,
        doors: [
          ...doors.map((languages) =>
            audioSocketDoor({
              host: '127.0.0.1',
              port: 0,
              languages,
              allow: parseAllowList(allow),
              maxLegs,
              uuidTimeoutMs,
              rejoinMs,
            }),
          ),
          ...otherDoors,
        ],
        workerUrl: new URL('../../workers/media-thread.js', import.meta.url),
      },
      {
        clock: systemClock,
        log: keepingLog(lines),
        seating: new ArrangedSeating(
          wholePlan,
          seating?.(wholePlan) ?? new SuffixSeating(wholePlan),
          extensions,
          undefined,
          agents,
        ),
        interpreters: interpreters ?? (() => undefined),
        announcements: () => undefined,
        recorder,
      },
    );
    return new TestServer(server, lines);
  }

  /** A server that is closed when the test is over, however it ends. */
  static async openFor(test: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
    const server = await TestServer.open(options);
    test.after(() => server.close());
    return server;
  }

  /** What was counted so far under `name`. */
  count(name: string): number {
    return this.server.totals().number(name);
  }

  /** What was counted so far under `name`, for `word`. */
  tally(name: string, word: string): number {
    return this.server.totals().tally(name).get(word) ?? 0;
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

  /** Waits until `predicate` holds. @throws Error after `limitMs`. */
  async until(what: string, predicate: () => boolean, limitMs = LIMIT_MS): Promise<void> {
    await eventually(() => `${what}; log: ${JSON.stringify(this.lines)}`, limitMs, predicate);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#watching.abort();
    await this.server.close();
  }
}

/** How a leg ended, when it has. @throws Error after 60 s. */
export function endOf(leg: StrictAsterisk): Promise<Ending> {
  return within(() => `a leg ends: ${leg.describe()}`, LIMIT_MS, leg.ended);
}

/** Resolves when a leg's socket is gone on both sides. @throws Error after 60 s. */
export function closeOf(leg: StrictAsterisk): Promise<void> {
  return within(() => `a leg's socket closes: ${leg.describe()}`, LIMIT_MS, leg.closed);
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
