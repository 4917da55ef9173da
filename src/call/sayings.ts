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

interface Waiting {
  readonly saying: Saying;
  /** Aborts once it is not to be heard, or no more. */
  readonly dropped: AbortController;
}

/** Hears what becomes of a saying. */
export type SayingTold = (saying: Saying, fate: Fate) => void;

/** What waits or is being said, at most. */
const MOST_WAITING = 16;

export class Sayings {
  readonly #ear: SegmentListener;
  readonly #scope: Scope;
  readonly #tell: SayingTold;
  /** The first is being said, or was until it was dropped a moment ago. */
  #waiting: Waiting[] = [];

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
    this.#waiting.push({ saying, dropped: new AbortController() });
    this.#tell(saying, { state: 'queued' });
    if (this.#waiting.length === 1) {
      this.#scope.run((signal) => this.#sayAll(signal));
    }
    return true;
  }

  /** Says none of them any more. What of their sound is with the listener is the listener's to forget. */
  drop(reason: string): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.slice(0, 1);
    for (const { saying, dropped } of waiting) {
      if (!dropped.signal.aborted) {
        dropped.abort();
        // Now and not when its sound has noticed, which may be after the end of the call.
        this.#tell(saying, { state: 'dropped', reason });
      }
    }
  }

  async #sayAll(signal: AbortSignal): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { saying, dropped } = next;
      let fate: Fate;
      try {
        fate = await this.#say(saying, AbortSignal.any([signal, dropped.signal]));
      } catch (error) {
        fate = { state: 'dropped', reason: signal.aborted ? 'left' : codeOf(error) };
      }
      this.#waiting.shift();
      if (!dropped.signal.aborted) {
        this.#tell(saying, fate);
      }
    }
  }

  /** @throws what its sound throws; the signal's reason. */
  async #say(saying: Saying, signal: AbortSignal): Promise<Fate> {
    signal.throwIfAborted();
    const { rateHz, pieces } = await saying.open(this.#ear.spokenToHz, signal);
    let segment: PlayingSegment | undefined;
    let begun = false;
    const over = new Promise<SegmentEnd>((resolve) => {
      segment = this.#ear.openSegment(rateHz, undefined, {
        started: () => {
          // It comes again when a media thread has died.
          if (!begun && !signal.aborted) {
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
