/**
 * Several engines as one, of the same interface: what the best cannot do another does, in mid-call and in
 * mid-sentence. All calls share what is known of the engines, so that only the first has to find out.
 */

import type { Language } from '../../base/language.ts';
import type { MtEngine, MtRequest } from '../mt/mt-engine.ts';
import { type Component, SUPPORTED, type Support, unsupported } from '../support.ts';
import { NO_TRAITS, renderingFor, type SpokenVoice, type VoiceTraits } from '../tts/spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts/tts-engine.ts';
import { ruleOf } from './faults.ts';
import { traitsOfAll, UnknownVoices, type VoiceOfRequest, voicesFor } from './likest-voice.ts';
import { askAround, type FailoverDeps, LATE_LIMITS, type Lineup } from './lineup.ts';
import { PursuedSpeech, type SpeechOpener } from './pursued-speech.ts';
import { SpokenRate, unspokenOf } from './unspoken.ts';

export class FailoverMt implements MtEngine {
  readonly #lineup: Lineup<MtEngine>;
  readonly #deps: FailoverDeps;

  constructor(lineup: Lineup<MtEngine>, deps: FailoverDeps) {
    this.#lineup = lineup;
    this.#deps = deps;
  }

  get name(): string {
    return namesOf(this.#lineup.engines);
  }

  supports(from: Language, to: Language): Promise<Support> {
    return anySupports(this.#lineup.engines, (engine) => engine.supports(from, to));
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    const { answer } = await askAround(
      this.#deps,
      {
        component: 'mt',
        engines: this.#lineup.engines,
        operation: 'translate',
        lateMs: (this.#deps.late ?? LATE_LIMITS).translationLateMs,
        canBeShort: ({ usesContext }) => usesContext === true && request.context.length > 0,
        ask: (engine, own, short) => engine.translate(short ? { ...request, context: [] } : request, own),
        failedOver: request.failedOver,
      },
      signal,
    );
    return answer;
  }

  /** Resolves when one of them is well again; undefined while one is not known to be ill, or somebody has to act first. */
  whenBack(signal: AbortSignal): Promise<void> | undefined {
    return whenBack(this.#deps, 'mt', this.#lineup, signal);
  }

  /** The engines belong to whoever made them. */
  async close(): Promise<void> {}
}

export class FailoverTts implements TtsEngine {
  readonly #lineup: Lineup<TtsEngine>;
  readonly #deps: FailoverDeps;
  readonly #rate = new SpokenRate();
  readonly #notTheirs: UnknownVoices;

  constructor(lineup: Lineup<TtsEngine>, deps: FailoverDeps) {
    this.#lineup = lineup;
    this.#deps = deps;
    this.#notTheirs = new UnknownVoices(deps.clock);
  }

  get name(): string {
    return namesOf(this.#lineup.engines);
  }

  get hasRoom(): boolean {
    const [next] = this.#deps.health.askable('tts', this.#lineup.engines);
    return next?.hasRoom ?? true;
  }

  /** What each of them takes: any may have to. */
  get traits(): VoiceTraits {
    return traitsOfAll(this.#lineup.engines.map(({ traits }) => traits ?? NO_TRAITS));
  }

  /** What each of them reads: any may have to. */
  reads(language: Language): Reads {
    const all = this.#lineup.engines.map((engine) => engine.reads?.(language) ?? 'everything');
    return all.find((reads) => reads === 'words') ?? all.find((reads) => reads === 'numbers') ?? 'everything';
  }

  supports(language: Language): Promise<Support> {
    return anySupports(this.#lineup.engines, (engine) => engine.supports(language));
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    const speech = await PursuedSpeech.open(request, this.#opener, this.#deps, signal);
    return { rateHz: speech.rateHz, pieces: speech.pieces() };
  }

  /** As {@link FailoverMt.whenBack}. */
  whenBack(signal: AbortSignal): Promise<void> | undefined {
    return whenBack(this.#deps, 'tts', this.#lineup, signal);
  }

  /** The engines belong to whoever made them. */
  async close(): Promise<void> {}

  readonly #opener: SpeechOpener = {
    open: async (request, without, signal) => {
      const all = this.#ownVoiceFirst(this.#lineup.engines, request.voice);
      const engines = all.filter(({ name }) => !without.has(name));
      const { answer, engine } = await askAround(
        this.#deps,
        {
          component: 'tts',
          engines,
          operation: 'first-sound',
          lateMs: (this.#deps.late ?? LATE_LIMITS).firstSoundLateMs,
          ask: (each, own) => this.#inSomeVoice(each, request, each !== all[0], own, signal),
          discard: (opened) => opened.stop(),
          failedOver: request.failedOver,
        },
        signal,
      );
      request.spokenBy?.(engine.name, answer.isOwnVoice);
      return { ...answer, engine: engine.name };
    },
    canOpen: (without) =>
      this.#deps.health.askable('tts', this.#lineup.engines).some(({ name }) => !without.has(name)),
    unspoken: (engine, text, language, spokenMs) =>
      unspokenOf(text, this.#rate.msPerCharacter(engine, language), spokenMs),
    spoken: (...spoken) => this.#rate.learn(...spoken),
  };

  /** Those before the others that have the person's own voice, as far as is known. */
  #ownVoiceFirst(engines: readonly TtsEngine[], voice: SpokenVoice | undefined): readonly TtsEngine[] {
    const own = engines.filter(({ name }) => {
      const rendering = renderingFor(name, voice);
      return rendering?.isOwn === true && this.#notTheirs.mayHave(name, rendering.ref);
    });
    return own.length === 0 ? engines : [...own, ...engines.filter((engine) => !own.includes(engine))];
  }

  /**
   * An engine that does not have the voice speaks with the next best: better another voice than none.
   * @param isBackup it takes over from another: what it fails at with a voice may be the voice.
   */
  async #inSomeVoice(
    engine: TtsEngine,
    request: TtsRequest,
    isBackup: boolean,
    own: AbortSignal,
    signal: AbortSignal,
  ): Promise<SpokenSound> {
    const { voice, ...voiceless } = request;
    const { likest, neutral } = voicesFor(engine.name, voice);
    const refused: RefusedVoice[] = [];
    const speakAs = async (said: VoiceOfRequest): Promise<SpokenSound> => {
      const speech = await firstSound(engine, { ...voiceless, ...said }, own, signal);
      for (const { called, error } of refused) {
        this.#notTheirs.learn(engine.name, called);
        this.#deps.steps.voiceRefused(engine.name, error);
      }
      return { ...speech, isOwnVoice: said.voice?.renderings?.[0]?.isOwn === true };
    };
    for (const { called, said } of this.#notTheirs.without(engine.name, likest)) {
      try {
        return await speakAs(said);
      } catch (error) {
        const { blames } = ruleOf(error);
        if (
          own.aborted ||
          !(blames === 'voice' || blames === 'request' || (isBackup && blames === 'engine'))
        ) {
          throw error;
        }
        refused.push({ called, error });
      }
    }
    return await speakAs(neutral);
  }
}

/** A voice that an engine did not speak with. */
interface RefusedVoice {
  readonly called: string;
  readonly error: unknown;
}

/** Speech of which the first piece is there. */
interface FirstSound {
  readonly rateHz: number;
  readonly first: Int16Array | undefined;
  readonly rest: AsyncIterator<Int16Array>;
  stop(): void;
}

interface SpokenSound extends FirstSound {
  /** Whether it is the engine's own voice of the person. */
  readonly isOwnVoice: boolean;
}

/** @param own ends it while it is waited for. @param signal ends it at any time. */
async function firstSound(
  engine: TtsEngine,
  request: TtsRequest,
  own: AbortSignal,
  signal: AbortSignal,
): Promise<FirstSound> {
  const stop = new AbortController();
  const either = AbortSignal.any([own, signal, stop.signal]);
  const { rateHz, pieces } = await engine.synthesize(request, either);
  const rest = pieces[Symbol.asyncIterator]();
  const first = await rest.next();
  return { rateHz, first: first.done === true ? undefined : first.value, rest, stop: () => stop.abort() };
}

function whenBack(
  { health }: FailoverDeps,
  component: Component,
  lineup: Lineup<{ readonly name: string }>,
  signal: AbortSignal,
): Promise<void> | undefined {
  return health.areAway(component, lineup.engines)
    ? health.ready(component, () => lineup.engines, signal)
    : undefined;
}

function namesOf(engines: readonly { readonly name: string }[]): string {
  return engines[0]?.name ?? 'no engine';
}

export async function anySupports<Engine>(
  engines: readonly Engine[],
  ask: (engine: Engine) => Promise<Support>,
): Promise<Support> {
  let last: Support = unsupported('there is no engine');
  for (const engine of engines) {
    last = await ask(engine);
    if (last.supported) {
      return SUPPORTED;
    }
  }
  return last;
}
