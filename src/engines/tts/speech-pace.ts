/**
 * Whether speech comes as fast as it is of use. An answer of a byte a second never stalls, and would keep its server
 * for as long as anything may take; so the whole has a deadline that goes by the sound that has come of it.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { AnswerWatch } from '../wire/answer-watch.ts';

/** How long a segment may take beyond its share, in ms: a queue at the server, a model's first sound. */
const START_MS = 10_000;

/** How long a ms of sound may take to be made, in ms. One that takes more than 1 is heard in pieces. */
const MS_OF_WORK = 3;

/** Longer than this nothing may be missing in the middle of an answer, in ms. */
export const SPEECH_GAP_LIMIT_MS = 10_000;

export class SpeechPace {
  readonly #watch: AnswerWatch;

  /**
   * Begins now.
   * @param soundMs how much has come.
   * @param onLate called once, when it comes too slowly.
   */
  constructor(engine: string, clock: Clock, soundMs: () => number, onLate: (error: AppError) => void) {
    const startMs = clock.nowMs();
    let late = false;
    this.#watch = new AnswerWatch(
      clock,
      () => (late ? undefined : startMs + START_MS + MS_OF_WORK * soundMs()),
      () => {
        late = true;
        const tookMs = Math.round(clock.nowMs() - startMs);
        const cameMs = Math.round(soundMs());
        onLate(
          new AppError(
            'engine-timeout',
            `${engine}: ${cameMs} ms of speech came in ${tookMs} ms; a faster machine or fewer calls at once would help`,
          ),
        );
      },
    );
    this.#watch.look();
  }

  /** Watches no more. */
  close(): void {
    this.#watch.close();
  }
}
