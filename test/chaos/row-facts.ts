/**
 * What a fault did to calls: how long a listener heard nothing while the other spoke, which words came late, never or
 * twice, and how even the frames were. Pure: made of what the telephones noted. Times are ms of the machine's clock.
 */

import { FRAME_MS } from '../../src/base/units.ts';
import { percentile } from '../bench/percentiles.ts';
import type { ChaosCallFacts, SaidFact } from './chaos-messages.ts';

export interface FaultTimes {
  /** When the fault began. */
  readonly injectedMs: number;
  /** When it was over, as far as it depends on us. */
  readonly healedMs: number;
}

export interface RowFacts {
  readonly words: number;
  /** Longest stretch without sound while the other spoke, before the fault and since, in ms. */
  readonly deadAirBeforeMs: number;
  readonly deadAirMs: number;
  /** Longest time between two frames of a leg since the fault. */
  readonly frameGapMs: number;
  /** Words that were not heard translated; of these, those that were heard in the speaker's own voice. */
  readonly untranslated: number;
  readonly asSpoken: number;
  /** When the words that were not heard translated ended, in ms since the fault began, by call. */
  readonly missedMs: readonly (readonly number[])[];
  readonly twice: number;
  /** Words of a call that another call heard. */
  readonly strange: number;
  /** Longest time from a word's end to its translation's, before the fault and since. */
  readonly lagBeforeMs: number;
  readonly lagMs: number;
  /** From the end of the fault to the end of the last word that was lost or clearly late; 0 when none was. */
  readonly recoveredMs: number;
  /** From the beginning of the fault to the end of that word: every later one was heard translated, and in time. */
  readonly translatedAgainMs: number;
  readonly dropped: readonly string[];
  /** 99th percentile of how far the time between two frames of a leg is from 20 ms. */
  readonly pacingBeforeMs: number;
  readonly pacingMs: number;
}

/** Words this close together are one stretch of speech. */
const SPEECH_GAP_MS = 600;
/** The translation of a word that was over so long before the fault has been heard before it. */
const HEARD_BEFORE_MS = 3_000;
/** A translation that comes later than any before the fault, by this much, is late. */
const LATE_BY_MS = 1_000;
/** Frames of the first second are not judged: connections are made in it. */
const SETTLED_MS = 1_000;

export function rowFacts(calls: readonly ChaosCallFacts[], times: FaultTimes): RowFacts {
  const { injectedMs, healedMs } = times;
  const words = calls.flatMap(wordFacts);
  const before = words.filter(({ said }) => said.endMs <= injectedMs - HEARD_BEFORE_MS);
  const lags = (of: readonly WordFact[]): number => Math.max(0, ...of.flatMap(({ lagMs }) => lagMs ?? []));
  const lagBeforeMs = lags(before);
  const since = words.filter((word) => !before.includes(word));
  const late = since.filter(({ lagMs }) => lagMs === undefined || lagMs > lagBeforeMs + LATE_BY_MS);
  const untranslated = words.filter(({ lagMs }) => lagMs === undefined);
  const lastLateMs = Math.max(Number.NEGATIVE_INFINITY, ...late.map(({ said }) => said.endMs));
  const ids = new Set(words.map(({ said }) => said.id));
  return {
    words: words.length,
    deadAirBeforeMs: Math.max(0, ...calls.map((call) => deadAirMs(call, 0, injectedMs))),
    deadAirMs: Math.max(0, ...calls.map((call) => deadAirMs(call, injectedMs, Number.POSITIVE_INFINITY))),
    frameGapMs: Math.max(0, ...calls.map((call) => frameGapMs(call.heardMs, injectedMs))),
    untranslated: untranslated.length,
    asSpoken: untranslated.filter(({ asSpoken }) => asSpoken).length,
    missedMs: calls.map((call) =>
      wordFacts(call).flatMap(({ said, lagMs }) =>
        lagMs === undefined ? [Math.round(said.endMs - injectedMs)] : [],
      ),
    ),
    twice: words.filter(({ times: heard }) => heard > 1).length,
    strange: calls.reduce((sum, call) => sum + strangeWords(call, ids), 0),
    lagBeforeMs,
    lagMs: lags(since),
    recoveredMs: Math.max(0, lastLateMs - healedMs),
    translatedAgainMs: Math.round(Math.max(0, lastLateMs - injectedMs)),
    dropped: calls.flatMap(({ lost }, call) => lost.map((why) => `call ${call}: ${why}`)),
    pacingBeforeMs: pacingMs(calls, Number.NEGATIVE_INFINITY, injectedMs),
    pacingMs: pacingMs(calls, injectedMs, Number.POSITIVE_INFINITY),
  };
}

interface WordFact {
  readonly said: SaidFact;
  readonly times: number;
  readonly lagMs: number | undefined;
  readonly asSpoken: boolean;
}

function wordFacts({ said, translated, original }: ChaosCallFacts): readonly WordFact[] {
  return said.map((word) => {
    const heard = translated.filter(({ id }) => id === word.id);
    const [first] = heard;
    return {
      said: word,
      times: heard.length,
      lagMs: first === undefined ? undefined : first.atMs - word.endMs,
      asSpoken: original.some(({ id }) => id === word.id),
    };
  });
}

/** Words that were heard and that nobody of the call said, but somebody of another. */
function strangeWords({ said, translated, original }: ChaosCallFacts, ids: ReadonlySet<number>): number {
  const own = new Set(said.map(({ id }) => id));
  return [...translated, ...original].filter(({ id }) => !own.has(id) && ids.has(id)).length;
}

/** The longest stretch without sound of one listener, within the other's speech and the window. */
function deadAirMs({ said, heardMs, loud }: ChaosCallFacts, fromMs: number, toMs: number): number {
  let longest = 0;
  for (const stretch of stretchesOf(said)) {
    const end = Math.min(toMs, stretch.endMs);
    let quietFromMs = Math.max(fromMs, stretch.startMs);
    for (let frame = 0; frame < heardMs.length; frame += 1) {
      const atMs = heardMs[frame] ?? 0;
      if (loud[frame] === 1 && atMs >= quietFromMs && atMs <= end) {
        longest = Math.max(longest, atMs - quietFromMs);
        quietFromMs = atMs;
      }
    }
    longest = Math.max(longest, end - quietFromMs);
  }
  return longest;
}

function stretchesOf(
  said: readonly SaidFact[],
): readonly { readonly startMs: number; readonly endMs: number }[] {
  const stretches: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of said) {
    const last = stretches.at(-1);
    if (last !== undefined && startMs - last.endMs <= SPEECH_GAP_MS) {
      last.endMs = endMs;
    } else {
      stretches.push({ startMs, endMs });
    }
  }
  return stretches;
}

function frameGapMs(heardMs: Float64Array, fromMs: number): number {
  let longest = 0;
  for (let frame = 1; frame < heardMs.length; frame += 1) {
    const atMs = heardMs[frame] ?? 0;
    if (atMs >= fromMs) {
      longest = Math.max(longest, atMs - (heardMs[frame - 1] ?? atMs));
    }
  }
  return longest;
}

function pacingMs(calls: readonly ChaosCallFacts[], fromMs: number, toMs: number): number {
  const errors = calls.flatMap(({ heardMs, callerHeardMs }) =>
    [heardMs, callerHeardMs].flatMap((times) => {
      const settledMs = Math.max(fromMs, (times[0] ?? 0) + SETTLED_MS);
      return Array.from(times)
        .map((atMs, frame) =>
          atMs >= settledMs && atMs < toMs ? atMs - (times[frame - 1] ?? atMs) : Number.NaN,
        )
        .filter((gapMs) => !Number.isNaN(gapMs))
        .map((gapMs) => Math.abs(gapMs - FRAME_MS));
    }),
  );
  return percentile(Float64Array.from(errors).sort(), 99);
}
