/**
 * Legs that hear each other. A call has two places; when both are taken each way gets a direction, and when one
 * leg leaves the others are hung up. It decides who hears whom; how is the directions' business.
 */

import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { Conversation } from '../interpret/conversation.ts';
import type { InterpreterFactory } from '../interpret/interpreter.ts';
import type { CallEvent } from './call-events.ts';
import type { CallTallies } from './call-tallies.ts';
import { Direction, type OriginalMode } from './direction.ts';
import type { Leg, LegIdentity } from './leg.ts';
import type { LegState } from './leg-states.ts';

/** Who is interpreted: both, only the first party, or nobody. */
export type CallMode = 'bidirectional' | 'unidirectional' | 'passthrough';

/** Finds what interprets one language into another; undefined where nothing does and the voice is let through. */
export type InterpreterBook = (from: Language, to: Language) => InterpreterFactory | undefined;

/** Something said to a party in its own language when the call begins. */
export interface Announcement {
  readonly rateHz: number;
  readonly pcm: Int16Array;
}

/** Finds the announcement for those who speak a language; undefined where there is none. */
export type AnnouncementBook = (language: Language) => Announcement | undefined;

export interface CallDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tallies: CallTallies;
  readonly mode: CallMode;
  readonly interpreters: InterpreterBook;
  readonly original: OriginalMode;
  readonly announcements: AnnouncementBook;
  readonly emit: (callId: string, event: CallEvent) => void;
}

export class Call {
  readonly id: string;
  readonly startedAt: Date;
  readonly #deps: CallDeps;
  readonly #scope: Scope;
  readonly #log: Log;
  readonly #startMs: number;
  readonly #legs = new Map<number, Leg>();
  /** What each leg says, by the leg's number. */
  readonly #directions = new Map<number, Direction>();
  #ending = false;
  readonly #conversation = new Conversation();

  /** @param startMs when its first leg was accepted, on the clock; the zero of the call's own time. */
  constructor(id: string, startMs: number, deps: CallDeps, scope: Scope) {
    this.id = id;
    this.#deps = deps;
    this.#scope = scope;
    this.#startMs = startMs;
    this.startedAt = deps.clock.wallTime();
    this.#log = deps.log.child({ call: id });
  }

  get legs(): ReadonlyMap<number, Leg> {
    return this.#legs;
  }

  /** Whether a leg has left, so that nobody can join any more. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Adds a leg in its place, which must be free. */
  join(leg: Leg, identity: LegIdentity): void {
    this.#legs.set(identity.number, leg);
    leg.identify(identity);
    leg.media.attend(false);
    this.#log.info({ leg: identity.number, language: identity.language }, 'a leg has joined');
    if (this.#legs.size === 2) {
      this.#connect();
    } else {
      leg.media.wait(true);
    }
  }

  /** Takes a leg out that has ended; the others are hung up. Returns whether the call is over. */
  leave(leg: Leg, reason: string): boolean {
    const number = leg.identity?.number ?? 0;
    this.#legs.delete(number);
    this.#ending = true;
    this.#log.info({ leg: number, reason }, 'a leg has left');
    for (const other of this.#legs.values()) {
      other.hangUp('partner-left');
    }
    if (this.#legs.size > 0) {
      return false;
    }
    this.emit({ type: 'ended', atMs: this.nowMs() });
    return true;
  }

  stateChanged(identity: LegIdentity, state: LegState): void {
    this.emit({
      type: 'leg-state',
      atMs: this.nowMs(),
      leg: identity.number,
      state,
      language: identity.language,
    });
  }

  /** A key pressed on one leg is heard on the others, and nowhere else. */
  keyPressed(leg: Leg, key: string): void {
    for (const other of this.#legs.values()) {
      if (other !== leg) {
        other.media.pressKey(key);
      }
    }
  }

  /** What a leg says goes to this; undefined while nobody hears it. */
  directionOf(leg: Leg): Direction | undefined {
    return this.#directions.get(leg.identity?.number ?? -1);
  }

  /** Ms since the call began. */
  nowMs(): number {
    return Math.round(this.#deps.clock.nowMs() - this.#startMs);
  }

  emit(event: CallEvent): void {
    this.#deps.emit(this.id, event);
  }

  /** Ends what runs for the call; its legs are the switchboard's. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  #connect(): void {
    for (const leg of this.#legs.values()) {
      leg.media.wait(false);
      leg.handle('partner-joined');
    }
    for (const speaker of this.#legs.values()) {
      for (const listener of this.#legs.values()) {
        if (speaker !== listener) {
          this.#direct(speaker, listener);
        }
      }
    }
    const interpreted = [...this.#directions.values()].some((direction) => direction.interpreted);
    for (const leg of this.#legs.values()) {
      // Those who are not interpreted themselves may still speak into a translation.
      leg.media.attend(interpreted);
      if (interpreted) {
        this.#announce(leg);
      }
    }
  }

  /** Tells a party, once, that there is an interpreter. */
  #announce(leg: Leg): void {
    const announcement = this.#deps.announcements(leg.identity?.language ?? '');
    if (announcement !== undefined) {
      const segment = leg.media.openSegment(announcement.rateHz, { started: () => {}, ended: () => {} });
      // The announcement is everyone's; what is added belongs to the media.
      leg.media.addAudio(segment, announcement.pcm.slice());
      leg.media.endSegment(segment);
    }
  }

  #direct(speaker: Leg, listener: Leg): void {
    const { identity: from } = speaker;
    const { identity: to } = listener;
    if (from === undefined || to === undefined) {
      return;
    }
    const { clock, tallies } = this.#deps;
    const direction = new Direction(
      {
        speaker,
        listener,
        from,
        to,
        interpreters: this.#interpretersFor(from, to),
        original: this.#deps.original,
        conversation: this.#conversation.side(from.number, to.number),
        clock,
        tallies,
        log: this.#log.child({ leg: from.number, from: from.language, to: to.language }),
        callStartMs: this.#startMs,
        emit: (event) => this.emit(event),
      },
      this.#scope.child(),
    );
    this.#directions.set(from.number, direction);
    direction.start();
  }

  #interpretersFor(from: LegIdentity, to: LegIdentity): InterpreterFactory | undefined {
    const { mode, interpreters } = this.#deps;
    const interpreted =
      from.language !== to.language &&
      (mode === 'bidirectional' || (mode === 'unidirectional' && from.number === 0));
    return interpreted ? interpreters(from.language, to.language) : undefined;
  }
}
