/**
 * Where the time of one utterance went, as bars on one scale: what was said, how its end was noticed and its words
 * recognised, the translation, synthesis and waiting of each segment, and when it was heard. Pure.
 */

import type { UtteranceReport } from '../../../../call/call-events.ts';
import type { CaptionLine, HeardSegment } from './caption-book.ts';

/** In the order in which they happen. */
export const SPAN_KINDS = [
  'speech',
  'cutting',
  'recognition',
  'translation',
  'synthesis',
  'waiting',
  'playing',
] as const;

export type SpanKind = (typeof SPAN_KINDS)[number];

export interface Span {
  readonly kind: SpanKind;
  /** In ms since the call began. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Waterfall {
  readonly fromMs: number;
  readonly toMs: number;
  /** From top to bottom; the spans of a track do not overlap. The first has the speech, the last what was heard. */
  readonly tracks: readonly (readonly Span[])[];
  /** The parts of the time between the end of speech and the first sound of what closes it, none of which is 0. */
  readonly parts: readonly { readonly kind: SpanKind; readonly ms: number }[];
}

/** An utterance in the language of one of its reports. */
export function waterfallOf(line: CaptionLine, report: UtteranceReport): Waterfall {
  const { source, target, stages } = report;
  const segments = line.segments.filter(({ language }) => language === target.language);
  const own = inSequence(source.endMs, [
    ['cutting', stages.endpointMs],
    ['recognition', stages.sttMs],
  ]);
  const speech: Span = { kind: 'speech', fromMs: source.startMs, toMs: source.endMs };
  const heard: readonly Span[] =
    target.startMs === undefined
      ? []
      : [{ kind: 'playing', fromMs: target.startMs, toMs: target.endMs ?? target.startMs }];
  const tracks = [[speech, ...own], ...stacked(segments.map(pipelineOf)), heard];
  const spans = tracks.flat();
  return {
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...spans.map(({ toMs }) => toMs)),
    tracks,
    parts: partsOf(stages),
  };
}

/** What was done for a segment until its first sound. */
function pipelineOf({ atMs, stages }: HeardSegment): readonly Span[] {
  if (stages === undefined) {
    return [];
  }
  const { mtMs, ttsMs, queueMs } = stages;
  return inSequence(atMs - mtMs - ttsMs - queueMs, [
    ['translation', mtMs],
    ['synthesis', ttsMs],
    ['waiting', queueMs],
  ]);
}

/** Spans one after the other; what took no time has none. */
function inSequence(
  startMs: number,
  parts: readonly (readonly [SpanKind, number | undefined])[],
): readonly Span[] {
  let fromMs = startMs;
  return parts.flatMap(([kind, ms = 0]) => {
    const span = { kind, fromMs, toMs: fromMs + ms };
    fromMs = span.toMs;
    return ms > 0 ? [span] : [];
  });
}

/** Segments that were worked on at the same time lie under each other. */
function stacked(segments: readonly (readonly Span[])[]): readonly (readonly Span[])[] {
  const tracks: Span[][] = [];
  for (const segment of segments) {
    const fromMs = segment[0]?.fromMs ?? 0;
    const track = tracks.find((spans) => (spans.at(-1)?.toMs ?? 0) <= fromMs);
    if (track !== undefined) {
      track.push(...segment);
    } else if (segment.length > 0) {
      tracks.push([...segment]);
    }
  }
  return tracks;
}

function partsOf(stages: UtteranceReport['stages']): Waterfall['parts'] {
  const { endpointMs = 0, sttMs = 0, mtMs = 0, ttsMs = 0, playoutMs = 0 } = stages;
  const parts = [
    { kind: 'cutting', ms: endpointMs },
    { kind: 'recognition', ms: sttMs },
    { kind: 'translation', ms: mtMs },
    { kind: 'synthesis', ms: ttsMs },
    { kind: 'waiting', ms: playoutMs },
  ] as const;
  return parts.filter(({ ms }) => ms > 0);
}
