/**
 * What a party is told because somebody outside of the call asks for it: one after the other, before what is interpreted
 * for it. Whoever asks hears what becomes of each.
 */

import { codeOf } from '../base/errors.ts';
import type { Scope } from '../base/scope.ts';
import type { SegmentListener } from '../media/play/fan-out.ts';
import type { SegmentEnd } from '../media/play/playout-queue.ts';
import type { PlayingSegment } from '../media/thread/announced-segments.ts';
import type { CallEvent } from './call-events.ts';

export interface SayingSound {
  readonly rateHz: number;
  /** Each belongs to the receiver. */
  readonly pieces: AsyncIterable<Int16Array>;
}

export interface Saying {
  readonly id: string;
  /** What is said, as far as it is known as text. */
  readonly piiText: string;
  /** Resolves once its sound begins. @param rateHz at which the party is spoken to. */
  open(rateHz: number, signal: AbortSignal): Promise<SayingSound>;
}

/** `dropped`: it was not heard to its end, and `reason` says why: a code of ours, or what became of its sound. */
type Fate = Pick<Extract<CallEvent, { type: 'saying' }>, 'state' | 'reason'>;

/** Hears what becomes of a saying. */
export type SayingTold = (saying: Saying, fate: Fate) => void;

/** What waits or is being said, at most. */
const MOST_WAITING = 16;

export class Sayings {
  readonly #ear: SegmentListener;
  readonly #scope: Scope;
  readonly #tell: SayingTold;
  /** The first is being said. */
  #waiting: Saying[] = [];
  #current: AbortController | undefined;
  /** Why nothing more is said of what is being said. */
  #dropped = 'left';

  /** @param scope ends all. @param tell what becomes of each. */
  constructor(ear: SegmentListener, scope: Scope, tell: SayingTold) {
    this.#ear = ear;
    this.#scope = scope;
    this.#tell = tell;
  }

  /** Says it when those before are over. @returns false when too many wait. */
  add(saying: Saying): boolean {
    if (this.#waiting.length >= MOST_WAITING) {
      return false;
    }
    this.#waiting.push(saying);
    this.#tell(saying, { state: 'queued' });
    if (this.#waiting.length === 1) {
      this.#scope.run((signal) => this.#sayAll(signal));
    }
    return true;
  }

  /** Says none of them any more. What of their sound is with the listener is the listener's to forget. */
  drop(reason: string): void {
    const [current, ...others] = this.#waiting;
    this.#waiting = current === undefined ? [] : [current];
    this.#dropped = reason;
    this.#current?.abort();
    for (const saying of others) {
      this.#tell(saying, { state: 'dropped', reason });
    }
  }

  async #sayAll(signal: AbortSignal): Promise<void> {
    for (let saying = this.#waiting[0]; saying !== undefined; saying = this.#waiting[0]) {
      this.#current = new AbortController();
      const either = AbortSignal.any([signal, this.#current.signal]);
      let fate: Fate;
      try {
        fate = await this.#say(saying, either);
      } catch (error) {
        fate = { state: 'dropped', reason: either.aborted ? this.#dropped : codeOf(error) };
      }
      this.#waiting.shift();
      this.#tell(saying, fate);
    }
  }

  /** @throws what its sound throws; the signal's reason. */
  async #say(saying: Saying, signal: AbortSignal): Promise<Fate> {
    const { rateHz, pieces } = await saying.open(this.#ear.spokenToHz, signal);
    let segment: PlayingSegment | undefined;
    let begun = false;
    const over = new Promise<SegmentEnd>((resolve) => {
      segment = this.#ear.openSegment(rateHz, undefined, {
        started: () => {
          // It comes again when a media thread has died.
          if (!begun) {
            begun = true;
            this.#tell(saying, { state: 'started' });
          }
        },
        ended: (_atMs, end) => resolve(end),
      });
    });
    try {
      for await (const piece of pieces) {
        signal.throwIfAborted();
        segment?.add(piece);
      }
    } finally {
      segment?.end();
    }
    const end = await over;
    signal.throwIfAborted();
    return end === 'played' ? { state: 'finished' } : { state: 'dropped', reason: end };
  }
}
