/**
 * Hearing with Nova, protocol v1. A Finalize makes it settle what it has; its answer is a result that says so, but it
 * is not promised when little sound is left to look at. So an utterance is settled when the answer came, or when
 * settled results reach its end, or when only a short tail in which nothing was heard stays unanswered.
 */

import type { Language } from '../../../base/language.ts';
import type { EarlyEvent } from '../utterance-stream.ts';
import type { Hearing, OwedFinal } from './hearing.ts';
import type { LeftOut } from './left-out.ts';
import { reachOf, readNovaMessage } from './listen-messages.ts';
import { NovaTranscript } from './nova-transcript.ts';
import type { Piece } from './spoken-text.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** An answer whose audio ends this much before the Finalize still answers it, in ms. */
const ANSWER_SLACK_MS = 250;

/** The longest end of an utterance that may stay unanswered, in ms; our endpointing leaves 600 ms of silence there. */
const SHORT_TAIL_MS = 500;

/** How long the answer for a short tail is waited for, in ms; one that comes takes about half of that. */
const SHORT_TAIL_GRACE_MS = 300;

export class NovaHearing implements Hearing {
  /** Each frame as it comes. Two at a time would not cost measurably less: 27 µs a frame either way, on 40 streams. */
  readonly chunkMs = 20;
  readonly needsSound = false;
  readonly #transcript: NovaTranscript;
  readonly #madeUp: LeftOut;
  readonly #sendFinalize: () => void;
  /** Where in the connection's audio Finalizes were sent that have no answer yet, in ms. */
  readonly #asked: number[] = [];
  #answeredMs = 0;

  /** @param language by the name the provider gives it. */
  constructor(timeline: UtteranceTimeline, language: Language, madeUp: LeftOut, sendFinalize: () => void) {
    this.#madeUp = madeUp;
    this.#transcript = new NovaTranscript(timeline, language);
    this.#sendFinalize = sendFinalize;
  }

  hear(message: unknown, sentMs: number): readonly EarlyEvent[] {
    const said = readNovaMessage(message);
    if (said.type === 'other') {
      return [];
    }
    const endMs = reachOf(said.words, said.endMs, sentMs);
    const result = this.#madeUp.leaveOut({ ...said, endMs }, said.settled);
    const before = this.#transcript.settledMs;
    const events = this.#transcript.hear(result);
    if (result.fromFinalize) {
      this.#answer(result.endMs, this.#transcript.settledMs > before);
    }
    return events;
  }

  ask(atMs: number): void {
    // What is settled, or asked for already, need not be asked for again.
    if (!this.#transcript.covers(atMs) && this.#asked.at(-1) !== atMs) {
      this.#asked.push(atMs);
      this.#sendFinalize();
    }
  }

  isSettled({ endMs }: OwedFinal): boolean {
    return this.#answeredMs >= endMs || this.#transcript.covers(endMs);
  }

  graceMs({ utterance, fromMs, endMs }: OwedFinal): number | undefined {
    const { settledMs } = this.#transcript;
    return settledMs > fromMs && endMs - settledMs <= SHORT_TAIL_MS && !this.#transcript.hasInterim(utterance)
      ? SHORT_TAIL_GRACE_MS
      : undefined;
  }

  take(utterance: number): Piece {
    return this.#transcript.take(utterance);
  }

  /**
   * An answer is to the Finalizes up to the end of its audio; should it end early, to the oldest, if it said anything
   * new: a repeated answer must not stand for the next.
   */
  #answer(endMs: number, isNew: boolean): void {
    const upTo = this.#asked.findLastIndex((atMs) => atMs <= endMs + ANSWER_SLACK_MS);
    const answered = this.#asked.splice(0, Math.max(upTo + 1, isNew ? 1 : 0));
    this.#answeredMs = Math.max(this.#answeredMs, ...answered);
  }
}
