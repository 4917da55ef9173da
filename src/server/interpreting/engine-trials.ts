/**
 * Which engines do what they are there for: every engine of the configuration is asked, and what it says it can do is
 * tried for real, which also leaves it warm. Trials go side by side, each within seconds, so that an engine that is
 * silent costs nobody else anything; a trial may be asked for again at any time.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, codeOf, messageOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import {
  createEngines,
  createSpeechTranslator,
  type Engines,
  isOfThisMachine,
} from '../../engines/registry.ts';
import type { Observation, Subject } from '../../engines/resilience/operations.ts';
import type { SpeechTranslator } from '../../engines/s2s/speech-translator.ts';
import { speechIn } from '../../engines/try-out.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import { type DirectionTrial, directionTrial, type TaskState } from './direction-trial.ts';
import { type Direction, directionsOf, keyOf } from './directions.ts';
import { type InterpretingSettings, usesCascade } from './interpreting-settings.ts';
import { TrialQueue } from './trial-queue.ts';
import { type Candidates, type TrialTask, TrialTasks } from './trial-tasks.ts';

/** How long a provider may take over one task, in ms. */
const PROVIDER_LIMIT_MS = 10_000;
/**
 * As long for an engine of this machine, which is never silent but may have models to load while all is busy, in ms.
 */
const MACHINE_LIMIT_MS = 60_000;
/** The share of a provider's limit that the making of something to recognise may take. */
const SPEECH_SHARE = 0.5;

export interface EngineTrialsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of everything that the engines do. Default nobody. */
  readonly onObservation?: (observation: Observation) => void;
  /**
   * How long any engine may take over one task, in ms. Default 10 s for a provider, 60 s for an engine of this
   * machine.
   */
  readonly limitMs?: number;
}

/** The engines of a configuration. Its owner closes it. */
export class EngineTrials implements Counted {
  readonly counts = {};
  /** In the order of the configuration. */
  readonly directions: readonly Direction[];
  readonly #engines: Engines;
  readonly #translators: readonly (SpeechTranslator & Counted)[];
  /** By direction. */
  readonly #candidates = new Map<string, Candidates>();
  readonly #tasks: TrialTasks;
  readonly #states = new Map<TrialTask, TaskState>();
  /** By component and engine. */
  readonly #queues = new Map<string, TrialQueue>();
  /** What recognisers are tried with. */
  readonly #speech = new Map<Language, Promise<Int16Array | undefined>>();
  /** By direction, what interprets it where a fused interpreter cannot. */
  readonly #backups = new Map<string, Candidates>();
  readonly #clock: Clock;
  readonly #limitMs: number | undefined;
  readonly #closing = new AbortController();

  /**
   * Makes the engines that `settings` name; starts none.
   * @throws AppError `engine-unknown`, or `bad-option` for one that lacks its key or address.
   */
  constructor(settings: InterpretingSettings, deps: EngineTrialsDeps) {
    const { interpreter, tts, sttModels, providers, ttsVoices } = settings;
    const { clock, log, onObservation, limitMs } = deps;
    const { stt, mt } = usesCascade(settings) ? settings : { stt: [], mt: [] };
    const common = { sttModels, ttsVoices, providers, clock, onObservation };
    this.directions = directionsOf(settings);
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#engines = createEngines({ stt, mt, tts, log, ...common });
    this.#tasks = new TrialTasks({
      voices: ttsVoices,
      clock,
      speechIn: (language) => this.#speechIn(language),
    });
    const translators: (SpeechTranslator & Counted)[] = [];
    for (const direction of this.directions) {
      if (interpreter === 'cascade') {
        this.#candidates.set(keyOf(direction), this.#tasks.cascade(direction, this.#engines));
      } else {
        // Each is made for one direction.
        const translator = createSpeechTranslator(interpreter, { ...direction, ...common });
        translators.push(translator);
        this.#candidates.set(keyOf(direction), this.#tasks.fused(direction, translator, this.#engines.tts));
        if (usesCascade(settings)) {
          this.#backups.set(keyOf(direction), this.#tasks.cascade(direction, this.#engines));
        }
      }
    }
    this.#translators = translators;
  }

  get parts(): readonly Counted[] {
    return [this.#engines, ...this.#translators];
  }

  /** Every synthesis engine of the configuration, best first, whether it works or not. */
  get voices(): readonly TtsEngine[] {
    return this.#engines.tts;
  }

  /** What makes voices of recordings, as far as is known by now. */
  get cloners(): readonly VoiceCloner[] {
    return this.#engines.cloners;
  }

  /** Everything that some engine must be able to do. */
  get tasks(): readonly TrialTask[] {
    return this.#tasks.all;
  }

  /** What is known of a task. */
  readonly stateOf = (task: TrialTask): TaskState => this.#states.get(task) ?? { type: 'untried' };

  /** What is known of a direction of the configuration. */
  of(direction: Direction): DirectionTrial {
    const candidates = this.#candidates.get(keyOf(direction));
    return candidates === undefined ? { type: 'pending' } : directionTrial(candidates, this.stateOf);
  }

  /** What is known of what interprets a direction where its fused interpreter cannot; undefined: nothing is to. */
  backupOf(direction: Direction): DirectionTrial | undefined {
    const candidates = this.#backups.get(keyOf(direction));
    return candidates === undefined ? undefined : directionTrial(candidates, this.stateOf);
  }

  /**
   * Has an engine do a task, and keeps what came of it. What waits in line behind a task that an engine was silent at
   * is not tried: it has the same outcome.
   * @throws the signal's reason, or that of the closing.
   */
  async try(task: TrialTask, signal: AbortSignal): Promise<TaskState> {
    // Each has a signal of its own: those who listen to one are few, however much is tried at once.
    const own = AbortSignal.any([signal, this.#closing.signal]);
    const state = await this.#queueOf(task).run(() => this.#try(task, own), own);
    this.#states.set(task, state);
    return state;
  }

  /** All that `subject` must be able to do; none when there is no such engine. */
  tasksOf({ component, engine }: Subject): readonly TrialTask[] {
    return this.tasks.filter((task) => task.component === component && task.engine === engine);
  }

  /** Something that `subject` did when it was tried, to try it with; undefined when it never did anything. */
  taskOf(subject: Subject): TrialTask | undefined {
    const own = this.tasksOf(subject);
    return own.find((task) => this.stateOf(task).type === 'works') ?? own[0];
  }

  /** Tries everything once, side by side. @throws as {@link try}. */
  async tryAll(signal: AbortSignal): Promise<void> {
    await Promise.all(this.tasks.map((task) => this.try(task, signal)));
  }

  /** Ends the trials that run, and all engines. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new AppError('closed', 'the engines are being closed'));
    await Promise.all([this.#engines.close(), ...this.#translators.map((translator) => translator.close())]);
  }

  async #try(task: TrialTask, signal: AbortSignal): Promise<TaskState> {
    const ofThisMachine = isOfThisMachine(task.component, task.engine);
    const limitMs = this.#limitMs ?? (ofThisMachine ? MACHINE_LIMIT_MS : PROVIDER_LIMIT_MS);
    const what = ofThisMachine ? 'this machine' : 'its server runs and';
    const late = `no answer within ${limitMs / 1_000} s: see whether ${what} is not overloaded`;
    try {
      return await withDeadline(this.#clock, limitMs, late, signal, async (inner): Promise<TaskState> => {
        const support = await task.supports();
        if (!support.supported) {
          return { type: 'unable', reason: support.reason, passing: support.passing ?? false };
        }
        const { ms, error } = await task.tryOut(inner);
        return error === undefined ? { type: 'works', ms } : failed(error);
      });
    } catch (error) {
      signal.throwIfAborted();
      return failed(error);
    }
  }

  #queueOf({ component, engine }: TrialTask): TrialQueue {
    const key = `${component} ${engine}`;
    const queue = this.#queues.get(key) ?? new TrialQueue();
    this.#queues.set(key, queue);
    return queue;
  }

  /** Made once for all recognisers, by the last engine of the list that can: it is the nearest, and costs least. */
  #speechIn(language: Language): Promise<Int16Array | undefined> {
    const known = this.#speech.get(language);
    if (known !== undefined) {
      return known;
    }
    const engines = this.#engines.tts.toReversed();
    const { signal } = this.#closing;
    const limitMs = (this.#limitMs ?? PROVIDER_LIMIT_MS) * SPEECH_SHARE;
    const speech = withDeadline(this.#clock, limitMs, 'no speech', signal, (inner) =>
      speechIn(language, engines, inner),
    )
      // Its own trial says what is wrong with an engine that does not speak.
      .catch(() => undefined)
      .then((made) => {
        if (made === undefined) {
          this.#speech.delete(language);
        }
        return made;
      });
    this.#speech.set(language, speech);
    return speech;
  }
}

function failed(error: unknown): TaskState {
  const passing = !(error instanceof AppError && error.permanent);
  return {
    type: 'failed',
    reason: messageOf(error),
    passing,
    silent: codeOf(error) === 'engine-timeout',
    error,
  };
}
