/**
 * `--match-delay`: holds what is ready to be spoken in the faster direction of a call of two, so that both hear each
 * other equally late. A segment is held from its first sound on; one that has waited for another by then is held for the
 * rest, and one that has waited for longer not at all. What one party hears keeps its order.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Scope } from '../base/scope.ts';
import { samplesToMs } from '../base/units.ts';
import { type Direction, MatchedLag } from '../interpret/policy/matched-lag.ts';
import type { SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { UtteranceTiming } from '../interpret/utterance-record.ts';
import { PLAYOUT_LIMIT_MS } from '../media/play/segment-store.ts';

interface Held {
  readonly to: Language;
  /** Until when it is held, on the clock. */
  readonly untilMs: number;
  begin(): void;
}

export class MatchedDelay {
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #lag = new MatchedLag();
  /** Oldest first. Of those for one language none begins before another. */
  #held: readonly Held[] = [];

  /** @param scope ends with the call; what is held then is not heard. */
  constructor(clock: Clock, scope: Scope) {
    this.#clock = clock;
    this.#scope = scope;
  }

  /** An utterance was rendered: this is how late that was, before anything was held. */
  heard(direction: Direction, { speechEndMs, ttsFirstMs }: UtteranceTiming): void {
    if (ttsFirstMs !== undefined) {
      this.#lag.heard(direction, ttsFirstMs - speechEndMs);
    }
  }

  /** For how long a segment that begins to be spoken is to be held, in ms. */
  holdMs(direction: Direction, { timing }: SpokenSegment): number {
    const nowMs = this.#clock.nowMs();
    const dueMs = (timing?.firstSoundMs ?? nowMs) + this.#lag.holdMs(direction);
    const before = this.#held.findLast(({ to }) => to === direction.to);
    return Math.max(0, dueMs - nowMs, (before?.untilMs ?? nowMs) - nowMs);
  }

  /**
   * Gives a segment's sound to what `open` opens once `holdMs` are over or it is released, at once if that is 0; what is
   * held for the same listeners goes first.
   */
  play(to: Language, holdMs: number, { rateHz }: SpokenSegment, open: () => SegmentHandle): SegmentHandle {
    if (holdMs === 0) {
      this.release(to);
      return open();
    }
    const kept = new BoundedQueue<Int16Array>(PLAYOUT_LIMIT_MS, (pcm) => samplesToMs(pcm.length, rateHz));
    let whole = false;
    let playing: SegmentHandle | undefined;
    const held: Held = {
      to,
      untilMs: this.#clock.nowMs() + holdMs,
      begin: () => {
        playing = open();
        for (const pcm of kept.entries()) {
          playing.add(pcm);
        }
        if (whole) {
          playing.end();
        }
      },
    };
    this.#held = [...this.#held, held];
    this.#scope.run(async (signal) => {
      await this.#clock.sleep(holdMs, signal);
      this.#beginTo(held);
    });
    return {
      add: (pcm) => {
        if (playing === undefined) {
          kept.push(pcm);
        } else {
          playing.add(pcm);
        }
      },
      end: () => {
        whole = true;
        playing?.end();
      },
    };
  }

  /** Holds nothing any more of what is on its way to those who listen in `to`: it begins at once. */
  release(to: Language): void {
    const last = this.#held.findLast((held) => held.to === to);
    if (last !== undefined) {
      this.#beginTo(last);
    }
  }

  /** Timers of one moment may come in any order: what is due is what was held before, too. */
  #beginTo(last: Held): void {
    const due = this.#held.slice(0, this.#held.indexOf(last) + 1).filter(({ to }) => to === last.to);
    this.#held = this.#held.filter((held) => !due.includes(held));
    for (const held of due) {
      held.begin();
    }
  }
}
