/**
 * Which nodes there are, by their signs of life. Each life of a node is a member of its own, so one that was started again
 * is not taken for the one that had the calls. While our own link is lost nobody is judged: who was up then still is.
 */

import type { Clock } from '../base/clock.ts';
import type { NodeMessage } from './cluster-messages.ts';

/** From one sign of life to the next, in ms. */
export const HEARTBEAT_MS = 250;
/** Whoever is silent for so long is down, in ms: five signs of life. */
export const SILENT_MS = 1_250;
/** Whoever does not answer and was not heard for so long, either, is down, in ms: two signs of life. */
const UNHEARD_MS = 2 * HEARTBEAT_MS;
/** How long a node that is down is remembered, and what it had of calls, in ms. */
export const FORGOTTEN_MS = 120_000;
/** Lives of nodes that are remembered; of more the one that was heard of longest ago is forgotten, of those that are down first. */
const MOST_MEMBERS = 1_000;

export interface Member {
  /** What it said last; undefined of one that others know of and we never heard. */
  readonly said: NodeMessage | undefined;
  readonly run: string;
  readonly name: string;
  readonly up: boolean;
  /** When it became what it is, as far as it was seen here, on the clock. */
  readonly stateSinceMs: number;
}

/** What has changed: `lost` fell silent or cannot be reached, `left` said that it ends. */
export type MemberChange = 'joined' | 'back' | 'lost' | 'left';

export type MemberListener = (change: MemberChange, member: Member) => void;

interface Kept {
  said: NodeMessage | undefined;
  readonly run: string;
  readonly name: string;
  up: boolean;
  /** When it was last heard, on the clock; of one that is down, when it was found to be. */
  sinceMs: number;
  stateSinceMs: number;
}

export class Membership {
  readonly #clock: Clock;
  readonly #changed: MemberListener;
  readonly #members = new Map<string, Kept>();
  /** When our link was lost; undefined while it is there. */
  #deafSinceMs: number | undefined;
  #lookedMs: number;

  /** @param changed hears of everybody who comes, goes and comes back. */
  constructor(clock: Clock, changed: MemberListener) {
    this.#clock = clock;
    this.#changed = changed;
    this.#lookedMs = clock.nowMs();
  }

  /** All that are remembered. */
  get members(): Iterable<Member> {
    return this.#members.values();
  }

  /** Those that are up. */
  *up(): Iterable<Member> {
    for (const member of this.#members.values()) {
      if (member.up) {
        yield member;
      }
    }
  }

  /** The life of a node. */
  get(run: string): Member | undefined {
    return this.#members.get(run);
  }

  /** Takes a sign of life. */
  heard(said: NodeMessage): void {
    const { run, name, state } = said;
    const member = this.#members.get(run) ?? this.#remember(run, name);
    const first = member.said === undefined;
    const was = member.up;
    const before = member.said?.state;
    member.said = said;
    member.sinceMs = this.#clock.nowMs();
    member.up = state !== 'left';
    if (state !== before || member.up !== was) {
      member.stateSinceMs = member.sinceMs;
    }
    if (member.up && !was) {
      this.#changed(first ? 'joined' : 'back', member);
    } else if (was && !member.up) {
      this.#changed('left', member);
    }
    this.#supersede(said);
  }

  /** Others say that this node has a call: it is remembered as one that is down until it is heard. */
  mentioned(run: string, name: string): void {
    if (!this.#members.has(run)) {
      this.#remember(run, name);
    }
  }

  /** No connection is to be had to where the node of this name says it is: it is down until it is heard again. */
  refused(name: string): void {
    this.#noAnswer(name, 0);
  }

  /** It did not answer there in time, as when a packet is lost: it is down if it was not heard, either. */
  unreachable(name: string): void {
    this.#noAnswer(name, UNHEARD_MS);
  }

  /** Our own link is lost: what we do not hear says nothing of others. */
  linkLost(): void {
    this.#deafSinceMs ??= this.#clock.nowMs();
  }

  /** It is back: each node has its time again to be heard. */
  linkBack(): void {
    if (this.#deafSinceMs !== undefined) {
      this.#deafSinceMs = undefined;
      for (const member of this.#members.values()) {
        member.sinceMs = this.#clock.nowMs();
      }
    }
  }

  /** Looks after who has fallen silent, each {@link HEARTBEAT_MS}. @returns the lives that are forgotten by now. */
  look(): readonly string[] {
    const nowMs = this.#clock.nowMs();
    const stoodStillMs = nowMs - this.#lookedMs - HEARTBEAT_MS;
    // Also while nobody is judged: who hears nothing does not stand still.
    this.#lookedMs = nowMs;
    if (this.#deafSinceMs !== undefined) {
      return [];
    }
    if (stoodStillMs >= HEARTBEAT_MS) {
      // What others said meanwhile has come, and is not read yet.
      for (const member of this.#members.values()) {
        member.sinceMs += stoodStillMs;
      }
      return [];
    }
    for (const member of this.#members.values()) {
      if (member.up && nowMs - member.sinceMs >= SILENT_MS) {
        this.#down(member);
      }
    }
    const forgotten = [...this.#members.values()].filter(
      ({ up, sinceMs }) => !up && nowMs - sinceMs >= FORGOTTEN_MS,
    );
    for (const { run } of forgotten) {
      this.#members.delete(run);
    }
    return forgotten.map(({ run }) => run);
  }

  /** Who was started again under the same name does not come back as it was. */
  #supersede({ run, name, startedAtMs }: NodeMessage): void {
    for (const member of this.#members.values()) {
      const { said, up } = member;
      if (up && member.run !== run && member.name === name && said !== undefined) {
        if (said.startedAtMs < startedAtMs && this.#clock.nowMs() - member.sinceMs >= UNHEARD_MS) {
          this.#down(member);
        }
      }
    }
  }

  /** @param unheardMs for how long it was not heard if it is down. */
  #noAnswer(name: string, unheardMs: number): void {
    const nowMs = this.#clock.nowMs();
    for (const member of this.#members.values()) {
      if (member.name === name && member.up && nowMs - member.sinceMs >= unheardMs) {
        this.#down(member);
      }
    }
  }

  #down(member: Kept): void {
    member.up = false;
    member.sinceMs = this.#clock.nowMs();
    member.stateSinceMs = member.sinceMs;
    this.#changed('lost', member);
  }

  #remember(run: string, name: string): Kept {
    if (this.#members.size >= MOST_MEMBERS) {
      this.#forgetOldest();
    }
    const nowMs = this.#clock.nowMs();
    const member = { said: undefined, run, name, up: false, sinceMs: nowMs, stateSinceMs: nowMs };
    this.#members.set(run, member);
    return member;
  }

  #forgetOldest(): void {
    let oldest: Kept | undefined;
    for (const member of this.#members.values()) {
      if (oldest === undefined || goesBefore(member, oldest)) {
        oldest = member;
      }
    }
    if (oldest !== undefined) {
      this.#members.delete(oldest.run);
    }
  }
}

function goesBefore(one: Kept, other: Kept): boolean {
  return one.up === other.up ? one.sinceMs < other.sinceMs : other.up;
}
