/** What interpreting shows of itself, read when health or status is asked for. Nothing that was said, and no keys. */

import type { Language } from '../../base/language.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { EngineRecord } from '../../engines/resilience/engine-records.ts';
import type { EngineHealthView } from '../../engines/resilience/health-book.ts';
import type { Observation } from '../../engines/resilience/operations.ts';
import type { KeptStep } from '../../engines/resilience/recovery-steps.ts';
import type { Component } from '../../engines/support.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';

/**
 * `starting` until every engine was tried once; `degraded` while one of them does not do what it is there for, whether
 * another does it or not.
 */
export type InterpretingState = 'starting' | 'degraded' | 'ready';

export interface DirectionView {
  readonly from: Language;
  readonly to: Language;
  /** `pending` until it is known; `unserved`: voices are heard as they are. */
  readonly state: 'pending' | 'served' | 'unserved';
  /** The engines that are used; only a fused provider is an `interpreter`. */
  readonly stt?: string;
  readonly mt?: string;
  readonly tts?: string;
  readonly interpreter?: string;
  /** As the operator wrote it; absent for the engine's own. */
  readonly voice?: string;
  /** Why it is unserved. */
  readonly reasons: readonly string[];
}

/** What came of something that an engine is there for. */
export interface TaskView {
  readonly component: Component;
  readonly engine: string;
  /** `recognise en`. */
  readonly task: string;
  /** `unable`: it says that it cannot, which is no fault. */
  readonly state: 'untried' | 'works' | 'unable' | 'failed';
  readonly tries: number;
  /** How long the last try took. */
  readonly ms?: number;
  readonly reason?: string;
}

/** What happens to engines in calls. */
export type InterpretingEvent =
  /** It is not asked, or after others only: by the kind of its fault. */
  | {
      readonly type: 'benched';
      readonly component: Component;
      readonly engine: string;
      readonly fault: string;
    }
  | { readonly type: 'back'; readonly component: Component; readonly engine: string }
  | { readonly type: 'step'; readonly step: KeptStep };

export type InterpretingListener = (event: InterpretingEvent) => void;

/** What speaks a language, outside of calls' own talk. */
export interface SpeakingTools {
  readonly tts: TtsEngine;
  /** The operator's voice of the language. */
  readonly voice: string | undefined;
}

export interface InterpretingView {
  readonly state: InterpretingState;
  directions(): readonly DirectionView[];
  tasks(): readonly TaskView[];
  engines(): readonly EngineRecord[];
  /** How engines do in calls; only of those that have been asked for something. */
  health(): readonly EngineHealthView[];
  /** The latest steps of recovery, oldest first. */
  steps(): readonly KeptStep[];
  /** Undefined where nothing speaks it (yet). */
  speaking(language: Language): SpeakingTools | undefined;
  /** What makes voices of recordings, by the engines that are set up, whether they are well or not. */
  cloners(): readonly VoiceCloner[];
  /** Undefined where nothing translates it (yet). */
  translation(from: Language, to: Language): MtEngine | undefined;
  /** Hears of engines that are benched and back, and of steps of recovery, until `signal` aborts. */
  watchEngines(listener: InterpretingListener, signal: AbortSignal): void;
  /** Hears of everything that engines do in calls, as it ends, until `signal` aborts. It must not throw. */
  watch(listener: (observation: Observation) => void, signal: AbortSignal): void;
}
