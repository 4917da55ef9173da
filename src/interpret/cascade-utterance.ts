/**
 * One utterance on its way through the cascade: what was heard, what it became and when, until it can be reported.
 * It is reported once, when recognition is final and every segment cut from it is done.
 */

import type { SttEvent } from '../engines/stt/stt-engine.ts';
import type { CutPolicy } from './cut-policy.ts';
import type { InterpreterEvent, InterpreterOptions } from './interpreter.ts';
import type { UtteranceTiming } from './utterance-record.ts';

type Stage = 'stt' | 'mt' | 'tts';

export class CascadeUtterance {
  readonly number: number;
  readonly #options: InterpreterOptions;
  readonly #cut: CutPolicy;
  readonly #emit: (event: InterpreterEvent) => void;
  readonly #speechStartMs: number;
  /** Both are where speech began until it has ended, so that a report made before then has no end before its start. */
  #speechEndMs: number;
  #endpointMs: number;
  #sttFinalMs: number | undefined;
  #mtDoneMs: number | undefined;
  #ttsFirstMs: number | undefined;
  #stable = '';
  #text = '';
  readonly #translations: string[] = [];
  #segmentsOpen = 0;
  #failure: { readonly stage: Stage; readonly error: Error } | undefined;
  #reported = false;

  constructor(
    number: number,
    speechStartMs: number,
    options: InterpreterOptions,
    cut: CutPolicy,
    emit: (event: InterpreterEvent) => void,
  ) {
    this.number = number;
    this.#speechStartMs = speechStartMs;
    this.#speechEndMs = speechStartMs;
    this.#endpointMs = speechStartMs;
    this.#options = options;
    this.#cut = cut;
    this.#emit = emit;
  }

  /** The speaker stopped; endpointing noticed at `endpointMs`. */
  ended(speechEndMs: number, endpointMs: number): void {
    this.#speechEndMs = speechEndMs;
    this.#endpointMs = endpointMs;
  }

  /** Takes what recognition says; returns the texts to translate now. */
  hear(event: Extract<SttEvent, { type: 'partial' | 'stable' | 'final' }>): readonly string[] {
    const final = event.type === 'final';
    if (event.type === 'stable') {
      this.#stable = event.text;
    } else {
      this.#text = event.text;
      this.#emit({ type: 'heard', utterance: this.number, text: event.text, final });
    }
    return this.#cut.next({ stable: final ? this.#text : this.#stable, text: this.#text, final });
  }

  finalAt(atMs: number): void {
    this.#sttFinalMs = atMs;
  }

  translatedAt(atMs: number): void {
    this.#mtDoneMs ??= atMs;
  }

  firstSoundAt(atMs: number): void {
    this.#ttsFirstMs ??= atMs;
  }

  segmentCut(): void {
    this.#segmentsOpen += 1;
  }

  segmentDone(): void {
    this.#segmentsOpen -= 1;
    this.settle();
  }

  /** A segment begins to sound. */
  speaking(segment: number, text: string, rateHz: number): void {
    this.#translations.push(text);
    this.#emit({ type: 'segment-started', utterance: this.number, segment, text, rateHz });
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
    const { from, to } = this.#options;
    const spoken = this.#translations.length > 0;
    this.#emit({
      type: 'utterance-ended',
      utterance: this.number,
      outcome: spoken ? 'spoken' : this.#failure === undefined ? 'nothing-said' : 'failed',
      source: { language: from, text: this.#text },
      target: { language: to, text: this.#translations.join(' ') },
      timing: this.#timing(),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }

  #timing(): UtteranceTiming {
    return {
      speechStartMs: this.#speechStartMs,
      speechEndMs: this.#speechEndMs,
      endpointMs: this.#endpointMs,
      ...(this.#sttFinalMs === undefined ? {} : { sttFinalMs: this.#sttFinalMs }),
      ...(this.#mtDoneMs === undefined ? {} : { mtDoneMs: this.#mtDoneMs }),
      ...(this.#ttsFirstMs === undefined ? {} : { ttsFirstMs: this.#ttsFirstMs }),
    };
  }
}
