/**
 * The account of one utterance in one rendering: what it became, when, why not, and what of it is still on its way. It
 * is reported once, when all of the utterance is known and every segment of it is over. What is spoken after that still
 * names the utterance, but is in no report.
 */

import type { HeardUtterance } from './hearing/hearing-sink.ts';
import type {
  RenderingOptions,
  SegmentHandle,
  SpokenSegment,
  UtteranceEnded,
} from './rendering/rendering.ts';
import type { UtteranceTiming } from './utterance-record.ts';

type Stage = 'stt' | 'mt' | 'tts';

export interface AccountOptions extends Pick<RenderingOptions, 'from' | 'to' | 'speak'> {
  /** What stands between the texts of two segments. */
  readonly between: '' | ' ';
  /** Called once. */
  readonly report: (ended: UtteranceEnded) => void;
}

export class UtteranceAccount {
  readonly #utterance: HeardUtterance;
  readonly #options: AccountOptions;
  #target = '';
  #spoken = false;
  #leftAlone = false;
  #timing: Pick<UtteranceTiming, 'sttFinalMs' | 'mtDoneMs' | 'ttsFirstMs'> = {};
  #segmentsOpen = 0;
  #complete = false;
  #failure: UtteranceEnded['failure'];
  #reported = false;

  constructor(utterance: HeardUtterance, options: AccountOptions) {
    this.#utterance = utterance;
    this.#options = options;
  }

  /** What its listeners were told of it. */
  get targetText(): string {
    return this.#target.trim();
  }

  /** Whether any segment of it has begun to be spoken. */
  get spoken(): boolean {
    return this.#spoken;
  }

  get reported(): boolean {
    return this.#reported;
  }

  /** Whether nothing of it is to be rendered. */
  get leftAlone(): boolean {
    return this.#leftAlone || this.#utterance.leftAlone !== undefined;
  }

  /** This rendering has nothing to do with it, whatever others do. */
  leaveAlone(): void {
    this.#leftAlone = true;
  }

  /** A segment of it is on its way to be spoken; {@link segmentOver} follows. */
  segmentComes(): void {
    this.#segmentsOpen += 1;
  }

  /** A segment begins to be spoken, its first sound made at `soundMs`. */
  speak(segment: Omit<SpokenSegment, 'utterance'>, soundMs: number): SegmentHandle {
    this.#target += this.#spoken ? this.#options.between + segment.text : segment.text;
    this.#spoken = true;
    const { timing } = segment;
    this.#timing =
      timing === undefined
        ? { ttsFirstMs: soundMs }
        : { sttFinalMs: timing.cutMs, mtDoneMs: timing.translatedMs, ttsFirstMs: soundMs };
    return this.#options.speak({
      ...segment,
      utterance: this.#utterance.number,
      text: segment.text.trim(),
    });
  }

  /** More of the text of the segment that was spoken last; it is too late to be shown with it. */
  addText(text: string): void {
    this.#target += text;
  }

  /** A segment is over, spoken or not. */
  segmentOver(): void {
    this.#segmentsOpen -= 1;
    this.#settle();
  }

  /** A segment could not be spoken. The first failure is the one reported. */
  failed(stage: Stage, error: Error): void {
    this.#failure ??= { stage, error };
  }

  /** All segments there are have come. */
  complete(): void {
    this.#complete = true;
    this.#settle();
  }

  /** What it comes from is lost: this is all there will be. */
  lost(error: Error): void {
    this.failed('stt', error);
    this.#report();
  }

  #settle(): void {
    if (this.#complete && this.#segmentsOpen === 0) {
      this.#report();
    }
  }

  #report(): void {
    if (this.#reported) {
      return;
    }
    this.#reported = true;
    const { number, text, spokenLanguage } = this.#utterance;
    const { from, to, report } = this.#options;
    report({
      type: 'utterance-ended',
      utterance: number,
      outcome: this.#outcome(),
      source: { language: spokenLanguage ?? from, text },
      target: { language: to, text: this.targetText },
      timing: this.#times(),
      failure: this.#failure,
    });
  }

  #outcome(): UtteranceEnded['outcome'] {
    if (this.#spoken) {
      return 'spoken';
    }
    if (this.#failure !== undefined) {
      return 'failed';
    }
    return this.leftAlone ? 'left-alone' : 'nothing-said';
  }

  #times(): UtteranceTiming {
    const { speechStartMs, speechEndMs, endpointMs, finalMs } = this.#utterance;
    return {
      speechStartMs,
      speechEndMs,
      endpointMs,
      ...(finalMs === undefined ? {} : { sttFinalMs: finalMs }),
      ...this.#timing,
    };
  }
}
