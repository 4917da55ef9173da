/**
 * What is said in one call, line by line: a line is one utterance, as it was said and as it was heard in each other
 * language. Lines never change in place, so a view can tell by the object whether to draw one again.
 */

import type { CallEvent, SegmentStages, UtteranceReport } from '../../../../call/call-events.ts';

/** Lines kept of a call; of an hour's talk the last ten minutes or so. */
const MOST_LINES = 200;

/** A piece of an utterance as it began to be heard. */
export interface HeardSegment {
  readonly language: string;
  readonly text: string;
  readonly atMs: number;
  readonly stages?: SegmentStages;
}

export interface CaptionLine {
  /** Within the call: the party and its utterance. */
  readonly key: string;
  readonly party: string;
  readonly utterance: number;
  /** When it was first heard of, and once it is reported when it began, in ms since the call began. */
  readonly atMs: number;
  /** As it was said; empty where captions are not shared. */
  readonly said: string;
  /** Whether `said` is what recognition stays with. */
  readonly final: boolean;
  readonly segments: readonly HeardSegment[];
  /** What became of it, for each language. */
  readonly reports: readonly UtteranceReport[];
}

type LineEvent = Extract<CallEvent, { readonly type: 'heard' | 'spoken' | 'utterance' }>;

export class CaptionBook {
  #lines: readonly CaptionLine[] = [];

  /** Oldest first. */
  get lines(): readonly CaptionLine[] {
    return this.#lines;
  }

  /** Writes down what an event adds; returns the line as it is then. */
  add(event: LineEvent): CaptionLine {
    const { party, utterance } = event.type === 'utterance' ? event.report : event;
    const key = `${party} ${utterance}`;
    // What is going on is nearly always at the end.
    const index = this.#lines.findLastIndex((line) => line.key === key);
    const known = this.#lines[index] ?? {
      ...{ key, party, utterance, atMs: beginningOf(event), said: '', final: false },
      ...{ segments: [], reports: [] },
    };
    const line = withEvent(known, event);
    if (index !== -1 && line.atMs === known.atMs) {
      this.#lines = this.#lines.with(index, line);
    } else {
      const others = index === -1 ? this.#lines : this.#lines.toSpliced(index, 1);
      this.#lines = placed(others, line).slice(-MOST_LINES);
    }
    return line;
  }
}

/** What a line is in one of its listeners' languages, as far as it has begun to be heard. */
export function renderedIn(line: CaptionLine, language: string): string {
  const report = line.reports.find(({ target }) => target.language === language);
  const segments = line.segments.filter((segment) => segment.language === language);
  return segments.length > 0
    ? segments.map(({ text }) => text).join(' ')
    : report?.outcome === 'spoken'
      ? report.target.piiText
      : '';
}

function withEvent(line: CaptionLine, event: LineEvent): CaptionLine {
  switch (event.type) {
    case 'heard':
      // A hearing that comes after the final one, out of a stream that was given the sound again, is no news.
      return line.final && !event.final ? line : { ...line, said: event.piiText, final: event.final };
    case 'spoken': {
      const { language, piiText: text, atMs, stages } = event;
      if (line.segments.some((each) => each.language === language && each.atMs === atMs)) {
        // Told again, out of a record.
        return line;
      }
      const segment = { language, text, atMs, ...(stages === undefined ? {} : { stages }) };
      return { ...line, segments: placed(line.segments, segment) };
    }
    case 'utterance': {
      const { report } = event;
      const others = line.reports.filter(({ target }) => target.language !== report.target.language);
      const said = report.source.piiText || line.said;
      return { ...line, atMs: report.source.startMs, said, final: true, reports: [...others, report] };
    }
  }
}

function beginningOf(event: LineEvent): number {
  return event.type === 'utterance' ? event.report.source.startMs : event.atMs;
}

/** `some` with `one` more where it belongs by its time: what is read from a record may come after what is live. */
function placed<Timed extends { readonly atMs: number }>(
  some: readonly Timed[],
  one: Timed,
): readonly Timed[] {
  const after = some.findLastIndex(({ atMs }) => atMs <= one.atMs);
  return some.toSpliced(after + 1, 0, one);
}
