/**
 * One utterance on its way through a fused translator, until it can be reported: when the translator has caught up with
 * it and every segment of it is over. What comes after that still names it, but is in no report.
 */

import type { InterpreterEvent, InterpreterOptions } from '../interpreter.ts';
import type { SegmentTiming, UtteranceTiming } from '../utterance-record.ts';

type Ended = Extract<InterpreterEvent, { readonly type: 'utterance-ended' }>;

export class FusedUtterance {
  readonly number: number;
  readonly #options: InterpreterOptions;
  readonly #emit: (event: InterpreterEvent) => void;
  readonly #speechStartMs: number;
  /** Both are where speech began until it has ended, so that a report made before then has no end before its start. */
  #speechEndMs: number;
  #endpointMs: number;
  #ended = false;
  #concluded = '';
  #tail = '';
  /** The translation that went with a segment, and what has come since. */
  #told = '';
  #untold = '';
  #spoken = false;
  #timing: Pick<UtteranceTiming, 'sttFinalMs' | 'mtDoneMs' | 'ttsFirstMs'> = {};
  #segmentsOpen = 0;
  #caughtUp = false;
  #failure: Ended['failure'];
  #reported = false;

  constructor(
    number: number,
    speechStartMs: number,
    options: InterpreterOptions,
    emit: (event: InterpreterEvent) => void,
  ) {
    this.number = number;
    this.#speechStartMs = speechStartMs;
    this.#speechEndMs = speechStartMs;
    this.#endpointMs = speechStartMs;
    this.#options = options;
    this.#emit = emit;
  }

  /** Whether the speaker has stopped. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What was said, as far as it is known. */
  get sourceText(): string {
    return (this.#concluded + this.#tail).trim();
  }

  /** What the listener was told of it. */
  get targetText(): string {
    return this.#told.trim();
  }

  /** The speaker stopped; endpointing noticed at `endpointMs`. */
  end(speechEndMs: number, endpointMs: number): void {
    this.#ended = true;
    this.#speechEndMs = speechEndMs;
    this.#endpointMs = endpointMs;
  }

  /** More of what was said, or another tail of it. */
  hear(text: string, concluded: boolean): void {
    if (concluded) {
      this.#concluded += text;
    }
    this.#tail = concluded ? '' : text;
    this.#caption(false);
  }

  /** More of a translation that the translator speaks itself. */
  translated(text: string): void {
    this.#untold += text;
  }

  /** The translation that came since it was last taken, to go with a segment. */
  takeText(): string {
    const text = this.#untold;
    this.#untold = '';
    return text;
  }

  /** A segment is on its way to be spoken; {@link closeSegment} says that it is over, spoken or not. */
  openSegment(): void {
    this.#segmentsOpen += 1;
  }

  /**
   * A segment begins to sound.
   * @param timing of a segment that was synthesised here.
   */
  speaking(segment: number, text: string, rateHz: number, soundMs: number, timing?: SegmentTiming): void {
    this.#spoken = true;
    this.#told += text;
    this.#timing =
      timing === undefined
        ? { ttsFirstMs: soundMs }
        : { sttFinalMs: timing.cutMs, mtDoneMs: timing.translatedMs, ttsFirstMs: soundMs };
    this.#emit({
      type: 'segment-started',
      utterance: this.number,
      segment,
      text: text.trim(),
      rateHz,
      ...(timing === undefined ? {} : { timing }),
    });
  }

  closeSegment(): void {
    this.#segmentsOpen -= 1;
    this.#settle();
  }

  /** The translator has given all there is of it. */
  catchUp(): void {
    this.#caughtUp = true;
    if (this.#spoken) {
      this.#told += this.takeText();
    }
    this.#caption(true);
    this.#settle();
  }

  /** A segment could not be spoken. The first failure is the one reported. */
  segmentFailed(error: Error): void {
    this.#failure ??= { stage: 'tts', error };
  }

  /** The translator is lost: this is all there will be. */
  lost(error: Error): void {
    this.#failure ??= { stage: 'stt', error };
    this.#report();
  }

  #caption(final: boolean): void {
    const text = this.sourceText;
    if (text !== '' && !this.#reported) {
      this.#emit({ type: 'heard', utterance: this.number, text, final });
    }
  }

  #settle(): void {
    if (this.#caughtUp && this.#segmentsOpen === 0) {
      this.#report();
    }
  }

  #report(): void {
    if (this.#reported) {
      return;
    }
    this.#reported = true;
    const { from, to } = this.#options;
    this.#emit({
      type: 'utterance-ended',
      utterance: this.number,
      outcome: this.#spoken ? 'spoken' : this.#failure === undefined ? 'nothing-said' : 'failed',
      source: { language: from, text: this.sourceText },
      target: { language: to, text: this.targetText },
      timing: {
        speechStartMs: this.#speechStartMs,
        speechEndMs: this.#speechEndMs,
        endpointMs: this.#endpointMs,
        ...this.#timing,
      },
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }
}
