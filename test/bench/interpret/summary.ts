/**
 * Many turns in a few numbers. Percentiles are by nearest rank, means are over turns; words, segments and calls are
 * counted over all of them.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import { percentile } from '../percentiles.ts';
import { backlogSlope } from './backlog.ts';
import { meanOf } from './lagging.ts';
import type { SegmentParts } from './overhead.ts';
import { Random } from './random.ts';
import { addSpeculation, type Speculation } from './speculation.ts';
import type { HeardSegment, TurnScore } from './turn-score.ts';

const LONG_MS = 2_000;

/** Mean and percentiles of one measure; NaN when there is none. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Summary {
  readonly turns: number;
  readonly startOffsetMs: Distribution;
  readonly endOffsetMs: Distribution;
  readonly afterSpeechMs: Distribution;
  /** The same of turns that were spoken as one segment: what is cut in two is heard before the end of speech. */
  readonly afterSpeechWholeMs: Distribution;
  /** Turns that were spoken as two segments or more. */
  readonly cutTurns: number;
  readonly alMs: Distribution;
  readonly laalMs: Distribution;
  readonly dalMs: Distribution;
  /** Only of turns during which something was heard. */
  readonly yaalMs: Distribution;
  readonly atdMs: Distribution;
  readonly earVoiceMs: Distribution;
  readonly parts: Readonly<Record<keyof SegmentParts, Distribution>>;
  /** Of segments that waited for no earlier speech, our own part. */
  readonly ownAtOnceMs: Distribution;
  /** Segments whose parts are not their whole way. */
  readonly brokenWays: number;
  /** How much faster than made speech was heard, each tenth of a second of it counted. */
  readonly tempo: Distribution;
  /** The fastest segment of 2 s or more, the frame its end may hide in added: of a shorter one that is too much. */
  readonly mostTempo: number;
  /** In s per s: the worst of the turns'. */
  readonly worstBacklogSlope: number;
  /** How long segments waited for those before them. */
  readonly waitedMs: Distribution;
  /** How much speech lay waiting, second by second. */
  readonly queuedMs: Distribution;
  readonly segments: number;
  readonly unheardSegments: number;
  readonly words: number;
  readonly spokenWords: number;
  readonly contradictedWords: number;
  readonly lostWords: number;
  readonly spokenErasure: number;
  readonly captionErasure: number;
  readonly speculation: Speculation;
  readonly troubles: readonly string[];
}

export function summarise(scores: readonly TurnScore[]): Summary {
  const of = (measure: (score: TurnScore) => number): Distribution => distributionOf(scores.map(measure));
  const sum = (measure: (score: TurnScore) => number): number =>
    scores.reduce((total, score) => total + measure(score), 0);
  const segments = scores.flatMap((score) => score.segments);
  const ways = segments.flatMap(({ parts }) => parts ?? []);
  const part = (name: keyof SegmentParts): Distribution => distributionOf(ways.map((way) => way[name]));
  return {
    turns: scores.length,
    startOffsetMs: of((score) => score.startOffsetMs),
    endOffsetMs: of((score) => score.endOffsetMs),
    afterSpeechMs: of((score) => score.afterSpeechMs),
    afterSpeechWholeMs: of((score) => (score.segments.length === 1 ? score.afterSpeechMs : Number.NaN)),
    cutTurns: scores.filter((score) => score.segments.length > 1).length,
    alMs: of((score) => score.alMs),
    laalMs: of((score) => score.laalMs),
    dalMs: of((score) => score.dalMs),
    yaalMs: of((score) => score.yaalMs ?? Number.NaN),
    atdMs: of((score) => score.atdMs),
    earVoiceMs: distributionOf(scores.flatMap((score) => score.earVoiceMs)),
    parts: {
      sttMs: part('sttMs'),
      declaredMs: part('declaredMs'),
      mtMs: part('mtMs'),
      ttsMs: part('ttsMs'),
      queueMs: part('queueMs'),
      ownMs: part('ownMs'),
    },
    ownAtOnceMs: distributionOf(ways.filter(({ queueMs }) => queueMs === 0).map(({ ownMs }) => ownMs)),
    brokenWays: segments.filter(({ broken }) => broken).length,
    tempo: distributionOf(
      segments.flatMap(({ tempo, startMs, endMs }) =>
        Array.from({ length: Math.ceil((endMs - startMs) / 100) }, () => tempo),
      ),
    ),
    mostTempo: distributionOf(
      segments
        .map(({ tempo, startMs, endMs }) => ({ tempo, heardMs: endMs - startMs }))
        .filter(({ heardMs }) => heardMs >= LONG_MS)
        .map(({ tempo, heardMs }) => (tempo * heardMs) / (heardMs + FRAME_MS)),
    ).max,
    worstBacklogSlope: Math.max(...scores.map((score) => backlogSlope(waits(score.segments)))),
    waitedMs: part('queueMs'),
    queuedMs: distributionOf(scores.flatMap((score) => score.queuedMs)),
    segments: segments.length,
    unheardSegments: sum((score) => score.unheardSegments),
    words: sum((score) => score.words),
    spokenWords: sum((score) => score.spokenWords),
    contradictedWords: sum((score) => score.contradictedWords),
    lostWords: sum((score) => score.lostWords),
    spokenErasure: sum((score) => score.unheardSegments) / (segments.length + sum((s) => s.unheardSegments)),
    captionErasure: distributionOf(scores.map((score) => score.captionErasure)).mean,
    speculation: addSpeculation(scores.map((score) => score.speculation)),
    troubles: scores.flatMap((score) => score.troubles.map((trouble) => `turn ${score.id}: ${trouble}`)),
  };
}

/** NaN values are left out. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  return {
    count: sorted.length,
    mean: meanOf([...sorted]),
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
  };
}

/** By how much a mean is below another, as a share, and between what it lies in 95 of 100 draws of the same turns. */
export interface Reduction {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 1_000;

/** Compares two measures of the same turns, in the same order (paired bootstrap). Pairs with a NaN are left out. */
export function reductionOf(of: readonly number[], against: readonly number[], seed = 1): Reduction {
  const pairs = of
    .map((value, index) => ({ value, base: against[index] ?? Number.NaN }))
    .filter(({ value, base }) => !Number.isNaN(value) && !Number.isNaN(base));
  const random = new Random(seed);
  const shareOf = (drawn: readonly { readonly value: number; readonly base: number }[]): number =>
    1 - drawn.reduce((sum, { value }) => sum + value, 0) / drawn.reduce((sum, { base }) => sum + base, 0);
  const draws = Float64Array.from({ length: pairs.length === 0 ? 0 : DRAWS }, () =>
    shareOf(pairs.map(() => random.pick(pairs))),
  ).sort();
  return { share: shareOf(pairs), low: percentile(draws, 2.5), high: percentile(draws, 97.5) };
}

function waits(segments: readonly HeardSegment[]) {
  return segments.flatMap(({ startMs, parts }) =>
    parts === undefined ? [] : [{ atMs: startMs, waitedMs: parts.queueMs }],
  );
}
