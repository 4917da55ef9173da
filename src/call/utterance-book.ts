/**
 * Puts together what became of each utterance on one route: the rendering says what it made of it, the listeners'
 * media says when it was heard, and the report is complete when both have.
 */

import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { SpokenSegment, UtteranceEnded } from '../interpret/rendering/rendering.ts';
import type { SegmentTiming, UtteranceTiming } from '../interpret/utterance-record.ts';
import type { SegmentEnd } from '../media/play/playout-queue.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { InterpretingCounts } from './call-counts.ts';
import type { CallEvent, SegmentStages, UtteranceReport } from './call-events.ts';
import type { PartyPlan } from './plan.ts';

/** When an utterance's translation was heard, so far. */
interface Playing {
  segments: number;
  segmentsOpen: number;
  /** The first sound of the first segment, and of the last that has begun. */
  startMs: number | undefined;
  lastStartMs: number | undefined;
  endMs: number | undefined;
  ended: UtteranceEnded | undefined;
  /** Whether its interpreter is gone, and will not be done with it. */
  givenUp: boolean;
}

export interface UtteranceBookOptions {
  readonly from: PartyPlan;
  /** The language it is rendered in. */
  readonly to: Language;
  readonly clock: Clock;
  readonly counts: InterpretingCounts;
  readonly callStartMs: number;
  readonly emit: (event: CallEvent) => void;
}

export class UtteranceBook {
  readonly #options: UtteranceBookOptions;
  readonly #playing = new Map<number, Playing>();
  /** The latest utterance that was reported: what is still said of it, or of those before, is heard and forgotten. */
  #reported = -1;

  constructor(options: UtteranceBookOptions) {
    this.#options = options;
  }

  /** Utterances of which more is expected. */
  get open(): number {
    return this.#playing.size;
  }

  /** Ms since the call began. */
  nowMs(): number {
    return this.#sinceStart(this.#options.clock.nowMs());
  }

  /** What to tell of a segment. */
  segment({ utterance, text, source, timing }: SpokenSegment): PlayedSink {
    const playing = this.#entry(utterance);
    playing.segments += 1;
    playing.segmentsOpen += 1;
    let announced = false;
    return {
      started: (atMs) => {
        playing.startMs ??= atMs;
        if (!announced) {
          announced = true;
          playing.lastStartMs = atMs;
          const stages = timing === undefined ? undefined : segmentStages(timing, atMs);
          if (stages !== undefined) {
            this.#options.counts.playoutWait.add(Math.max(0, stages.queueMs));
          }
          this.#options.emit({
            type: 'spoken',
            atMs: this.#sinceStart(atMs),
            party: this.#options.from.id,
            language: this.#options.to,
            utterance,
            piiText: text,
            ...(source === undefined ? {} : { piiSource: source }),
            ...(stages === undefined ? {} : { stages }),
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

  /** The interpreter is gone, and says nothing more of an utterance: what it said is heard, and is in no report. */
  giveUp(utterance: number): void {
    const playing = this.#playing.get(utterance);
    if (playing !== undefined) {
      playing.givenUp = true;
      this.#settle(playing, utterance);
    }
  }

  #entry(utterance: number): Playing {
    const known = this.#playing.get(utterance);
    if (known !== undefined) {
      return known;
    }
    const playing: Playing = {
      segments: 0,
      segmentsOpen: 0,
      startMs: undefined,
      lastStartMs: undefined,
      endMs: undefined,
      ended: undefined,
      givenUp: false,
    };
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
      this.#reported = Math.max(this.#reported, utterance);
      const report = this.#report(playing.ended, playing);
      this.#options.counts.utterances.add(report.outcome);
      if (report.outcome === 'spoken') {
        this.#options.counts.wordsTranslated += wordCount(report.source.piiText);
      }
      this.#options.emit({ type: 'utterance', atMs: this.nowMs(), report });
    } else if (playing.segmentsOpen === 0 && (playing.givenUp || utterance <= this.#reported)) {
      this.#playing.delete(utterance);
    }
  }

  #report(ended: UtteranceEnded, { segments, startMs, lastStartMs, endMs }: Playing): UtteranceReport {
    const { timing } = ended;
    const heard = startMs === undefined ? {} : { startMs: this.#sinceStart(startMs) };
    const over = endMs === undefined ? {} : { endMs: this.#sinceStart(endMs) };
    return {
      party: this.#options.from.id,
      utterance: ended.utterance,
      outcome: ended.outcome === 'spoken' && startMs === undefined ? 'not-played' : ended.outcome,
      source: {
        language: ended.source.language,
        piiText: ended.source.text,
        startMs: this.#sinceStart(timing.speechStartMs),
        endMs: this.#sinceStart(timing.speechEndMs),
      },
      target: { language: ended.target.language, piiText: ended.target.text, ...heard, ...over },
      segments,
      ...(startMs === undefined ? {} : { startOffsetMs: rounded(startMs - timing.speechStartMs) }),
      stages: utteranceStages(timing, lastStartMs),
    };
  }

  #sinceStart(atMs: number): number {
    return Math.round(atMs - this.#options.callStartMs);
  }
}

/** Divides the time from the end of speech to `startMs`; a stage that was over early leaves its time to the others. */
function utteranceStages(timing: UtteranceTiming, startMs: number | undefined): UtteranceReport['stages'] {
  const { speechEndMs, endpointMs, sttFinalMs, mtDoneMs, ttsFirstMs } = timing;
  const endToEnd = startMs === undefined ? {} : { endToEndMs: rounded(startMs - speechEndMs) };
  if (startMs !== undefined && startMs < speechEndMs) {
    return endToEnd;
  }
  // What was certain before the end-point was noticed did not wait for it.
  const decidedMs = Math.min(endpointMs, sttFinalMs ?? endpointMs);
  const stages: Record<string, number> = {};
  let doneMs = speechEndMs;
  for (const [name, atMs] of [
    ['endpointMs', decidedMs],
    ['sttMs', sttFinalMs],
    ['mtMs', mtDoneMs],
    ['ttsMs', ttsFirstMs],
    ['playoutMs', startMs],
  ] as const) {
    if (atMs !== undefined) {
      stages[name] = rounded(Math.max(doneMs, atMs) - doneMs);
      doneMs = Math.max(doneMs, atMs);
    }
  }
  return { ...stages, ...endToEnd };
}

function segmentStages({ cutMs, translatedMs, firstSoundMs }: SegmentTiming, startMs: number): SegmentStages {
  const translated = Math.max(cutMs, translatedMs);
  const synthesised = Math.max(translated, firstSoundMs);
  return {
    mtMs: rounded(translated - cutMs),
    ttsMs: rounded(synthesised - translated),
    queueMs: rounded(startMs - synthesised),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
