/**
 * How well calls were interpreted, over many records: by direction and by what engines served it, so that what became
 * worse can be told from what was always so. Records have percentiles of their calls, not every time; of many calls the
 * median of theirs is told, and the worst.
 */

import { percentile } from '../../base/percentile.ts';
import type { CallDetail, DirectionDetail } from './call-detail.ts';

/** One direction, as these engines served it. */
export interface DirectionQuality {
  readonly from: string;
  readonly to: string;
  /** `deepgram deepl xtts`; those of one call that failed over are all there. */
  readonly engines: string;
  readonly calls: number;
  readonly utterances: number;
  /** Shares of utterances, 0 to 1. */
  readonly failedShare: number;
  readonly numbersLostShare: number;
  readonly words: number;
  /** Of a hundred words that were rendered, so many did the final hearing contradict; undefined for no words. */
  readonly contradictedInHundred: number | undefined;
  /** Numbers and terms that translation had lost and that were put in. */
  readonly repaired: number;
  readonly failovers: number;
  /** Medians of the calls' own percentiles, and the worst of them, in ms; undefined where nothing was heard. */
  readonly delayP50Ms: number | undefined;
  readonly delayP95Ms: number | undefined;
  readonly worstP95Ms: number | undefined;
  readonly firstSoundP50Ms: number | undefined;
}

/** What is so of whole calls. */
export interface TalkQuality {
  readonly calls: number;
  readonly minutes: number;
  /** Shares of the time of calls, 0 to 1. */
  readonly deadAirShare: number;
  readonly talkOverShare: number;
  readonly uninterpreted: number;
  readonly streamsReplaced: number;
}

interface Gathered {
  readonly from: string;
  readonly to: string;
  readonly engines: string;
  readonly directions: DirectionDetail[];
  contradicted: number;
}

/** The directions with the most utterances first. */
export function qualityOf(records: readonly CallDetail[]): readonly DirectionQuality[] {
  const gathered = new Map<string, Gathered>();
  for (const record of records) {
    for (const direction of record.directions) {
      const { from, to } = direction;
      const engines = enginesOf(record, direction);
      const key = `${from} ${to} ${engines}`;
      const known = gathered.get(key) ?? { from, to, engines, directions: [], contradicted: 0 };
      gathered.set(key, known);
      known.directions.push(direction);
      known.contradicted += contradictedIn(record, direction);
    }
  }
  return [...gathered.values()].map(summedUp).sort((one, other) => other.utterances - one.utterances);
}

export function talkOf(records: readonly CallDetail[]): TalkQuality {
  const sum = (of: (record: CallDetail) => number): number =>
    records.reduce((total, record) => total + of(record), 0);
  const durationMs = sum((record) => record.durationMs);
  const share = (ms: number): number => (durationMs === 0 ? 0 : ms / durationMs);
  return {
    calls: records.length,
    minutes: Math.round(durationMs / 60_000),
    deadAirShare: share(sum(({ deadAirMs }) => deadAirMs)),
    talkOverShare: share(sum(({ talkOverMs }) => talkOverMs)),
    uninterpreted: sum(({ uninterpreted }) => uninterpreted),
    streamsReplaced: sum(({ streamsReplaced }) => streamsReplaced),
  };
}

function summedUp({ from, to, engines, directions, contradicted }: Gathered): DirectionQuality {
  const sum = (of: (direction: DirectionDetail) => number): number =>
    directions.reduce((total, direction) => total + of(direction), 0);
  const utterances = sum((direction) => total(direction.utterances));
  const share = (count: number): number => (utterances === 0 ? 0 : count / utterances);
  const words = sum((direction) => direction.words);
  const median = (of: (direction: DirectionDetail) => number | undefined): number | undefined =>
    percentile(
      directions.flatMap((direction) => of(direction) ?? []),
      0.5,
    );
  return {
    ...{ from, to, engines, calls: directions.length, utterances, words },
    failedShare: share(sum((direction) => direction.utterances.failed ?? 0)),
    numbersLostShare: share(sum(({ numbersLost = 0 }) => numbersLost)),
    contradictedInHundred: words === 0 ? undefined : (100 * contradicted) / words,
    repaired: sum(({ repaired }) => repaired),
    failovers: sum(({ failovers }) => failovers),
    delayP50Ms: median(({ delay }) => delay?.p50Ms),
    delayP95Ms: median(({ delay }) => delay?.p95Ms),
    worstP95Ms: percentile(
      directions.flatMap(({ delay }) => delay?.p95Ms ?? []),
      1,
    ),
    firstSoundP50Ms: median(({ firstSound }) => firstSound?.p50Ms),
  };
}

/** Those that were given something for this direction, recognition first. */
function enginesOf({ engines }: CallDetail, { from, to }: DirectionDetail): string {
  const order = ['stt', 's2s', 'mt', 'tts'];
  return engines
    .filter((each) => each.from === from && (each.to === undefined || each.to === to))
    .sort((one, other) => order.indexOf(one.component) - order.indexOf(other.component))
    .map(({ engine }) => engine)
    .join(' ');
}

/** Hearings are of all directions from a language: each has its share by its words. */
function contradictedIn(
  { directions, contradictedWords }: CallDetail,
  { from, words }: DirectionDetail,
): number {
  const all = directions.filter((each) => each.from === from).reduce((sum, each) => sum + each.words, 0);
  return all === 0 ? 0 : ((contradictedWords[from] ?? 0) * words) / all;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
