/**
 * What a hearing that is opened is told first: the utterances that no hearing before has brought to a final, in their
 * order, those that began while there was none included. Where they were told before, the rest of each is reported for
 * itself, so they are counted on.
 */

import type { SpeechEvent } from '../media/hear/speech-event.ts';
import { RunningUtterance, type Started } from './running-utterance.ts';

/** Utterances that are kept, and their sound together, in ms: 640 KB (16,000 Hz * 20 s * 2 bytes). */
const MOST_UTTERANCES = 16;
const MOST_SOUND_MS = 20_000;

export class Retelling {
  /** Without a final, oldest first. */
  #open: RunningUtterance[] = [];
  /** The one that is being said, unless it has its final. */
  #running: RunningUtterance | undefined;
  /** The highest number that a hearing was lost in. */
  #lastReported = 0;
  readonly #passedOn = new Map<number, string>();

  /**
   * What was passed on already of each utterance that is told again, by the number that it has; it changes with each.
   */
  get passedOn(): ReadonlyMap<number, string> {
    return this.#passedOn;
  }

  began(started: Started, turn: number): void {
    this.#running = new RunningUtterance(started, turn);
    this.#open.push(this.#running);
    this.#forgetOldest();
  }

  take(event: Exclude<SpeechEvent, Started>): void {
    this.#running?.take(event);
    this.#forgetOldest();
  }

  /** The final of `utterance` is there: its sound is needed no more. */
  settled(utterance: number): void {
    this.#open = this.#open.filter(({ number }) => number !== utterance);
    this.#running = this.#running?.number === utterance ? undefined : this.#running;
  }

  /** A provider that takes the speech itself has heard `text` of an utterance, renders that and reports it. */
  heardElsewhere(number: number, text: string): void {
    const utterance = this.#open.find((each) => each.number === number);
    if (utterance !== undefined) {
      utterance.said = text;
      this.#lastReported = Math.max(this.#lastReported, number);
    }
  }

  /** A hearing was lost that had passed on so much of each utterance without a final. */
  lost(passedOn: ReadonlyMap<number, string>): void {
    for (const utterance of this.#open) {
      utterance.said = passedOn.get(utterance.number) ?? utterance.said;
    }
    this.#lastReported = Math.max(this.#lastReported, ...passedOn.keys());
  }

  /**
   * What the next hearing, which is open, is to be told at once, and by how much its utterances count on. What ended
   * too long ago is left out.
   */
  next(nowMs: number): { readonly utterances: readonly RunningUtterance[]; readonly countedOn: number } {
    this.#open = this.#open.filter((utterance) => utterance.isFresh(nowMs));
    const countedOn = Math.max(
      0,
      this.#lastReported + 1 - (this.#open[0]?.number ?? Number.POSITIVE_INFINITY),
    );
    this.#passedOn.clear();
    for (const utterance of this.#open) {
      utterance.countOn(countedOn);
      this.#passedOn.set(utterance.number, utterance.said);
    }
    return { utterances: [...this.#open], countedOn };
  }

  /** There is no hearing any more. */
  clear(): void {
    this.#open = [];
    this.#running = undefined;
    this.#passedOn.clear();
  }

  #forgetOldest(): void {
    if (this.#open.length < 2) {
      return;
    }
    const soundMs = (): number => this.#open.reduce((sum, each) => sum + each.soundMs, 0);
    while (this.#open.length > MOST_UTTERANCES || (this.#open.length > 1 && soundMs() > MOST_SOUND_MS)) {
      this.#open.shift();
    }
  }
}
