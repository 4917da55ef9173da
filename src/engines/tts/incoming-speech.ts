/**
 * Speech that arrives as the body of an answer: bytes in, pieces of at most 100 ms out, begun with the first sound
 * that is not silence. It is read as fast as it comes and not held back by its reader, so what makes it is done
 * early; what bounds it is {@link SPEECH_LIMIT_MS}.
 */

import type { IncomingMessage } from 'node:http';
import { AppError } from '../../base/errors.ts';
import { samplesToMs } from '../../base/units.ts';
import { LeadingSilence } from './leading-silence.ts';
import type { SampleStream } from './sample-stream.ts';
import { SpeechPieces } from './speech-pieces.ts';
import type { TtsSpeech } from './tts-engine.ts';

/** One segment may neither sound nor take longer than this, in ms: past it, something makes noise without end. */
export const SPEECH_LIMIT_MS = 120_000;

/** The longest piece in ms. */
const PIECE_MS = 100;

export class IncomingSpeech {
  /** Resolves with the first sound, or when the answer ended and was all silence; rejects as the reader throws. */
  readonly begun: Promise<TtsSpeech>;
  readonly #engine: string;
  readonly #pieces = new SpeechPieces();
  readonly #begin: (speech: TtsSpeech) => void;
  readonly #giveUp: (error: unknown) => void;
  #silence: LeadingSilence | undefined;
  #samples = 0;
  #failed = false;

  /** @param engine the name that messages begin with. */
  constructor(engine: string) {
    this.#engine = engine;
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

  /**
   * Reads `answer` to its end; after {@link fail} it still does, and throws the sound away.
   * @throws AppError `engine-bad-answer` when there is no sound in it or too much; what `answer` throws.
   */
  async read(answer: IncomingMessage, samples: SampleStream): Promise<void> {
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

  /** Whoever waits for the speech or reads it throws `error` now. The first call counts. */
  fail(error: unknown): void {
    this.#failed = true;
    this.#giveUp(error);
    this.#pieces.fail(error);
  }

  #take(pcm: Int16Array, rateHz: number | undefined): void {
    this.#samples += pcm.length;
    if (rateHz === undefined || this.#failed) {
      return;
    }
    if (samplesToMs(this.#samples, rateHz) > SPEECH_LIMIT_MS) {
      throw new AppError(
        'engine-bad-answer',
        `${this.#engine}: the speech of one segment is longer than ${SPEECH_LIMIT_MS / 1_000} s`,
      );
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
