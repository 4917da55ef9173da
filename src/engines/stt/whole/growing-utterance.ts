/**
 * When to ask for the text of an utterance that is still growing, and when an answer that has come, or is on its
 * way, is already the final one: pure decisions, without requests.
 */

import { SPEECH_HZ } from '../../../base/units.ts';
import type { Word } from '../stt-engine.ts';
import { UtteranceAudio } from './utterance-audio.ts';

/** 1 s of new audio is worth another request; each one costs who recognises it the whole utterance. */
const PARTIAL_SAMPLES = SPEECH_HZ;

/** 0.1 s: shorter holds no word, and OpenAI refuses it. */
const LEAST_SAMPLES = SPEECH_HZ / 10;

/** 0.1 s: a request made this shortly before a pause was noticed was made in the pause. */
const PAUSE_NOTICED_SAMPLES = SPEECH_HZ / 10;

/** 0.6 s: an end that comes later after a pause is not the end of that pause. */
const LONGEST_TAIL_SAMPLES = (SPEECH_HZ * 6) / 10;

export class GrowingUtterance {
  readonly number: number;
  readonly audio = new UtteranceAudio();
  #ended = false;
  /** How much audio the last request sent. */
  #askedSamples = 0;
  /** How much audio there was at the last pause. */
  #pauseSample: number | undefined;
  /** The newest text, and how much audio it was made of. */
  #heard: { readonly text: string; readonly samples: number; readonly words: readonly Word[] } | undefined;
  readonly #newShare: number;

  /**
   * @param newShare what share of what was asked about before must be new for it to be asked about again, beside the
   * second; 0.5 costs three times the utterance at most, however long it is. Default 0.
   */
  constructor(number: number, newShare = 0) {
    this.number = number;
    this.#newShare = newShare;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The newest text that came; empty before the first. */
  get text(): string {
    return this.#heard?.text ?? '';
  }

  /** Those of the newest text, where they are told. */
  get words(): readonly Word[] {
    return this.#heard?.words ?? [];
  }

  pause(): void {
    this.#pauseSample = this.audio.samples;
  }

  end(): void {
    this.#ended = true;
  }

  /** Whether to ask for a partial now. */
  get partialDue(): boolean {
    const { samples } = this.audio;
    const pausedSince =
      this.#pauseSample !== undefined && this.#askedSamples < this.#pauseSample - PAUSE_NOTICED_SAMPLES;
    const due = Math.max(PARTIAL_SAMPLES, this.#askedSamples * this.#newShare);
    return samples - this.#askedSamples >= due || (pausedSince && samples >= LEAST_SAMPLES);
  }

  /** All of the audio is being sent. Returns how much it is. */
  asked(): number {
    this.#askedSamples = this.audio.samples;
    return this.#askedSamples;
  }

  /** `text` was made of the first `samples`. */
  answered(text: string, samples: number, words: readonly Word[] = []): void {
    this.#heard = { text, samples, words };
  }

  /** The text for good, if no more need be asked. */
  get finalText(): string | undefined {
    if (this.audio.samples < LEAST_SAMPLES) {
      return '';
    }
    return this.#heard !== undefined && this.saysAll(this.#heard.samples) ? this.#heard.text : undefined;
  }

  /** Whether the first `samples` hold all that was said, because only the last pause came after. */
  saysAll(samples: number): boolean {
    const total = this.audio.samples;
    if (samples === total) {
      return true;
    }
    return (
      this.#pauseSample !== undefined &&
      samples >= this.#pauseSample - PAUSE_NOTICED_SAMPLES &&
      total - samples <= LONGEST_TAIL_SAMPLES &&
      this.audio.quietSince(this.#pauseSample)
    );
  }
}
