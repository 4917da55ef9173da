/**
 * Makes interpreters of engines: one hearing per spoken language, so that a party is recognised once in however many
 * it is rendered, and a rendering per direction. All engines that work serve; what is made once sees who they are
 * from then on, in running calls too. Here engines are judged by what they do in calls, and not by how they were
 * tried: that one lacks a voice or a model in one language says nothing of it in others.
 */

import type { Language } from '../../base/language.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import { FailoverMt, FailoverTts } from '../../engines/resilience/failover.ts';
import { FailoverStt } from '../../engines/resilience/failover-stt.ts';
import { type FailoverDeps, Lineup } from '../../engines/resilience/lineup.ts';
import { ObservedMt, ObservedTts } from '../../engines/resilience/observed.ts';
import { ObservedStt, ObservedTranslator } from '../../engines/resilience/observed-streams.ts';
import type { Observation, Observer } from '../../engines/resilience/operations.ts';
import type { SpeechTranslator } from '../../engines/s2s/speech-translator.ts';
import type { SttEngine } from '../../engines/stt/stt-engine.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { SpeechRenderings } from '../../interpret/fused/speech-renderings.ts';
import { SttHearings } from '../../interpret/hearing/stt-hearings.ts';
import type { Interpreters } from '../../interpret/rendering/rendering.ts';
import { TextRenderings } from '../../interpret/rendering/text-renderings.ts';
import { newTranslationCache, type TranslationCache } from '../../interpret/rendering/translator.ts';
import type { WorkingEngines } from './direction-trial.ts';
import { type Direction, keyOf } from './directions.ts';

/** A direction, and the engines that serve it. */
export interface ServedDirection {
  readonly direction: Direction;
  readonly engines: WorkingEngines;
  /** What interprets while those cannot; undefined: nothing. */
  readonly backup?: WorkingEngines;
}

/** Engines that fail over, and who they are at present. */
interface Made<Engine, Failover> {
  readonly lineup: Lineup<Engine>;
  /** By engine, what judges it. */
  readonly judged: Map<Engine, Engine>;
  readonly made: Failover;
}

interface FusedInterpreters {
  readonly translator: SpeechTranslator;
  readonly interpreters: Interpreters;
  /** Whether it did when it was tried last. */
  readonly works: boolean;
}

export class InterpreterFactory {
  readonly #deps: FailoverDeps;
  /** By direction; where there are both, the cascade stands in for what is fused. */
  readonly #cascades = new Map<string, Interpreters>();
  readonly #fused = new Map<string, FusedInterpreters>();
  readonly #hearings = new Map<Language, Made<SttEngine, SttHearings>>();
  readonly #translations = new Map<string, Made<MtEngine, FailoverMt>>();
  readonly #voices = new Map<Language, Made<TtsEngine, FailoverTts>>();
  readonly #cache: TranslationCache;
  /** Hears what engines do in calls. */
  readonly #judge: Observer;

  /** @param observed hears what engines do in calls. */
  constructor(deps: FailoverDeps, observed: (observation: Observation) => void) {
    this.#deps = deps;
    this.#cache = newTranslationCache(deps.clock);
    this.#judge = {
      clock: deps.clock,
      onObservation: (observation) => {
        deps.health.observe(observation);
        deps.steps.observe(observation);
        observed(observation);
      },
    };
  }

  /** What interprets a direction at present; undefined where nothing does. */
  of(direction: Direction): Interpreters | undefined {
    const cascade = this.#cascades.get(keyOf(direction));
    const fused = this.#fused.get(keyOf(direction));
    const able = fused?.works === true && this.#deps.health.bench('s2s', fused.translator) === undefined;
    return able || cascade === undefined ? fused?.interpreters : cascade;
  }

  /** What speaks a language; undefined where nothing does. */
  voiceOf(language: Language): TtsEngine | undefined {
    return this.#voices.get(language)?.made;
  }

  /** What translates a direction; undefined where nothing does, or what does takes speech only. */
  translationOf(direction: Direction): MtEngine | undefined {
    return this.#translations.get(keyOf(direction))?.made;
  }

  /** Interprets these directions from now on, with these engines; others stay as they are. */
  use(served: readonly ServedDirection[]): void {
    for (const { direction, engines, backup } of served) {
      const key = keyOf(direction);
      const cascade = engines.type === 'cascade' ? engines : backup;
      if (cascade !== undefined) {
        const made = this.#make(direction, cascade);
        this.#cascades.set(key, this.#cascades.get(key) ?? made());
      }
      const fused = this.#fused.get(key);
      if (engines.type === 'fused') {
        const made = this.#make(direction, engines);
        const { translator } = engines;
        this.#fused.set(key, { translator, interpreters: fused?.interpreters ?? made(), works: true });
      } else if (fused !== undefined) {
        this.#fused.set(key, { ...fused, works: false });
      }
    }
    this.#deps.health.enginesChanged();
  }

  /** Tells those that are made already who the engines are. @returns what makes interpreters of them. */
  #make(direction: Direction, engines: WorkingEngines): () => Interpreters {
    const { from, to } = direction;
    const { clock } = this.#deps;
    const voices = engines.tts === undefined ? undefined : this.#voicesIn(to, engines.tts);
    if (engines.type === 'fused') {
      const translator = new ObservedTranslator(engines.translator, this.#judge);
      const fused = { translator, ...(voices === undefined ? {} : { tts: voices }) };
      return () => ({ type: 'fused', rendering: new SpeechRenderings(fused, clock) });
    }
    const hearing = this.#hearingIn(from, engines.stt);
    const mt = this.#translationBy(direction, engines.mt);
    const tts = voices ?? this.#voicesIn(to, engines.tts);
    return () => ({ type: 'text', hearing, rendering: new TextRenderings({ mt, tts }, clock, this.#cache) });
  }

  /** The one hearing of a language: what recognises it is the same in all of its directions. */
  #hearingIn(language: Language, engines: readonly SttEngine[]): SttHearings {
    return lined(this.#hearings, language, engines, {
      judge: (engine) => new ObservedStt(engine, this.#judge),
      make: (lineup) => new SttHearings(new FailoverStt(lineup, this.#deps), this.#deps.clock),
    });
  }

  #translationBy(direction: Direction, engines: readonly MtEngine[]): FailoverMt {
    return lined(this.#translations, keyOf(direction), engines, {
      judge: (engine) => new ObservedMt(engine, this.#judge),
      make: (lineup) => new FailoverMt(lineup, this.#deps),
    });
  }

  #voicesIn(language: Language, engines: readonly TtsEngine[]): FailoverTts {
    return lined(this.#voices, language, engines, {
      judge: (engine) => new ObservedTts(engine, this.#judge),
      make: (lineup) => new FailoverTts(lineup, this.#deps),
    });
  }
}

interface Making<Engine, Failover> {
  readonly judge: (engine: Engine) => Engine;
  readonly make: (lineup: Lineup<Engine>) => Failover;
}

/** What is made for `key`, once, with these engines from now on. */
function lined<Key, Engine, Failover>(
  known: Map<Key, Made<Engine, Failover>>,
  key: Key,
  engines: readonly Engine[],
  { judge, make }: Making<Engine, Failover>,
): Failover {
  const { lineup, judged, made } = known.get(key) ?? withNobody(make);
  known.set(key, { lineup, judged, made });
  lineup.use(
    engines.map((engine) => {
      const each = judged.get(engine) ?? judge(engine);
      judged.set(engine, each);
      return each;
    }),
  );
  return made;
}

function withNobody<Engine, Failover>(make: Making<Engine, Failover>['make']): Made<Engine, Failover> {
  const lineup = new Lineup<Engine>([]);
  return { lineup, judged: new Map(), made: make(lineup) };
}
