/**
 * What came of the operations of one engine: how many are under way, how they ended and how long they took. Sums only:
 * who wants a histogram hears of each operation as it ends.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { codeOf, isAbort } from '../../base/errors.ts';
import { Tally } from '../../base/tally.ts';
import type { OnCharge } from '../charge.ts';
import type { Component } from '../support.ts';
import { type Fault, faultOf } from './faults.ts';

/**
 * What an engine is asked to do: to `open` a stream; to hold a `stream` until it is closed; to say the `final` of an
 * utterance that has ended, or to `catch-up` with speech that has; to `translate` a segment; to give the `first-sound`
 * of one, and its `speech` to the last piece.
 */
export type Operation = 'open' | 'stream' | 'final' | 'catch-up' | 'translate' | 'first-sound' | 'speech';

/** How an operation ended; `aborted` when it was no longer wanted, which is nobody's failure. */
export type Outcome = 'done' | 'failed' | 'aborted';

/** One operation that has ended. */
export interface Observation {
  readonly component: Component;
  readonly engine: string;
  readonly operation: Operation;
  readonly outcome: Outcome;
  /** The code of what failed; undefined unless something did. */
  readonly code: string | undefined;
  /** What the failure means; undefined unless there was one. */
  readonly fault: Fault | undefined;
  /** From asking to the end, in ms. */
  readonly ms: number;
}

/** Who observes, and with which clock. */
export interface Observer {
  readonly clock: Clock;
  /** Hears of every operation when it has ended; what it throws is a mistake that is passed on. Default nobody. */
  readonly onObservation?: ((observation: Observation) => void) | undefined;
}

/** What is being observed. */
export interface Subject {
  readonly component: Component;
  readonly engine: string;
}

/** Ends an operation: with what it failed with, or with nothing when it is done. The first call counts. */
export type EndOperation = (failure?: { readonly error: unknown }) => void;

export class Operations implements Counted {
  readonly #subject: Subject;
  readonly #observer: Observer;
  readonly #name: string;
  readonly #underWay = new Tally<string>();
  readonly #characters = new Tally<string>();
  /** Added to with each frame of speech, so it is no tally. */
  #speechMs = 0;
  readonly #droppedMs: () => number;

  /** @param droppedMs audio the engine has given up so far, in ms; default none ever. */
  constructor(subject: Subject, observer: Observer, droppedMs: () => number = () => 0) {
    this.#subject = subject;
    this.#name = `${subject.component} ${subject.engine}`;
    this.#observer = observer;
    this.#droppedMs = droppedMs;
  }

  /**
   * By component and engine, `mt deepl`: what providers charge for, `engineCharacters` and `engineSpeechMs`, and with
   * the operation, `mt deepl translate`, what is `engineUnderWay`. What came of operations the observer hears.
   */
  get counts() {
    return {
      engineUnderWay: this.#underWay,
      engineCharacters: this.#characters,
      engineSpeechMs: this.#speechByName(),
      engineDroppedMs: this.#droppedMs(),
    };
  }

  /** The engine is given a text. @param onCharge is told for whom. */
  gaveText(text: string, onCharge?: OnCharge): void {
    this.#characters.add(this.#name, text.length);
    onCharge?.({ ...this.#subject, amount: text.length });
  }

  /** Tells whom `ms` of sound were for that the engine was given. */
  charge(ms: number, onCharge: OnCharge | undefined): void {
    onCharge?.({ ...this.#subject, amount: ms });
  }

  /** The engine is given so much sound. */
  gaveSpeech(ms: number): void {
    this.#speechMs += ms;
  }

  #speechByName(): Tally<string> {
    const speechMs = new Tally<string>();
    if (this.#speechMs > 0) {
      speechMs.add(this.#name, this.#speechMs);
    }
    return speechMs;
  }

  /** Begins one that ends with the call of what is returned. */
  begin(operation: Operation): EndOperation {
    const { clock } = this.#observer;
    const startMs = clock.nowMs();
    const name = `${this.#name} ${operation}`;
    let over = false;
    this.#underWay.add(name);
    return (failure) => {
      if (!over) {
        over = true;
        this.#underWay.add(name, -1);
        this.#ended(operation, clock.nowMs() - startMs, failure);
      }
    };
  }

  /**
   * Runs one.
   * @param signal what ends it when it is no longer wanted.
   * @throws what `work` throws.
   */
  async run<T>(operation: Operation, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const end = this.begin(operation);
    try {
      const result = await work();
      end();
      return result;
    } catch (error) {
      end(failureOf(error, signal));
      throw error;
    }
  }

  #ended(operation: Operation, ms: number, failure: { readonly error: unknown } | undefined): void {
    const outcome = failure === undefined ? 'done' : isAbort(failure.error) ? 'aborted' : 'failed';
    const code = outcome === 'failed' ? codeOf(failure?.error) : undefined;
    const fault = outcome === 'failed' ? faultOf(failure?.error) : undefined;
    this.#observer.onObservation?.({ ...this.#subject, operation, outcome, code, fault, ms });
  }
}

/** An end that is nobody's failure. */
export const ABORTED = { error: new DOMException('no longer wanted', 'AbortError') };

/** What `error` is to an operation that `signal` may have ended. */
export function failureOf(error: unknown, signal: AbortSignal): { readonly error: unknown } {
  return signal.aborted && error === signal.reason ? ABORTED : { error };
}
