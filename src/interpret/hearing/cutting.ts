/**
 * Cuts off utterances what is complete, tells what may be next, and comes back when time alone will tell. What is to be
 * left alone is found out here, too, since only then nothing of it may be cut off.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { HearingOptions } from './hearing.ts';
import type { LeftAlone } from './hearing-sink.ts';
import { isOurVoice, onlyListening, type SaidSoFar } from './leave-alone.ts';
import type { RecognisedUtterance } from './recognised-utterance.ts';

export type CuttingOptions = Pick<HearingOptions, 'from' | 'lines' | 'onEvent'>;

export class Cutting {
  readonly #clock: Clock;
  readonly #options: CuttingOptions;
  /** The utterance that was begun last: only what it may become is worked on ahead. */
  #latest: RecognisedUtterance | undefined;
  #lookAgain: Timer | undefined;
  #stopped = false;

  constructor(clock: Clock, options: CuttingOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  began(utterance: RecognisedUtterance): void {
    this.#latest = utterance;
  }

  /** Something new is known of `utterance`. */
  look(utterance: RecognisedUtterance): void {
    const [said, told] = [this.#saidOf(utterance), this.#options.lines.heard()];
    const listening = onlyListening(said, told);
    if (listening === 'perhaps' || isOurVoice(said.text, said, told) === 'perhaps') {
      return;
    }
    if (listening === 'yes') {
      this.leaveAlone(utterance, 'listening');
    }
    const nowMs = this.#clock.nowMs();
    const { segments, draft, lookAgainMs } = utterance.cutter.look(nowMs);
    for (const { text } of segments) {
      this.#segment(utterance, text, nowMs);
    }
    // Whoever was told of a segment may have had enough.
    if (utterance === this.#latest && !this.#stopped) {
      const wanted = utterance.leftAlone === undefined ? draft : undefined;
      utterance.tell((sink) => sink.draft(utterance, wanted));
      this.#lookAgain?.cancel();
      this.#lookAgain =
        lookAgainMs === undefined ? undefined : this.#clock.at(lookAgainMs, () => this.look(utterance));
    }
  }

  /** Nothing more is cut off `utterance`. */
  leaveAlone(utterance: RecognisedUtterance, why: LeftAlone): void {
    if (utterance.leaveAlone(why)) {
      this.#options.onEvent({ type: 'noted', what: why, count: 1 });
    }
  }

  /** Comes back no more. */
  stop(): void {
    this.#stopped = true;
    this.#lookAgain?.cancel();
  }

  #segment(utterance: RecognisedUtterance, text: string, cutMs: number): void {
    const { lines } = this.#options;
    if (isOurVoice(text, this.#saidOf(utterance), lines.heard()) === 'yes') {
      this.leaveAlone(utterance, 'echo');
    }
    if (utterance.leftAlone !== undefined) {
      return;
    }
    utterance.segmentCut(text, cutMs);
    utterance.tell((sink) => sink.segment(utterance, text, cutMs));
    if (utterance.spokenLanguage === undefined) {
      // After it has been told of, since no text is its own context; lines are in the party's own language.
      lines.said(text);
    }
  }

  #saidOf({ text, overlapping, echoShare, lengthMs, concluded }: RecognisedUtterance): SaidSoFar {
    return { language: this.#options.from, text, overlapping, echoShare, lengthMs, final: concluded };
  }
}
