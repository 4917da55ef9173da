/**
 * One utterance in one language as a trace: a span for all of it, and below it one for each stage, with the times at which
 * they were. The same as the console's waterfall, for who looks at many in a tool of their own. Nothing that was said.
 */

import type { SegmentStages, UtteranceReport } from '../../call/call-events.ts';
import type { TraceParent } from './trace-parent.ts';

/** Times are ms since 1970. */
export interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface UtteranceTrace {
  readonly whole: Span;
  /** Whether nobody could interpret it. */
  readonly failed: boolean;
  readonly stages: readonly Span[];
  /** The span of another program that it is below; undefined: it is a trace of its own. */
  readonly parent: TraceParent | undefined;
}

/** A segment that was heard, and what it took until then. */
export interface HeardSegment {
  /** In ms since the call began. */
  readonly atMs: number;
  readonly stages: SegmentStages;
}

/** @param call the id by which the API shows the call. @param callStartMs when it began, in ms since 1970. */
export function traceOf(
  { party, utterance, outcome, source, target, segments: count, startOffsetMs, stages }: UtteranceReport,
  heard: readonly HeardSegment[],
  call: string,
  callStartMs: number,
): Omit<UtteranceTrace, 'parent'> {
  const spans = [
    ...inSequence(source.startMs, [['speech', source.endMs - source.startMs]]),
    ...inSequence(source.endMs, [
      ['cut', stages.endpointMs],
      ['recognise', stages.sttMs],
    ]),
    ...heard.flatMap(({ atMs, stages: { mtMs, ttsMs, queueMs } }) =>
      inSequence(atMs - mtMs - ttsMs - queueMs, [
        ['translate', mtMs],
        ['synthesise', ttsMs],
        ['wait', queueMs],
      ]),
    ),
    ...(target.startMs === undefined
      ? []
      : inSequence(target.startMs, [['play', (target.endMs ?? target.startMs) - target.startMs]])),
  ].map((span) => ({ ...span, fromMs: callStartMs + span.fromMs, toMs: callStartMs + span.toMs }));
  const whole: Span = {
    name: `utterance ${source.language} ${target.language}`,
    fromMs: Math.min(callStartMs + source.startMs, ...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(callStartMs + source.endMs, ...spans.map(({ toMs }) => toMs)),
    attributes: {
      'dragoman.call': call,
      'dragoman.party': party,
      'dragoman.utterance': utterance,
      'dragoman.source_lang': source.language,
      'dragoman.target_lang': target.language,
      'dragoman.outcome': outcome,
      'dragoman.segments': count,
      ...(startOffsetMs === undefined ? {} : { 'dragoman.start_offset_ms': startOffsetMs }),
      ...(stages.endToEndMs === undefined ? {} : { 'dragoman.end_to_end_ms': stages.endToEndMs }),
    },
  };
  return { whole, failed: outcome === 'failed', stages: spans };
}

/** Stages one after the other; what took no time has none. */
function inSequence(
  startMs: number,
  stages: readonly (readonly [name: string, ms: number | undefined])[],
): readonly Span[] {
  let fromMs = startMs;
  return stages.flatMap(([name, ms = 0]) => {
    const span = { name, fromMs, toMs: fromMs + ms, attributes: {} };
    fromMs = span.toMs;
    return ms > 0 ? [span] : [];
  });
}
