/**
 * How loud the parties of some calls are, five times a second, for people who look at them: only while somebody looks,
 * and only of calls that somebody sees at the moment. A tick is read and encoded once, whoever reads it: it has what
 * any of them asked for, and each finds its own in it.
 *
 *   event: watcher  {"id":"1f0c…"}                    the name by which to say what is to be seen: once, first
 *   event: rows     [["1a2b…",["a","b"]],["3c4d…",["a"]]]   what the numbers stand for from now on
 *   event: levels   [42,0,170,12,0,0]                 two numbers a party, in the order of the rows: its level, 0 to 100,
 *                                                     and 128 more while it speaks; what waits for it, in tenths of a s
 */

import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import { shownJson } from '../../base/shown-text.ts';
import type { CallView, ServerView } from '../server-view.ts';

/** As often as an eye asks of a meter; twice as often costs a browser twice as much. */
const TICK_MS = 200;
/** Added to the level of a party that speaks. */
const SPEAKING = 128;
/** A tick without anybody who is seen says nothing; a proxy that hears nothing for a minute closes the connection. */
const SILENT_TICKS = 75;
const WATCHER_ID_BYTES = 8;

/** One who looks. */
export interface LevelWatch {
  readonly id: string;
  /** Ends it. Idempotent. */
  stop(): void;
}

interface Watcher {
  readonly send: (messages: Buffer) => void;
  /** The calls that it sees: their own ids, by the ids that are shown. */
  calls: ReadonlyMap<string, string>;
  /** Whether it knows what the numbers stand for. */
  told: boolean;
}

interface Row {
  readonly shownId: string;
  readonly call: CallView;
}

type LevelView = Pick<ServerView, 'call' | 'levels'>;

export class LevelBoard {
  readonly #view: LevelView;
  readonly #callIdOf: (shownId: string) => string | undefined;
  readonly #clock: Clock;
  readonly #watchers = new Map<string, Watcher>();
  #timer: Timer | undefined;
  #nextMs = 0;
  /** What the numbers stand for, as it was told. */
  #rows = '[]';
  #silentTicks = 0;

  /** @param callIdOf the id of a call, by the one that is shown. */
  constructor(view: LevelView, callIdOf: (shownId: string) => string | undefined, clock: Clock) {
    this.#view = view;
    this.#callIdOf = callIdOf;
    this.#clock = clock;
  }

  /** Who looks at the moment. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Tells `send` whole server-sent messages until it is stopped; of no call, until some are {@link see}n. */
  watch(send: (messages: Buffer) => void): LevelWatch {
    const id = randomBytes(WATCHER_ID_BYTES).toString('hex');
    this.#watchers.set(id, { send, calls: new Map(), told: false });
    send(Buffer.from(message('watcher', JSON.stringify({ id }))));
    if (this.#timer === undefined) {
      this.#nextMs = this.#clock.nowMs();
      this.#arm();
    }
    return { id, stop: () => this.#stop(id) };
  }

  /**
   * From now on the watcher sees these calls, by the ids that are shown, and no others. Returns false when nobody watches
   * by this name (any more).
   */
  see(id: string, shownIds: Iterable<string>): boolean {
    const watcher = this.#watchers.get(id);
    if (watcher !== undefined) {
      watcher.calls = new Map(
        [...new Set(shownIds)].flatMap((shownId) => {
          const callId = this.#callIdOf(shownId);
          return callId === undefined ? [] : [[shownId, callId] as const];
        }),
      );
    }
    return watcher !== undefined;
  }

  /** Tells nobody any more. Idempotent. */
  close(): void {
    for (const id of [...this.#watchers.keys()]) {
      this.#stop(id);
    }
  }

  #stop(id: string): void {
    this.#watchers.delete(id);
    if (this.#watchers.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#rows = '[]';
    }
  }

  #arm(): void {
    const nowMs = this.#clock.nowMs();
    const nextMs = this.#nextMs + TICK_MS;
    // Ticks that were missed are not made up for.
    this.#nextMs = nextMs > nowMs ? nextMs : nowMs + TICK_MS;
    this.#timer = this.#clock.at(this.#nextMs, () => {
      this.#arm();
      this.#tick();
    });
  }

  #tick(): void {
    const rows = this.#look();
    const named = shownJson(
      JSON.stringify(rows.map(({ shownId, call }) => [shownId, call.parties.map(({ party }) => party)])),
    );
    const rowsMessage = Buffer.from(message('rows', named));
    const changed = named !== this.#rows;
    this.#rows = named;
    const numbers = rows.flatMap(({ call }) => this.#numbersOf(call));
    const levels = numbers.length === 0 ? this.#nothing() : message('levels', JSON.stringify(numbers));
    const levelsMessage = Buffer.from(levels);
    for (const watcher of [...this.#watchers.values()]) {
      if (changed || !watcher.told) {
        watcher.told = true;
        watcher.send(rowsMessage);
      }
      if (levels !== '') {
        watcher.send(levelsMessage);
      }
    }
  }

  /** A comment now and then, so that the connection is not taken for dead. */
  #nothing(): string {
    this.#silentTicks += 1;
    return this.#silentTicks % SILENT_TICKS === 0 ? ': nobody is seen\n\n' : '';
  }

  /** The calls that somebody sees, and that still run. */
  #look(): readonly Row[] {
    const seen = new Map([...this.#watchers.values()].flatMap(({ calls }) => [...calls]));
    return [...seen].flatMap(([shownId, callId]) => {
      const call = this.#view.call(callId);
      return call === undefined ? [] : [{ shownId, call }];
    });
  }

  #numbersOf({ callId, parties }: CallView): readonly number[] {
    const levels = this.#view.levels(callId);
    return parties.flatMap(({ speaking, backlogMs }, index) => [
      (levels[index] ?? 0) + (speaking ? SPEAKING : 0),
      Math.ceil(backlogMs / 100),
    ]);
  }
}

/** @param data JSON, which has no line breaks. */
function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
