/**
 * Speaks segments in the order they were cut, without a gap: while one sounds, the next is being synthesised. A segment
 * that fails is given up and reported; the ones after it are spoken.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import { AppError, asError } from '../../base/errors.ts';
import { BrokenOffError } from '../../engines/resilience/unspoken.ts';
import { LIMITS } from '../limits.ts';
import type { SegmentHandle } from '../rendering/rendering.ts';
import type { OpenSpeech } from './open-speech.ts';
import type { SegmentWork } from './segment-work.ts';

/** How often one segment may break off and be spoken on: one that does so each time is at fault itself. */
const MOST_BREAKS = 2;

/** A segment in line, and what becomes of it. */
export interface QueuedSegment {
  readonly work: SegmentWork;
  /** All before it are over: the first call. */
  turn(): void;
  /** It begins to be spoken: takes its sound. */
  speak(translation: string, rateHz: number): SegmentHandle;
  /** It is spoken on after a break. */
  goesOn(): void;
  /** Whether it came too late to be spoken: then it has failed. */
  isStale(): boolean;
  failed(stage: 'mt' | 'tts', error: Error): void;
  /** It is over, spoken or not: the last call. */
  over(): void;
}

export class SegmentQueue {
  readonly #run: (work: (signal: AbortSignal) => Promise<void>) => void;
  readonly #waiting = new BoundedQueue<QueuedSegment>(LIMITS.waitingSegments, () => 1);
  #speaking = false;
  #saidLast: Promise<string | undefined> = Promise.resolve(undefined);

  /** @param run runs work that ends with the rendering. */
  constructor(run: (work: (signal: AbortSignal) => Promise<void>) => void) {
    this.#run = run;
  }

  /** What will have been said last when all that is in line is over. Never rejects. */
  get saidLast(): Promise<string | undefined> {
    return this.#saidLast;
  }

  /** Puts a segment in line. */
  add(segment: QueuedSegment): void {
    this.#saidLast = segment.work.saidLast;
    for (const lost of this.#waiting.push(segment)) {
      lost.work.drop();
      lost.failed('tts', new AppError('engine-overloaded', 'too many segments wait to be spoken'));
      lost.over();
    }
    this.#prepare();
    if (!this.#speaking) {
      this.#speaking = true;
      this.#run((signal) => this.#speakAll(signal));
    }
  }

  /** Asks for the sound of the segments whose turn comes next. */
  #prepare(): void {
    const ahead = LIMITS.segmentsAhead - (this.#speaking ? 1 : 0);
    for (const { work } of this.#waiting.entries().slice(0, ahead)) {
      work.near();
      work.translated.then((result) => {
        if (result.type === 'translation' && !work.dropped) {
          ask(work, result.translation.text);
        }
      });
    }
  }

  async #speakAll(signal: AbortSignal): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#prepare();
        next.turn();
        await this.#speak(next, signal);
        next.over();
      }
    } finally {
      this.#speaking = false;
    }
  }

  async #speak(segment: QueuedSegment, signal: AbortSignal): Promise<void> {
    const result = await segment.work.translated;
    signal.throwIfAborted();
    if (result.type === 'failed') {
      segment.failed('mt', result.error);
      return;
    }
    const { text } = result.translation;
    const asked = ask(segment.work, text);
    if (asked !== undefined) {
      try {
        const speech = await asked;
        signal.throwIfAborted();
        if (segment.isStale()) {
          speech.stop();
          segment.failed('tts', new AppError('engine-timeout', 'what was said came too late to be spoken'));
          return;
        }
        await pass(speech, segment.speak(text, speech.rateHz), segment, signal);
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

/** Asks for the sound of `text`, once; undefined when there is nothing in it to say. */
function ask(work: SegmentWork, text: string): Promise<OpenSpeech> | undefined {
  return text.trim() === '' ? undefined : work.speech(text);
}

/** Passes all sound on; ends the segment, whatever happens. */
async function pass(
  speech: OpenSpeech,
  sound: SegmentHandle,
  segment: QueuedSegment,
  signal: AbortSignal,
): Promise<void> {
  let present = speech;
  let breaks = 0;
  try {
    for (let piece: Int16Array | undefined = speech.first; piece !== undefined; ) {
      sound.add(piece);
      try {
        piece = await present.next(signal);
      } catch (error) {
        breaks += 1;
        if (signal.aborted || !(error instanceof BrokenOffError) || breaks > MOST_BREAKS) {
          throw error;
        }
        present.stop();
        present = await segment.work.rest(error.rest);
        if (present.rateHz !== speech.rateHz) {
          throw error;
        }
        segment.goesOn();
        piece = present.first;
      }
    }
  } finally {
    sound.end();
    present.stop();
  }
}
