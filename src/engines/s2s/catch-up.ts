/**
 * Says when a provider has given all that is owed for the speech that ended. No provider says it itself, so it is
 * judged by its silence: a while after the last of the translation, a longer while when none has come, and a limit
 * above all.
 */

import type { Clock } from '../../base/clock.ts';
import { AnswerWatch } from '../wire/answer-watch.ts';
import type { SpeechEnd } from './speech-feed.ts';

export interface Patience {
  /** How long to wait for the first of a translation, in ms from the end of speech or the last sign of life. */
  readonly noneMs: number;
  /** How long to wait in all, in ms from the end of speech. */
  readonly mostMs: number;
}

export class CatchUp {
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #quietMs: () => number;
  readonly #onCaughtUp: () => void;
  #owed: SpeechEnd[] = [];
  /** Whether some of the translation has come since the last time all had. */
  #gave = false;
  #lastMs: number;
  readonly #watch: AnswerWatch;

  /**
   * @param quietMs how long the provider must now be quiet for all to have been given; asked after every event.
   * @param onCaughtUp is called once for each end of speech, in order, never from inside {@link owe}.
   */
  constructor(patience: Patience, clock: Clock, quietMs: () => number, onCaughtUp: () => void) {
    this.#patience = patience;
    this.#clock = clock;
    this.#quietMs = quietMs;
    this.#onCaughtUp = onCaughtUp;
    this.#lastMs = clock.nowMs();
    const first = (): number | undefined =>
      this.#owed[0] === undefined ? undefined : this.#dueMs(this.#owed[0]);
    // What came while we stood still has not been heard yet, and is no silence.
    this.#watch = new AnswerWatch(clock, first, () => {
      const nowMs = clock.nowMs();
      this.#settle((owed) => this.#dueMs(owed) <= nowMs);
    });
  }

  /** Whether anything is owed. */
  get owing(): boolean {
    return this.#owed.length > 0;
  }

  /** Speech ended: its translation is owed. */
  owe(end: SpeechEnd): void {
    this.#owed.push(end);
    this.#watch.look();
  }

  /** The provider gave something: of the translation, or (`translation` false) a sign that it is at work. */
  heard(translation: boolean): void {
    this.#lastMs = this.#clock.nowMs();
    this.#gave ||= translation;
    this.#watch.look();
  }

  /** What follows was said after `positionMs` of the stream, so all before it has been given. */
  passed(positionMs: number): void {
    this.#settle((owed) => owed.positionMs <= positionMs);
  }

  close(): void {
    this.#watch.close();
    this.#owed = [];
  }

  #dueMs({ sentMs }: SpeechEnd): number {
    const waitMs = this.#gave ? this.#quietMs() : this.#patience.noneMs;
    return Math.min(Math.max(sentMs, this.#lastMs) + waitMs, sentMs + this.#patience.mostMs);
  }

  /** Lets go of the first of what is owed for as long as `done` says so; all are judged before any is told. */
  #settle(done: (owed: SpeechEnd) => boolean): void {
    const still = this.#owed.findIndex((owed) => !done(owed));
    const settled = this.#owed.splice(0, still === -1 ? this.#owed.length : still);
    if (settled.length > 0) {
      this.#gave = false;
    }
    this.#watch.look();
    for (const _ of settled) {
      this.#onCaughtUp();
    }
  }
}
