/**
 * What the engines of a configuration must be able to do: each engine of each list, for each language or direction that
 * it may be used in, with the voice that speaks there. Each of these is tried by itself, so that one that is down says
 * nothing of the others.
 */

import type { Clock } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import { SPEECH_HZ } from '../../base/units.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { SpeechTranslator } from '../../engines/s2s/speech-translator.ts';
import type { SttEngine } from '../../engines/stt/stt-engine.ts';
import type { Component, Support } from '../../engines/support.ts';
import {
  type TryOutResult,
  tryOutRecognition,
  tryOutSynthesis,
  tryOutTranslation,
  tryOutTranslator,
} from '../../engines/try-out.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { type Direction, keyOf } from './directions.ts';

/** One thing that one engine is to do. */
export interface TrialTask {
  readonly component: Component;
  /** The engine's name. */
  readonly engine: string;
  /** `recognise en`, `translate en to es`, `speak es`, `interpret en to es`. */
  readonly task: string;
  /** Whether the engine says that it can. */
  supports(): Promise<Support>;
  /** Has the engine do it. @throws only the signal's reason. */
  tryOut(signal: AbortSignal): Promise<TryOutResult>;
}

/** An engine that may do something, and the task that shows whether it does. */
export interface Candidate<Engine> {
  readonly engine: Engine;
  readonly task: TrialTask;
}

/** Who may serve a direction, by component, each best first. */
export type Candidates =
  | {
      readonly type: 'cascade';
      readonly stt: readonly Candidate<SttEngine>[];
      readonly mt: readonly Candidate<MtEngine>[];
      readonly tts: readonly Candidate<TtsEngine>[];
    }
  /** `tts` is for a translator that only writes. */
  | {
      readonly type: 'fused';
      readonly s2s: readonly Candidate<SpeechTranslator>[];
      readonly tts: readonly Candidate<TtsEngine>[];
    };

/** Engines, each list best first. */
export interface EngineLists {
  readonly stt: readonly SttEngine[];
  readonly mt: readonly MtEngine[];
  readonly tts: readonly TtsEngine[];
}

export interface TrialTaskDeps {
  /** A voice for each language that does not have the engine's own. */
  readonly voices: ReadonlyMap<Language, string>;
  /** A sentence to be recognised, at 16 kHz; undefined where nothing speaks the language. */
  readonly speechIn: (language: Language, signal: AbortSignal) => Promise<Int16Array | undefined>;
  readonly clock: Clock;
}

/** Makes the tasks of directions; what several directions have in common is one task. */
export class TrialTasks {
  readonly #deps: TrialTaskDeps;
  readonly #recognise = new Map<Language, readonly Candidate<SttEngine>[]>();
  readonly #translate = new Map<string, readonly Candidate<MtEngine>[]>();
  readonly #speak = new Map<Language, readonly Candidate<TtsEngine>[]>();
  readonly #interpret = new Map<string, readonly Candidate<SpeechTranslator>[]>();

  constructor(deps: TrialTaskDeps) {
    this.#deps = deps;
  }

  /** Every task of every direction that was asked for. */
  get all(): readonly TrialTask[] {
    const kinds = [this.#recognise, this.#translate, this.#speak, this.#interpret];
    return kinds.flatMap((kind) => [...kind.values()].flatMap((some) => some.map(({ task }) => task)));
  }

  cascade(direction: Direction, { stt, mt, tts }: EngineLists): Candidates {
    return {
      type: 'cascade',
      stt: once(this.#recognise, direction.from, () => this.#recognition(direction.from, stt)),
      mt: once(this.#translate, keyOf(direction), () => this.#translation(direction, mt)),
      tts: this.#synthesis(direction.to, tts),
    };
  }

  fused(direction: Direction, translator: SpeechTranslator, tts: readonly TtsEngine[]): Candidates {
    return {
      type: 'fused',
      s2s: once(this.#interpret, keyOf(direction), () => this.#interpretation(direction, translator)),
      tts: translator.speaks ? [] : this.#synthesis(direction.to, tts),
    };
  }

  #recognition(from: Language, engines: readonly SttEngine[]): readonly Candidate<SttEngine>[] {
    const { clock, speechIn } = this.#deps;
    return engines.map((engine) => ({
      engine,
      task: {
        component: 'stt',
        engine: engine.name,
        task: `recognise ${from}`,
        supports: () => engine.supports(from),
        tryOut: async (signal) => {
          // A second of silence shows as well whether it answers.
          const speech = (await speechIn(from, signal)) ?? new Int16Array(SPEECH_HZ);
          return tryOutRecognition(engine, from, speech, clock, signal);
        },
      },
    }));
  }

  #translation({ from, to }: Direction, engines: readonly MtEngine[]): readonly Candidate<MtEngine>[] {
    const { clock } = this.#deps;
    return engines.map((engine) => ({
      engine,
      task: {
        component: 'mt',
        engine: engine.name,
        task: `translate ${from} to ${to}`,
        supports: () => engine.supports(from, to),
        tryOut: (signal) => tryOutTranslation(engine, from, to, clock, signal),
      },
    }));
  }

  #synthesis(to: Language, engines: readonly TtsEngine[]): readonly Candidate<TtsEngine>[] {
    const { clock, voices } = this.#deps;
    return once(this.#speak, to, () =>
      engines.map((engine) => ({
        engine,
        task: {
          component: 'tts',
          engine: engine.name,
          task: `speak ${to}`,
          supports: () => engine.supports(to),
          tryOut: (signal) => tryOutSynthesis(engine, to, voices.get(to), clock, signal),
        },
      })),
    );
  }

  #interpretation({ from, to }: Direction, engine: SpeechTranslator): readonly Candidate<SpeechTranslator>[] {
    const task: TrialTask = {
      component: 's2s',
      engine: engine.name,
      task: `interpret ${from} to ${to}`,
      supports: () => engine.supports(from, to),
      tryOut: (signal) => tryOutTranslator(engine, from, to, this.#deps.clock, signal),
    };
    return [{ engine, task }];
  }
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
