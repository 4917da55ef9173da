/**
 * What is known of a direction, from what is known of the tasks that it takes. Pure: an engine is used when every
 * engine that the operator prefers to it has been found not to do, so that a call does not begin with the second best
 * because the best took a moment longer.
 */

import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { SpeechTranslator } from '../../engines/s2s/speech-translator.ts';
import type { SttEngine } from '../../engines/stt/stt-engine.ts';
import type { Component } from '../../engines/support.ts';
import type { TryOutResult } from '../../engines/try-out.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { Candidate, Candidates, TrialTask } from './trial-tasks.ts';

/** What came of a task when it was tried last. */
export type TaskState =
  | { readonly type: 'untried' }
  | { readonly type: 'works'; readonly ms: number }
  /** It says that it cannot; `passing` when it could not even be asked. */
  | { readonly type: 'unable'; readonly reason: string; readonly passing: boolean }
  /** It failed; `passing` unless the same try would fail again: a key that is refused, a voice that there is not. */
  | {
      readonly type: 'failed';
      readonly reason: string;
      readonly passing: boolean;
      /** It did not answer in time. */
      readonly silent: boolean;
      readonly error: unknown;
    };

/** At least one engine, in order of preference. */
export type Preferred<Engine> = readonly [Engine, ...Engine[]];

/** What interprets a direction: only engines that work, in order of preference. */
export type WorkingEngines =
  | {
      readonly type: 'cascade';
      readonly stt: Preferred<SttEngine>;
      readonly mt: Preferred<MtEngine>;
      readonly tts: Preferred<TtsEngine>;
    }
  /** `tts` speaks for a translator that only writes. */
  | {
      readonly type: 'fused';
      readonly translator: SpeechTranslator;
      readonly tts: Preferred<TtsEngine> | undefined;
    };

/** An engine that is in a list and not used. */
export interface LeftOut {
  readonly component: Component;
  readonly engine: string;
  /** For the operator: what is missing or broken, and what to do. */
  readonly reason: string;
}

export type DirectionTrial =
  /** The engines to be used are not all known yet. */
  | { readonly type: 'pending' }
  | {
      readonly type: 'served';
      readonly engines: WorkingEngines;
      /** Of those that work, with their times. */
      readonly worked: readonly TryOutResult[];
      /** Engines that should serve it and do not. */
      readonly failed: readonly LeftOut[];
      /** Engines that cannot serve it and that the operator prefers to one that does. */
      readonly passedOver: readonly LeftOut[];
      /** Engines that cannot serve it, behind one that does. */
      readonly notNeeded: readonly LeftOut[];
    }
  | {
      readonly type: 'unserved';
      /** A sentence for each thing that is missing or does not work. */
      readonly reasons: readonly string[];
      /** Engines that fail at what another does. */
      readonly failed: readonly LeftOut[];
      /** Whether what is missing may come back by itself: an engine that is down. */
      readonly passing: boolean;
    };

/** @param stateOf what is known of a task. */
export function directionTrial(
  candidates: Candidates,
  stateOf: (task: TrialTask) => TaskState,
): DirectionTrial {
  if (candidates.type === 'fused') {
    const s2s = choose(candidates.s2s, stateOf);
    // What the translator says itself nobody has to speak.
    const tts = candidates.s2s[0]?.engine.speaks === true ? undefined : choose(candidates.tts, stateOf);
    const chosen = tts === undefined ? [s2s] : [tts, s2s];
    return s2s.working === undefined || (tts !== undefined && tts.working === undefined)
      ? notServed(chosen)
      : served({ type: 'fused', translator: s2s.working[0], tts: tts?.working }, chosen);
  }
  const mt = choose(candidates.mt, stateOf);
  const tts = choose(candidates.tts, stateOf);
  const stt = choose(candidates.stt, stateOf);
  return stt.working === undefined || mt.working === undefined || tts.working === undefined
    ? notServed([mt, tts, stt])
    : served({ type: 'cascade', stt: stt.working, mt: mt.working, tts: tts.working }, [mt, tts, stt]);
}

/** The engines of one component, sorted by what is known of them. */
interface Choice<Engine> {
  /** Undefined where none works, or while a better one is still being tried. */
  readonly working: Preferred<Engine> | undefined;
  readonly pending: boolean;
  readonly worked: readonly TryOutResult[];
  readonly failed: readonly LeftOut[];
  readonly unable: readonly LeftOut[];
  readonly reasons: readonly string[];
  readonly passing: boolean;
  /** The names before the engine that is used. */
  readonly before: ReadonlySet<string>;
}

function choose<Engine extends { readonly name: string }>(
  candidates: readonly Candidate<Engine>[],
  stateOf: (task: TrialTask) => TaskState,
): Choice<Engine> {
  const known = candidates.map(({ engine, task }) => ({ engine, task, state: stateOf(task) }));
  const decisive = known.findIndex(({ state }) => state.type === 'works' || state.type === 'untried');
  const pending = known[decisive]?.state.type === 'untried';
  const [first, ...rest] = known.filter(({ state }) => state.type === 'works').map(({ engine }) => engine);
  const leftOutAs = (type: 'unable' | 'failed'): readonly LeftOut[] =>
    known.flatMap(({ task: { component, engine }, state }) =>
      state.type === type ? [{ component, engine, reason: state.reason }] : [],
    );
  const failed = leftOutAs('failed');
  const unable = leftOutAs('unable');
  return {
    working: pending || first === undefined ? undefined : [first, ...rest],
    pending,
    worked: known.flatMap(({ task: { component, engine }, state }) =>
      state.type === 'works' ? [{ component, engine, ms: state.ms }] : [],
    ),
    failed,
    unable,
    reasons: reasonsOf(known, failed.length > 0),
    passing: known.some(({ state }) => 'passing' in state && state.passing),
    before: new Set(known.slice(0, Math.max(0, decisive)).map(({ task }) => task.engine)),
  };
}

function reasonsOf(
  known: readonly { readonly task: TrialTask; readonly state: TaskState }[],
  someFailed: boolean,
): readonly string[] {
  return known.flatMap(({ task: { engine, task }, state }) => {
    switch (state.type) {
      case 'failed':
        return [`${engine} failed when it was tried: ${state.reason}`];
      case 'unable':
        // Beside one that failed it is clear what is to be done.
        return [someFailed ? state.reason : `${task}: ${state.reason}`];
      default:
        return [];
    }
  });
}

function served(engines: WorkingEngines, chosen: readonly Choice<unknown>[]): DirectionTrial {
  return {
    type: 'served',
    engines,
    worked: chosen.flatMap(({ worked }) => worked),
    failed: chosen.flatMap(({ failed }) => failed),
    passedOver: chosen.flatMap(({ unable, before }) => unable.filter(({ engine }) => before.has(engine))),
    notNeeded: chosen.flatMap(({ unable, before }) => unable.filter(({ engine }) => !before.has(engine))),
  };
}

/** Nothing is told before all of it is known. */
function notServed(chosen: readonly Choice<unknown>[]): DirectionTrial {
  if (chosen.some(({ pending }) => pending)) {
    return { type: 'pending' };
  }
  const lacking = chosen.filter(({ working }) => working === undefined);
  return {
    type: 'unserved',
    reasons: lacking.flatMap(({ reasons }) => reasons),
    failed: chosen.filter((each) => !lacking.includes(each)).flatMap(({ failed }) => failed),
    passing: lacking.every(({ passing }) => passing),
  };
}
