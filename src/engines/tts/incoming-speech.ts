/**
 * Speech that arrives as the body of an answer: bytes in, pieces of at most 100 ms out, begun with the first sound
 * that is not silence. It is read as fast as it comes and not held back by its reader, so what makes it is done
 * early; what bounds it is how long its text can sound.
 */

import { AppError } from '../../base/errors.ts';
import { samplesToMs } from '../../base/units.ts';
import { LeadingSilence } from './leading-silence.ts';
import type { SampleStream } from './sample-stream.ts';
import { checkSpeechLength, longestSpeechMs } from './speech-length.ts';
import { SpeechPieces } from './speech-pieces.ts';
import type { TtsSpeech } from './tts-engine.ts';

/** What that is at most, in bytes: 120 s * 192,000 Hz * 2 bytes. Mostly its time ends a body first. */
export const SPEECH_LIMIT_BYTES = 46_080_000;

/** The longest piece in ms. */
const PIECE_MS = 100;

export class IncomingSpeech {
  /** Resolves with the first sound, or when the answer ended and was all silence; rejects as the reader throws. */
  readonly begun: Promise<TtsSpeech>;
  readonly #engine: string;
  readonly #longestMs: number;
  readonly #pieces = new SpeechPieces();
  readonly #begin: (speech: TtsSpeech) => void;
  readonly #giveUp: (error: unknown) => void;
  #silence: LeadingSilence | undefined;
  #samples = 0;
  #soundMs = 0;
  #failed = false;

  /**
   * @param engine the name that messages begin with.
   * @param text what is said, which tells how long it can be.
   */
  constructor(engine: string, text: string) {
    this.#engine = engine;
    this.#longestMs = longestSpeechMs(text);
    let begin: (speech: TtsSpeech) => void = () => {};
    let giveUp: (error: unknown) => void = () => {};
    this.begun = new Promise((resolve, reject) => {
      begin = resolve;
      giveUp = reject;
    });
    // Whoever waits hears of a failure; when nobody does, it is nobody's.
    this.begun.catch(() => {});
    this.#begin = begin;
    this.#giveUp = giveUp;
  }

  /** How much has come, in ms, silence included. */
  get soundMs(): number {
    return this.#soundMs;
  }

  /**
   * Reads `answer` to its end; after {@link abandon} it still does, and throws the sound away.
   * @throws AppError `engine-bad-answer` when there is no sound in it, or more than its text can be; what `answer` and
   * `samples` throw.
   */
  async read(answer: AsyncIterable<Buffer>, samples: SampleStream): Promise<void> {
    for await (const bytes of answer) {
      this.#take(samples.push(bytes), samples.rateHz);
    }
    const { rateHz } = samples;
    if (rateHz === undefined || this.#samples === 0) {
      throw new AppError('engine-bad-answer', `${this.#engine}: the answer has no sound in it`);
    }
    this.#pieces.complete();
    this.#begin({ rateHz, pieces: this.#pieces });
  }

  /** The answer broke off: whoever waits for its first sound throws `error` now, and who reads it, after what came. */
  fail(error: unknown): void {
    this.#failed = true;
    this.#giveUp(error);
    this.#pieces.fail(error);
  }

  /** Nobody wants it any more: whoever waits for it or reads it throws `reason` now. */
  abandon(reason: unknown): void {
    this.#failed = true;
    this.#giveUp(reason);
    this.#pieces.abandon(reason);
  }

  #take(pcm: Int16Array, rateHz: number | undefined): void {
    this.#samples += pcm.length;
    if (rateHz === undefined) {
      return;
    }
    this.#soundMs = samplesToMs(this.#samples, rateHz);
    checkSpeechLength(this.#engine, this.#soundMs, this.#longestMs);
    if (this.#failed) {
      return;
    }
    this.#silence ??= new LeadingSilence(rateHz);
    const sound = this.#silence.push(pcm);
    const pieceSamples = Math.floor((rateHz * PIECE_MS) / 1_000);
    for (let start = 0; start < sound.length; start += pieceSamples) {
      // Copies when there are several: each piece belongs to the receiver, memory included.
      this.#pieces.push(sound.length <= pieceSamples ? sound : sound.slice(start, start + pieceSamples));
    }
    if (sound.length > 0) {
      this.#begin({ rateHz, pieces: this.#pieces });
    }
  }
}

/** Whether there is anything to say in `text`; servers answer a lone comma with an error or with a moan. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** The speech of a text without a word. */
export function noSpeech(rateHz: number): TtsSpeech {
  const pieces = new SpeechPieces();
  pieces.complete();
  return { rateHz, pieces };
}
