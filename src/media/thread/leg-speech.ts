/**
 * The main thread's way from one leg's speech ring to whoever listens: events as the media thread found them, each
 * after the audio that precedes it. An utterance is told only to who heard it begin, and its audio is read only while
 * they listen.
 */

import { FrameCopies } from '../dsp/frame-copies.ts';
import type { FoundSpeech, SpeechEvent, SpeechListener } from '../hear/speech-event.ts';
import { FrameBell } from '../ring/frame-bell.ts';
import { type FrameRingHandle, FrameRingReader } from '../ring/frame-ring.ts';

export interface LegSpeechOptions {
  readonly speech: FrameRingHandle;
  /** Whether the media thread tells of each frame of an utterance that is listened to. */
  readonly wakes: boolean;
  /** Hears what a listener threw. */
  readonly failed: (error: unknown) => void;
}

export class LegSpeech {
  /** Frames of utterances that were overwritten before they were passed on. */
  lost = 0;
  readonly #options: LegSpeechOptions;
  readonly #bell: FrameBell;
  readonly #copies = new FrameCopies();
  #utterances = 0;
  /** The frame with which the utterance begins that goes on, whoever listens. */
  #from: number | undefined;
  #listener: SpeechListener | undefined;
  /** Who heard the utterance that is going on begin. */
  #hearer: SpeechListener | undefined;
  /** Reads that utterance. */
  #reader: FrameRingReader | undefined;

  constructor(options: LegSpeechOptions) {
    this.#options = options;
    this.#bell = new FrameBell(options.speech);
  }

  /** Utterances begun, whoever listened. */
  get utterances(): number {
    return this.#utterances;
  }

  /** The frame of the ring with which the utterance begins that goes on; undefined: none does. */
  get utteranceFrom(): number | undefined {
    return this.#from;
  }

  /** Tells `listener` from the next utterance on, and whoever was told before no more. */
  listen(listener: SpeechListener | undefined): void {
    this.#listener = listener;
    if (this.#hearer !== listener) {
      this.#hearer = undefined;
      this.#stopReading();
    }
  }

  /**
   * Passes on what the media thread found.
   * @param atFrame see `MediaEvent`; @param overlapping whether the party is being spoken to.
   * @returns whether an utterance began that is listened to, so that its thread should know at once.
   */
  found(event: FoundSpeech, atFrame: number, overlapping: boolean): boolean {
    if (event.type === 'started') {
      return this.#begin(event.startMs, atFrame, overlapping);
    }
    this.#passOn(atFrame);
    if (event.type === 'ended') {
      this.#from = undefined;
      this.#stopReading();
    }
    this.#tell(event);
    if (event.type === 'ended') {
      this.#hearer = undefined;
    }
    return false;
  }

  /** Passes on what is there, and asks to be told of more. */
  readOn(): void {
    if (this.#reader !== undefined && this.#options.wakes) {
      this.#bell.arm();
    }
    this.drain();
  }

  /** Passes on what is there. */
  drain(): void {
    this.#passOn(Number.POSITIVE_INFINITY);
  }

  /** The thread that found speech is gone, and none goes on for it at once: an utterance that is going on ends here. */
  breakOff(nowMs: number): void {
    this.drain();
    this.found({ type: 'ended', endMs: nowMs, decidedMs: nowMs, echoShare: undefined }, 0, false);
  }

  #begin(startMs: number, fromFrame: number, overlapping: boolean): boolean {
    this.#utterances += 1;
    this.#from = fromFrame;
    this.#hearer = this.#listener;
    this.#tell({ type: 'started', utterance: this.#utterances, startMs, overlapping });
    if (this.#hearer === undefined) {
      return false;
    }
    this.#reader = new FrameRingReader(this.#options.speech, fromFrame);
    this.readOn();
    return true;
  }

  /** Passes on what was said before frame `toFrame`. */
  #passOn(toFrame: number): void {
    // Who listens may stop at any frame.
    for (
      let reader = this.#reader;
      reader !== undefined && reader.position < toFrame;
      reader = this.#reader
    ) {
      const pcm = reader.read();
      this.lost += reader.lost;
      reader.lost = 0;
      if (pcm === undefined) {
        break;
      }
      this.#tell({ type: 'audio', pcm: this.#copies.of(pcm) });
    }
  }

  #tell(event: SpeechEvent): void {
    try {
      this.#hearer?.(event);
    } catch (error) {
      this.#options.failed(error);
    }
  }

  #stopReading(): void {
    this.#reader = undefined;
    this.#bell.disarm();
  }
}
