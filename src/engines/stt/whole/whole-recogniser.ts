/**
 * One leg's recognition by what hears whole utterances only: the growing utterance is given again each second and at
 * each pause, one request at a time, and once more when it has ended, unless the text from its last pause is all there
 * is. An answer that is no longer wanted is not waited for.
 */

import { AppError, asError } from '../../../base/errors.ts';
import { Scope } from '../../../base/scope.ts';
import type { Tally } from '../../../base/tally.ts';
import type { MadeUp } from '../made-up.ts';
import type { Heard, Recogniser, UtteranceStream } from '../utterance-stream.ts';
import { GrowingUtterance } from './growing-utterance.ts';
import type { UtteranceAudio } from './utterance-audio.ts';

/** What is heard in a stretch of sound, and why some of it was left out. */
export interface WholeHeard extends Heard {
  readonly madeUp: readonly MadeUp[];
}

export interface WholeRecogniserOptions {
  /**
   * Hears all of `audio`, which goes on growing: it is copied first.
   * @throws the signal's reason when it aborts; AppError `engine-overloaded` when there is no room for it now.
   */
  readonly hear: (audio: UtteranceAudio, signal: AbortSignal) => Promise<WholeHeard>;
  /** What was left out of answers is counted here. */
  readonly madeUp: Tally<MadeUp>;
  /** As of {@link GrowingUtterance}; default 0. */
  readonly newShare?: number;
}

/** The request on its way. */
interface InFlight {
  readonly utterance: GrowingUtterance;
  readonly samples: number;
  readonly stop: AbortController;
}

export class WholeRecogniser implements Recogniser {
  /** Audio is kept here and bounded by the utterance; what a request may take is the limit of who is asked. */
  readonly ready = true;
  readonly dueMs = undefined;
  readonly #stream: UtteranceStream;
  readonly #options: WholeRecogniserOptions;
  readonly #scope: Scope;
  /** Utterances without a final, in order; the last one may still be spoken. */
  readonly #utterances: GrowingUtterance[] = [];
  #inFlight: InFlight | undefined;
  #scheduled = false;

  constructor(stream: UtteranceStream, options: WholeRecogniserOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#scope = new Scope((error) => stream.fail(asError(error)));
  }

  start(): void {}

  begin(utterance: number): void {
    this.#utterances.push(new GrowingUtterance(utterance, this.#options.newShare));
  }

  send(pcm: Int16Array): void {
    const current = this.#utterances.at(-1);
    if (current !== undefined) {
      this.#stream.dropped(current.audio.write(pcm));
      if (current.partialDue) {
        this.#schedule();
      }
    }
  }

  skip(): void {}

  /** Nothing can be settled, but what is said up to the pause is asked for at once. */
  pause(): void {
    this.#utterances.at(-1)?.pause();
    this.#schedule();
  }

  end(): void {
    const current = this.#utterances.at(-1);
    current?.end();
    const request = this.#inFlight;
    if (request?.utterance === current && request?.utterance.saysAll(request.samples) === false) {
      request.stop.abort();
    }
    this.#schedule();
  }

  overdue(): void {}

  close(): Promise<void> {
    this.#utterances.length = 0;
    return this.#scope.close();
  }

  /** Goes on once all of the present call is here, so that a request has all there is. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#goOn();
      });
    }
  }

  /** Gives the finals that are known, then makes the request that is due. */
  #goOn(): void {
    while (this.#inFlight === undefined) {
      const head = this.#utterances[0];
      const text = head?.ended === true ? head.finalText : undefined;
      if (head !== undefined && text !== undefined) {
        this.#utterances.shift();
        this.#stream.settle(head.number, { text, words: head.words });
      } else {
        if (head !== undefined && (head.ended || head.partialDue)) {
          this.#ask(head);
        }
        return;
      }
    }
  }

  #ask(utterance: GrowingUtterance): void {
    const samples = utterance.asked();
    const stop = new AbortController();
    const partial = !utterance.ended;
    this.#inFlight = { utterance, samples, stop };
    this.#scope.run(async (signal) => {
      try {
        const wanted = AbortSignal.any([signal, stop.signal]);
        const heard = await this.#options.hear(utterance.audio, wanted);
        for (const why of heard.madeUp) {
          this.#options.madeUp.add(why);
        }
        this.#heard(utterance, heard, samples);
      } catch (error) {
        // A partial can do without its answer, for once, when it is no longer wanted or the server is busy.
        const busy = partial && error instanceof AppError && error.code === 'engine-overloaded';
        if (!stop.signal.aborted && !busy) {
          throw error;
        }
      } finally {
        this.#inFlight = undefined;
        this.#schedule();
      }
    });
  }

  #heard(utterance: GrowingUtterance, { text, words }: Heard, samples: number): void {
    const before = utterance.text;
    utterance.answered(text, samples, words);
    if (!utterance.ended && (text !== '' || before !== '')) {
      this.#stream.emit({ type: 'partial', utterance: utterance.number, text, words });
    } else {
      this.#stream.listened();
    }
  }
}
