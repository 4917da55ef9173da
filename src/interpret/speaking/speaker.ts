/**
 * Speaks segments in the order they were cut, without a gap: while one sounds, the next is being synthesised. A segment
 * that fails is given up and reported; the ones after it are spoken.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import { AppError, asError } from '../../base/errors.ts';
import type { OpenSpeech } from './open-speech.ts';
import type { SegmentWork } from './segment-work.ts';

/** Segments that may wait to be spoken; past it the oldest is given up. */
const MOST_WAITING = 16;
/** Segments synthesised at once: the one that sounds and the next. */
const AHEAD = 2;

/** What becomes of a segment; called in the order of the events. */
export interface SegmentSink {
  readonly work: SegmentWork;
  /** It begins to sound. */
  started(translation: string, rateHz: number): void;
  audio(pcm: Int16Array): void;
  /** Nothing more of it will sound. */
  stopped(): void;
  failed(stage: 'mt' | 'tts', error: Error): void;
  /** It is over, spoken or not: the last call. */
  done(): void;
}

export class Speaker {
  readonly #run: (work: (signal: AbortSignal) => Promise<void>) => void;
  readonly #waiting = new BoundedQueue<SegmentSink>(MOST_WAITING, () => 1);
  #speaking = false;
  /** What was asked to be spoken last. */
  #previousText: string | undefined;

  /** @param run runs work that ends with the interpreter. */
  constructor(run: (work: (signal: AbortSignal) => Promise<void>) => void) {
    this.#run = run;
  }

  /** Puts a segment in line. */
  add(segment: SegmentSink): void {
    for (const lost of this.#waiting.push(segment)) {
      lost.work.drop();
      lost.failed('tts', new AppError('engine-overloaded', 'too many segments wait to be spoken'));
      lost.done();
    }
    this.#prepare();
    if (!this.#speaking) {
      this.#speaking = true;
      this.#run((signal) => this.#speakAll(signal));
    }
  }

  /** Asks for the sound of the segments whose turn comes next. */
  #prepare(): void {
    for (const { work } of this.#waiting.entries().slice(0, AHEAD - (this.#speaking ? 1 : 0))) {
      work.translated.then((result) => {
        if (result.type === 'translation' && !work.dropped) {
          this.#ask(work, result.translation.text);
        }
      });
    }
  }

  /** Asks for the sound of `text`, once; undefined when there is nothing in it to say. */
  #ask(work: SegmentWork, text: string): Promise<OpenSpeech> | undefined {
    if (text.trim() === '') {
      return undefined;
    }
    const speech = work.speech(text, this.#previousText);
    this.#previousText = text;
    return speech;
  }

  async #speakAll(signal: AbortSignal): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#prepare();
        await this.#speak(next, signal);
        next.done();
      }
    } finally {
      this.#speaking = false;
    }
  }

  async #speak(segment: SegmentSink, signal: AbortSignal): Promise<void> {
    const result = await segment.work.translated;
    signal.throwIfAborted();
    if (result.type === 'failed') {
      segment.failed('mt', result.error);
      return;
    }
    const { text } = result.translation;
    const asked = this.#ask(segment.work, text);
    if (asked !== undefined) {
      try {
        const speech = await asked;
        signal.throwIfAborted();
        segment.started(text, speech.rateHz);
        await pass(speech, segment, signal);
      } catch (error) {
        // Only our own end is none of the segment's business: an engine may abort for reasons of its own.
        if (signal.aborted) {
          throw error;
        }
        segment.failed('tts', asError(error));
      }
    }
  }
}

/** Passes all sound on; says that it stopped, whatever happens. */
async function pass(speech: OpenSpeech, segment: SegmentSink, signal: AbortSignal): Promise<void> {
  try {
    for (
      let piece: Int16Array | undefined = speech.first;
      piece !== undefined;
      piece = await speech.next(signal)
    ) {
      segment.audio(piece);
    }
  } finally {
    segment.stopped();
    speech.stop();
  }
}
