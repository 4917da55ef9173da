/**
 * A broker that is simulated: it delivers late or not at all, what one node says to another in its order, as NATS does; it can
 * be split, so that some nodes do not hear others, and it can be away. Whoever publishes to it sees only that it is away.
 */

import type { Clock } from '../../src/base/clock.ts';
import type { ClusterMessage, ClusterWire } from '../../src/cluster/cluster-messages.ts';

/** Who is told by the broker. */
export interface Attached {
  take(message: ClusterMessage): void;
  linkLost(): void;
  linkBack(): void;
  linkStalled(is: boolean): void;
}

export interface BrokerFaults {
  /** What a message takes, in ms: from, and up to. */
  readonly delayMs: readonly [number, number];
  /** Share of messages that are lost, 0 to 1. */
  readonly loss: number;
}

/** As on one network. */
export const WELL: BrokerFaults = { delayMs: [0.2, 2], loss: 0 };

/** How long a broker stands still before nodes know, in ms: as `nats-link` has it. */
const STALLED_MS = 500;
/** Receivers that hear a message at one time: so many times there are. */
const TIMES = 4;

interface Line {
  readonly run: string;
  node: Attached | undefined;
  /** Nodes of one group hear each other. */
  group: number;
  /** Which of the times is its own. */
  readonly time: number;
  /** By the times, when what it said last is heard, on the clock. */
  readonly heardMs: number[];
  /** By how much what comes to it, and what it says, is late, each in its order; undefined: it never was. */
  readonly coming: Lateness;
  readonly going: Lateness;
  /** Whether it knows that nothing passes. */
  stalled: boolean;
}

/** One way of a line, on which all comes one after the other. */
interface Lateness {
  ms: number;
  /** When the last of it is through, on the clock. */
  lastMs: number;
}

export class SimBroker {
  faults: BrokerFaults = WELL;
  /** Whether there is no room for what can wait. */
  full = false;
  delivered = 0;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #lines = new Map<string, Line>();
  #away = false;
  /** What was said while it stands still; undefined while it does not. */
  #held: (() => void)[] | undefined;
  #stalled = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A wire for a node; what comes by it is told to whom {@link attach} names. */
  wire(run: string): ClusterWire {
    const time = Math.floor(this.#random() * TIMES);
    const line: Line = {
      ...{ run, node: undefined, group: 0, time, heardMs: Array<number>(TIMES).fill(0) },
      ...{ coming: { ms: 0, lastMs: 0 }, going: { ms: 0, lastMs: 0 }, stalled: false },
    };
    this.#lines.set(run, line);
    const broker = this;
    return {
      get connected() {
        return !broker.#away;
      },
      get passing() {
        return !broker.#away && !broker.#stalled && !line.stalled;
      },
      get hasRoom() {
        return !broker.#away && !broker.#stalled && !line.stalled && !broker.full;
      },
      tell: (message) => this.#send(line, message),
      tellNode: (to, message) => this.#send(line, message, to),
    };
  }

  attach(run: string, node: Attached): void {
    const line = this.#lines.get(run);
    if (line !== undefined) {
      line.node = node;
    }
  }

  /** A node is gone: what is on its way to it is lost. */
  detach(run: string): void {
    this.#lines.delete(run);
  }

  /** Nodes hear those of their own group only. */
  split(groupOf: (run: string) => number): void {
    for (const line of this.#lines.values()) {
      line.group = groupOf(line.run);
    }
  }

  heal(): void {
    this.split(() => 0);
  }

  set away(away: boolean) {
    if (away === this.#away) {
      return;
    }
    this.#away = away;
    for (const { node } of [...this.#lines.values()]) {
      if (away) {
        node?.linkLost();
      } else {
        node?.linkBack();
      }
    }
  }

  /**
   * What comes to a node, or what it says, is late from now on, by so many ms; 0: no more. Nothing is lost, and nothing
   * overtakes: what is late already stays so.
   */
  late(run: string, way: 'coming' | 'going', ms: number): void {
    const line = this.#lines.get(run);
    if (line !== undefined) {
      const began = line.coming.ms === 0 && line.going.ms === 0 && ms > 0;
      line[way].ms = ms;
      if (began) {
        this.#ping(line);
      }
    }
  }

  /** It asks whether what it has said arrived, again and again: what is between is late both ways. */
  #ping(line: Line): void {
    const there = this.#through(line.going);
    line.going.lastMs = there;
    const backMs = Math.max(there + line.coming.ms, line.coming.lastMs);
    line.coming.lastMs = backMs;
    const stallMs = this.#clock.nowMs() + STALLED_MS;
    if (backMs > stallMs) {
      this.#clock.at(stallMs, () => this.#tellStalled(line, true));
    }
    this.#clock.at(backMs + 1, () => {
      this.#tellStalled(line, false);
      if (line.coming.ms + line.going.ms > 0) {
        this.#ping(line);
      }
    });
  }

  #tellStalled(line: Line, is: boolean): void {
    if (line.stalled !== is && this.#lines.get(line.run) === line) {
      line.stalled = is;
      line.node?.linkStalled(is);
    }
  }

  /** When what goes by now is through, on the clock. */
  #through({ ms, lastMs }: Lateness): number {
    return Math.max(this.#clock.nowMs() + ms, lastMs);
  }

  /** It passes nothing on, and does later. */
  set standing(standing: boolean) {
    const held = this.#held;
    if (standing === (held !== undefined)) {
      return;
    }
    if (standing) {
      const began: (() => void)[] = [];
      this.#held = began;
      this.#clock.at(this.#clock.nowMs() + STALLED_MS, () => {
        if (this.#held === began) {
          this.#stall(true);
        }
      });
      return;
    }
    this.#held = undefined;
    for (const deliver of held ?? []) {
      deliver();
    }
    if (this.#stalled) {
      this.#stall(false);
    }
  }

  #stall(is: boolean): void {
    this.#stalled = is;
    for (const { node } of [...this.#lines.values()]) {
      node?.linkStalled(is);
    }
  }

  #send(from: Line, message: ClusterMessage, to?: string): void {
    if (this.#away || this.#lines.get(from.run) !== from) {
      return;
    }
    if (this.#held !== undefined) {
      this.#held.push(() => this.#send(from, message, to));
      return;
    }
    const { going } = from;
    const goneMs = this.#through(going);
    if (goneMs > this.#clock.nowMs()) {
      going.lastMs = goneMs;
      this.#clock.at(goneMs, () => this.#pass(from, message, to));
    } else {
      this.#pass(from, message, to);
    }
  }

  #pass(from: Line, message: ClusterMessage, to?: string): void {
    const hearers = to === undefined ? [...this.#lines.values()] : [this.#lines.get(to)];
    for (let time = 0; time < TIMES; time += 1) {
      const hearing = hearers.filter((line) => line?.time === time && this.#hears(line, from));
      if (hearing.length > 0) {
        this.#deliver(from, hearing, time, message);
      }
    }
  }

  #hears(line: Line, from: Line): boolean {
    return line !== from && line.group === from.group && this.#random() >= this.faults.loss;
  }

  #deliver(from: Line, to: readonly (Line | undefined)[], time: number, message: ClusterMessage): void {
    const [least, most] = this.faults.delayMs;
    const dueMs = this.#clock.nowMs() + least + this.#random() * (most - least);
    const heardMs = Math.max(dueMs, from.heardMs[time] ?? 0);
    from.heardMs[time] = heardMs;
    this.#clock.at(heardMs, () => {
      for (const line of to) {
        if (line !== undefined) {
          this.#arrive(line, message);
        }
      }
    });
  }

  #arrive(line: Line, message: ClusterMessage): void {
    const { coming } = line;
    const comesMs = this.#through(coming);
    if (comesMs > this.#clock.nowMs()) {
      coming.lastMs = comesMs;
      this.#clock.at(comesMs, () => this.#hand(line, message));
    } else {
      this.#hand(line, message);
    }
  }

  #hand(line: Line, message: ClusterMessage): void {
    if (this.#lines.get(line.run) === line) {
      this.delivered += 1;
      line.node?.take(message);
    }
  }
}

/** Numbers from 0 to 1 that are the same each time, by Mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
