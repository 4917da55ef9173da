/**
 * One utterance on its way through the cascade: what was heard, what became of it and when, until it can be reported.
 * It is reported once, when recognition is final and every segment cut from it is done.
 */

import type { Word } from '../../engines/stt/stt-engine.ts';
import type { InterpreterEvent, InterpreterOptions } from '../interpreter.ts';
import type { SegmentCutter } from '../policy/segment-cutter.ts';
import type { SegmentTiming, UtteranceTiming } from '../utterance-record.ts';

type Stage = 'stt' | 'mt' | 'tts';

/** Why what was said is not translated. */
export type LeftAlone = 'echo' | 'listening' | 'same-language' | 'not-speech';

export class CascadeUtterance {
  readonly number: number;
  readonly cutter: SegmentCutter;
  /** Whether it was said while the speaker was being spoken to. */
  readonly overlapping: boolean;
  readonly speechStartMs: number;
  /** Both are where speech began until it has ended, so that a report made before then has no end before its start. */
  speechEndMs: number;
  #endpointMs: number;
  readonly #options: InterpreterOptions;
  readonly #emit: (event: InterpreterEvent) => void;
  /** Audio written so far, in ms, and when the last of it was. */
  #writtenMs = 0;
  #lastWriteMs = 0;
  #caption = '';
  #sttFinalMs: number | undefined;
  #lastTiming: SegmentTiming | undefined;
  readonly #translations: string[] = [];
  #segmentsOpen = 0;
  #leftAlone: LeftAlone | undefined;
  #failure: { readonly stage: Stage; readonly error: Error } | undefined;
  #reported = false;

  constructor(
    number: number,
    speechStartMs: number,
    overlapping: boolean,
    cutter: SegmentCutter,
    options: InterpreterOptions,
    emit: (event: InterpreterEvent) => void,
  ) {
    this.number = number;
    this.speechStartMs = speechStartMs;
    this.speechEndMs = speechStartMs;
    this.overlapping = overlapping;
    this.cutter = cutter;
    this.#endpointMs = speechStartMs;
    this.#options = options;
    this.#emit = emit;
  }

  /** Why it is not translated, if it is not. */
  get leftAlone(): LeftAlone | undefined {
    return this.#leftAlone;
  }

  /** Whether anything of it has been cut off to be spoken. */
  get begun(): boolean {
    return this.#segmentsOpen > 0 || this.#translations.length > 0;
  }

  /** The speaker stopped; endpointing noticed at `endpointMs`. */
  ended(speechEndMs: number, endpointMs: number): void {
    this.speechEndMs = speechEndMs;
    this.#endpointMs = endpointMs;
  }

  /** Whether the speaker has stopped. */
  get over(): boolean {
    return this.#endpointMs > this.speechStartMs;
  }

  /** More of its audio was passed to recognition: `audioMs`, just said. */
  wrote(audioMs: number, nowMs: number): void {
    this.#writtenMs += audioMs;
    this.#lastWriteMs = nowMs;
  }

  /** When the last of `words` ended, on the clock; undefined when the engine does not tell. */
  saidMs(words: readonly Word[]): number | undefined {
    const last = words.at(-1);
    return last === undefined ? undefined : this.#lastWriteMs - (this.#writtenMs - last.endMs);
  }

  /** Recognition has said something; captions hear of it if it is something else, or the last of it. */
  heard(final: boolean): void {
    const { text } = this.cutter;
    if (final || text !== this.#caption) {
      this.#caption = text;
      this.#emit({ type: 'heard', utterance: this.number, text, final });
    }
  }

  finalAt(atMs: number): void {
    this.#sttFinalMs = atMs;
  }

  /** Translates nothing more of it. */
  leaveAlone(why: LeftAlone): void {
    if (this.#leftAlone === undefined) {
      this.#leftAlone = why;
      this.#emit({ type: 'noted', what: why, count: 1 });
      if (why === 'same-language') {
        this.#emit({ type: 'as-is', on: true });
      }
    }
  }

  segmentCut(): void {
    this.#segmentsOpen += 1;
  }

  segmentDone(): void {
    this.#segmentsOpen -= 1;
    this.settle();
  }

  /** A segment begins to sound. */
  speaking(
    segment: number,
    spoken: { readonly source: string; readonly text: string; readonly rateHz: number },
    timing: SegmentTiming,
  ): void {
    this.#translations.push(spoken.text);
    this.#lastTiming = timing;
    this.#emit({ type: 'segment-started', utterance: this.number, segment, ...spoken, timing });
  }

  /** The first failure is the one reported. When recognition failed nothing more will come. */
  failed(stage: Stage, error: Error): void {
    this.#failure ??= { stage, error };
    if (stage === 'stt') {
      this.#report();
    }
  }

  /** Reports the utterance when nothing more will come of it. */
  settle(): void {
    if (this.#sttFinalMs !== undefined && this.#segmentsOpen === 0) {
      this.#report();
    }
  }

  #report(): void {
    if (this.#reported) {
      return;
    }
    this.#reported = true;
    if (this.#leftAlone === 'same-language') {
      this.#emit({ type: 'as-is', on: false });
    }
    const { from, to } = this.#options;
    this.#emit({
      type: 'utterance-ended',
      utterance: this.number,
      outcome: this.#outcome(),
      source: { language: from, text: this.cutter.text },
      target: { language: to, text: this.#translations.join(' ') },
      timing: this.#timing(),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }

  #outcome(): 'spoken' | 'nothing-said' | 'left-alone' | 'failed' {
    if (this.#translations.length > 0) {
      return 'spoken';
    }
    if (this.#failure !== undefined) {
      return 'failed';
    }
    return this.#leftAlone === undefined ? 'nothing-said' : 'left-alone';
  }

  #timing(): UtteranceTiming {
    const certainMs = this.#lastTiming?.cutMs ?? this.#sttFinalMs;
    return {
      speechStartMs: this.speechStartMs,
      speechEndMs: this.speechEndMs,
      endpointMs: this.#endpointMs,
      ...(certainMs === undefined ? {} : { sttFinalMs: certainMs }),
      ...(this.#lastTiming === undefined
        ? {}
        : { mtDoneMs: this.#lastTiming.translatedMs, ttsFirstMs: this.#lastTiming.firstSoundMs }),
    };
  }
}
