/**
 * Puts together what became of each utterance of one direction: the interpreter says what it made of it, the
 * listener's media says when it was heard, and the report is complete when both have.
 */

import type { Clock } from '../base/clock.ts';
import type { InterpreterEvent } from '../interpret/interpreter.ts';
import type { SegmentSink } from '../media/media-leg.ts';
import type { SegmentEnd } from '../media/playout-queue.ts';
import type { CallEvent, UtteranceReport } from './call-events.ts';
import type { CallTallies } from './call-tallies.ts';
import type { LegIdentity } from './leg.ts';

type UtteranceEnded = Extract<InterpreterEvent, { type: 'utterance-ended' }>;

/** When an utterance's translation was heard, so far. */
interface Playing {
  segmentsOpen: number;
  startMs: number | undefined;
  endMs: number | undefined;
  ended: UtteranceEnded | undefined;
}

export interface UtteranceBookOptions {
  readonly from: LegIdentity;
  readonly clock: Clock;
  readonly tallies: CallTallies;
  readonly callStartMs: number;
  readonly emit: (event: CallEvent) => void;
}

export class UtteranceBook {
  readonly #options: UtteranceBookOptions;
  readonly #playing = new Map<number, Playing>();

  constructor(options: UtteranceBookOptions) {
    this.#options = options;
  }

  /** Ms since the call began. */
  nowMs(): number {
    return this.#sinceStart(this.#options.clock.nowMs());
  }

  /** What to tell of a segment of `utterance` that says `text`. */
  segment(utterance: number, text: string): SegmentSink {
    const playing = this.#entry(utterance);
    playing.segmentsOpen += 1;
    let announced = false;
    return {
      started: (atMs) => {
        playing.startMs ??= atMs;
        if (!announced) {
          announced = true;
          this.#options.emit({
            type: 'spoken',
            atMs: this.#sinceStart(atMs),
            leg: this.#options.from.number,
            utterance,
            piiText: text,
          });
        }
      },
      ended: (atMs, end) => this.#segmentEnded(playing, utterance, atMs, end),
    };
  }

  /** The interpreter is done with an utterance. */
  close(ended: UtteranceEnded): void {
    const playing = this.#entry(ended.utterance);
    playing.ended = ended;
    this.#settle(playing, ended.utterance);
  }

  #entry(utterance: number): Playing {
    const known = this.#playing.get(utterance);
    if (known !== undefined) {
      return known;
    }
    const playing: Playing = { segmentsOpen: 0, startMs: undefined, endMs: undefined, ended: undefined };
    this.#playing.set(utterance, playing);
    return playing;
  }

  #segmentEnded(playing: Playing, utterance: number, atMs: number, end: SegmentEnd): void {
    playing.segmentsOpen -= 1;
    if (end === 'played') {
      playing.endMs = atMs;
    }
    this.#settle(playing, utterance);
  }

  #settle(playing: Playing, utterance: number): void {
    if (playing.ended !== undefined && playing.segmentsOpen === 0) {
      this.#playing.delete(utterance);
      const report = this.#report(playing.ended, playing.startMs, playing.endMs);
      this.#options.tallies.utterances.add(report.outcome);
      if (report.outcome === 'spoken') {
        this.#options.tallies.wordsTranslated += wordCount(report.source.piiText);
      }
      this.#options.emit({ type: 'utterance', atMs: this.nowMs(), report });
    }
  }

  #report(ended: UtteranceEnded, startMs: number | undefined, endMs: number | undefined): UtteranceReport {
    const { timing } = ended;
    const heard = startMs === undefined ? {} : { startMs: this.#sinceStart(startMs) };
    const over = endMs === undefined ? {} : { endMs: this.#sinceStart(endMs) };
    return {
      leg: this.#options.from.number,
      utterance: ended.utterance,
      outcome: ended.outcome === 'spoken' && startMs === undefined ? 'not-played' : ended.outcome,
      source: {
        language: ended.source.language,
        piiText: ended.source.text,
        startMs: this.#sinceStart(timing.speechStartMs),
        endMs: this.#sinceStart(timing.speechEndMs),
      },
      target: { language: ended.target.language, piiText: ended.target.text, ...heard, ...over },
      stages: {
        ...stage('endpointMs', timing.speechEndMs, timing.endpointMs),
        ...stage('sttMs', timing.endpointMs, timing.sttFinalMs),
        ...stage('mtMs', timing.sttFinalMs, timing.mtDoneMs),
        ...stage('ttsMs', timing.mtDoneMs, timing.ttsFirstMs),
        ...stage('playoutMs', timing.ttsFirstMs, startMs),
        ...stage('endToEndMs', timing.speechEndMs, startMs),
      },
    };
  }

  #sinceStart(atMs: number): number {
    return Math.round(atMs - this.#options.callStartMs);
  }
}

/** The time a stage took, under its name, if both its ends are known. */
function stage(name: string, fromMs: number | undefined, toMs: number | undefined): Record<string, number> {
  return fromMs === undefined || toMs === undefined ? {} : { [name]: Math.round((toMs - fromMs) * 10) / 10 };
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
