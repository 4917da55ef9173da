/**
 * What a hearing that is opened in another's place is told first: the utterance in which that one was lost, unless it
 * had its final. It counts as the next utterance, so that the rest of it is reported for itself.
 */

import type { SpeechEvent } from '../media/hear/speech-event.ts';
import { RunningUtterance, type Started } from './running-utterance.ts';

export class Retelling {
  #running: RunningUtterance | undefined;
  /** By the number that the rest of the utterance will have. */
  #passedOn: ReadonlyMap<number, string> = new Map();

  /** What was passed on already of the utterance that will be told again, by the number it will have. */
  get passedOn(): ReadonlyMap<number, string> {
    return this.#passedOn;
  }

  began(started: Started, turn: number): void {
    this.#running = new RunningUtterance(started, turn);
  }

  take(event: Exclude<SpeechEvent, Started>): void {
    this.#running?.take(event);
  }

  /** The final of `utterance` is there: its sound is needed no more. */
  settled(utterance: number): void {
    if (this.#running?.number === utterance) {
      this.#running = undefined;
    }
  }

  /** A hearing was lost that had passed on so much of each utterance without a final. */
  lost(passedOn: ReadonlyMap<number, string>): void {
    const running = this.#running;
    const said = running === undefined ? undefined : passedOn.get(running.number);
    this.#passedOn =
      running === undefined || said === undefined ? new Map() : new Map([[running.number + 1, said]]);
  }

  /** What the next hearing, which is open, is to be told at once: at most one utterance, and once. */
  next(nowMs: number): RunningUtterance | undefined {
    const running = this.#running;
    const wanted = running !== undefined && this.#passedOn.has(running.number + 1);
    this.#passedOn = new Map();
    if (!wanted || !running.isFresh(nowMs)) {
      return undefined;
    }
    running.countOn();
    return running;
  }

  /** There is no hearing any more. */
  clear(): void {
    this.#running = undefined;
    this.#passedOn = new Map();
  }
}
