/**
 * `--match-delay`: holds what is ready to be spoken in the faster direction of a call of two, so that both hear each
 * other equally late. A segment is held from its first sound on; one that has waited for another by then is held for the
 * rest, and one that has waited for longer not at all. Between one party and another, order stays as it was.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Scope } from '../base/scope.ts';
import { samplesToMs } from '../base/units.ts';
import { MatchedLag } from '../interpret/policy/matched-lag.ts';
import type { SegmentHandle, SpokenSegment } from '../interpret/rendering/rendering.ts';
import type { UtteranceTiming } from '../interpret/utterance-record.ts';
import { PLAYOUT_LIMIT_MS } from '../media/play/segment-store.ts';

export class MatchedDelay {
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #lag = new MatchedLag();
  /** Until when what was held last in a direction is held, on the clock. */
  readonly #untilMs = new Map<string, number>();

  /** What begins to play each segment that is held, oldest first, and its direction. */
  readonly #held = new Map<() => void, string>();

  /** @param scope ends with the call; what is held then is not heard. */
  constructor(clock: Clock, scope: Scope) {
    this.#clock = clock;
    this.#scope = scope;
  }

  /** An utterance was rendered: this is how late that was, before anything was held. */
  heard(direction: string, { speechEndMs, ttsFirstMs }: UtteranceTiming): void {
    if (ttsFirstMs !== undefined) {
      this.#lag.heard(direction, ttsFirstMs - speechEndMs);
    }
  }

  /** For how long a segment that begins to be spoken is to be held, in ms. */
  holdMs(direction: string, { timing }: SpokenSegment): number {
    const nowMs = this.#clock.nowMs();
    const untilMs = Math.max(
      (timing?.firstSoundMs ?? nowMs) + this.#lag.holdMs(direction),
      this.#untilMs.get(direction) ?? Number.NEGATIVE_INFINITY,
    );
    this.#untilMs.set(direction, untilMs);
    return Math.max(0, untilMs - nowMs);
  }

  /** Keeps a segment's sound for `holdMs`, or until it is released, then gives it to what `open` opens. */
  hold(
    direction: string,
    holdMs: number,
    { rateHz }: SpokenSegment,
    open: () => SegmentHandle,
  ): SegmentHandle {
    const kept = new BoundedQueue<Int16Array>(PLAYOUT_LIMIT_MS, (pcm) => samplesToMs(pcm.length, rateHz));
    let whole = false;
    let playing: SegmentHandle | undefined;
    const begin = (): void => {
      if (!this.#held.delete(begin)) {
        return;
      }
      playing = open();
      for (const pcm of kept.entries()) {
        playing.add(pcm);
      }
      if (whole) {
        playing.end();
      }
    };
    this.#held.set(begin, direction);
    this.#scope.run(async (signal) => {
      await this.#clock.sleep(holdMs, signal);
      begin();
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
    for (const [begin, direction] of [...this.#held]) {
      if (direction.endsWith(`:${to}`)) {
        this.#untilMs.delete(direction);
        begin();
      }
    }
  }
}
