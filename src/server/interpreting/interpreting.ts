/**
 * What interprets here: engines chosen, tried and warmed for every direction of the configuration, announcements
 * spoken, glossaries read. Calls need not wait for it: a direction is interpreted from the moment at which it is
 * served, and what an engine did not do is tried again until it does. Running calls get what they lacked. An engine
 * that is benched in calls is tried, too, until it is well.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { AnnouncedFact, Announcement, AnnouncementBook } from '../../call/announcing.ts';
import type { InterpreterBook } from '../../call/call-interpreting.ts';
import type { GlossaryBook } from '../../call/plan.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import { EngineRecords } from '../../engines/resilience/engine-records.ts';
import type { EngineHealthView, HealthBook } from '../../engines/resilience/health-book.ts';
import type { HealthThresholds } from '../../engines/resilience/health-window.ts';
import type { LateLimits } from '../../engines/resilience/lineup.ts';
import type { Observation, Subject } from '../../engines/resilience/operations.ts';
import { type KeptStep, RecoverySteps } from '../../engines/resilience/recovery-steps.ts';
import type { Component } from '../../engines/support.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import { prepareExactness } from '../../interpret/exactness/prepare-exactness.ts';
import type { VoiceBook } from '../../interpret/manner/choose-voice.ts';
import { writtenOut } from '../../interpret/text/written-out.ts';
import { type AnnouncementWish, openAnnouncements } from './announcements.ts';
import type { DirectionTrial, TaskState, WorkingEngines } from './direction-trial.ts';
import { type Direction, keyOf } from './directions.ts';
import { EngineBench } from './engine-bench.ts';
import type { EngineControl } from './engine-control.ts';
import { EngineTrials } from './engine-trials.ts';
import { idleGlossaries, readGlossaries } from './glossaries.ts';
import { InterpreterFactory } from './interpreter-factory.ts';
import type { InterpretingSettings } from './interpreting-settings.ts';
import type {
  DirectionView,
  InterpretingEvent,
  InterpretingListener,
  InterpretingState,
  InterpretingView,
  SpeakingTools,
  TaskView,
} from './interpreting-view.ts';
import { RETRY_PAUSES, type RetryPauses, retryPauseMs } from './retry-pause.ts';
import type { TrialTask } from './trial-tasks.ts';
import { VoiceRegisters } from './voice-registers.ts';

/** What tests make shorter. */
export interface InterpretingLimits {
  /** How long any engine may take over one task, in ms; default as `EngineTrials` has it. */
  readonly trialLimitMs?: number;
  readonly pauses?: RetryPauses;
  /** What engines are judged by; what is left out is as {@link HEALTH_THRESHOLDS} says. */
  readonly thresholds?: Partial<HealthThresholds>;
  /** Default {@link LATE_LIMITS}. */
  readonly late?: LateLimits;
}

type Served = Extract<DirectionTrial, { type: 'served' }>;
type Unserved = Extract<DirectionTrial, { type: 'unserved' }>;

export class Interpreting implements InterpretingView, EngineControl, Counted {
  readonly counts = {};
  /** The terms agreed for one direction. */
  readonly glossary: GlossaryBook;
  readonly #settings: InterpretingSettings;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #pauses: RetryPauses;
  readonly #records: EngineRecords;
  readonly #steps: RecoverySteps;
  readonly #bench: EngineBench;
  readonly #health: HealthBook;
  readonly #trials: EngineTrials;
  readonly #factory: InterpreterFactory;
  readonly #registers: VoiceRegisters;
  readonly #scope: Scope;
  /** By direction, what interprets it. */
  readonly #served = new Map<string, Served>();
  /** By direction, what interprets it while its fused interpreter cannot. */
  readonly #backups = new Map<string, Served>();
  readonly #announcements: Readonly<Record<AnnouncedFact, Map<Language, Announcement>>> = {
    interpreter: new Map(),
    recording: new Map(),
    enrolment: new Map(),
    'agent-failed': new Map(),
  };
  /** How often each task has been tried. */
  readonly #tries = new Map<TrialTask, number>();
  /** Those who hear of what engines do in calls. */
  readonly #watching = new Set<(observation: Observation) => void>();
  /** Tasks that cannot be done and were told of. */
  readonly #told = new Set<string>();
  readonly #listeners = new Set<InterpretingListener>();
  #check: Timer | undefined;
  #changed: () => void = () => {};
  /** Resolves when what was found so far is put to use. */
  #settled: Promise<void> = Promise.resolve();
  #firstRoundOver = false;

  /**
   * Reads the glossaries and makes the engines; tries none before {@link start}.
   * @throws AppError `engine-unknown`, `bad-option` or `file-unreadable` for what is configured wrongly.
   */
  constructor(settings: InterpretingSettings, log: Log, clock: Clock, limits: InterpretingLimits = {}) {
    this.glossary = readGlossaries(settings);
    this.#settings = settings;
    this.#log = log;
    this.#clock = clock;
    this.#pauses = limits.pauses ?? RETRY_PAUSES;
    this.#records = new EngineRecords(clock);
    this.#trials = new EngineTrials(settings, {
      clock,
      log,
      onObservation: this.#records.observe,
      ...(limits.trialLimitMs === undefined ? {} : { limitMs: limits.trialLimitMs }),
    });
    this.#steps = new RecoverySteps(clock, log, (step) => this.#tell({ type: 'step', step }));
    this.#scope = new Scope((error) =>
      log.error({ error }, 'something of ours failed while engines were tried'),
    );
    this.#bench = new EngineBench(
      {
        ...{ clock, log, trials: this.#trials, scope: this.#scope },
        tell: (event) => this.#tell(event),
        changed: (subject) => this.#interpreterChanged(subject),
        found: (signal) => this.#found(signal),
      },
      limits.thresholds,
    );
    this.#health = this.#bench.health;
    this.#factory = new InterpreterFactory(
      {
        clock,
        health: this.#health,
        steps: this.#steps,
        usualMs: this.#records.usualMs,
        ...(limits.late === undefined ? {} : { late: limits.late }),
      },
      (observation) => {
        for (const listener of this.#watching) {
          listener(observation);
        }
      },
    );
    this.#registers = new VoiceRegisters(settings, clock, log);
    for (const pair of idleGlossaries(settings, this.#trials.directions)) {
      log.warn({ glossary: pair }, 'a glossary is for nothing that is interpreted here');
    }
    for (const { from, to } of this.#trials.directions) {
      // Made in a call, it would hold up the frames of all calls for tens of ms.
      prepareExactness(from, to);
      writtenOut('24.12.2024, 14:30, 5 km, 2 €', to, 'words');
    }
  }

  get parts(): readonly Counted[] {
    return [this.#trials, this.#steps];
  }

  /** What interprets a direction; undefined where nothing does (yet) and the voice is let through. */
  readonly interpreters: InterpreterBook = (from, to) => this.#factory.of({ from, to });

  /** The voices of a language that are known to be high or low; they become more after {@link start}. */
  get voices(): VoiceBook {
    return this.#registers.of;
  }

  /** What those who speak a language are told when their call begins to be interpreted. */
  readonly announcements: AnnouncementBook = (language, fact) => this.#announcements[fact].get(language);

  /**
   * Begins to try the engines, and goes on with each until it does what it is there for. Resolves when each was tried
   * once.
   * @param changed hears of each change of what interprets; running calls are to ask again then.
   * @throws AppError `language-unsupported` naming everything that is missing and cannot come back by itself, unless
   *   such voices are to be let through; the reason of the signal, which ends the waiting only, or of the closing.
   */
  async start(changed: () => void, signal: AbortSignal): Promise<void> {
    this.#scope.signal.throwIfAborted();
    this.#changed = changed;
    this.#checkLater();
    const { tasks } = this.#trials;
    const first = tasks.map(
      (task) =>
        new Promise<void>((resolve) => {
          this.#scope.run((closing) => this.#keepTrying(task, resolve, closing).finally(resolve));
        }),
    );
    await abortable(Promise.all(first), signal);
    await abortable(this.#settled, signal);
    this.#scope.signal.throwIfAborted();
    this.#firstRoundOver = true;
    this.#judge();
  }

  get state(): InterpretingState {
    const states = this.#trials.tasks.map(this.#trials.stateOf);
    if (!this.#firstRoundOver) {
      return 'starting';
    }
    // What an engine says it cannot do is no fault; what it should and does not is.
    const ill = states.some((state) => state.type === 'failed' || (state.type === 'unable' && state.passing));
    return ill || this.#health.engines().some(({ bench }) => bench !== undefined) ? 'degraded' : 'ready';
  }

  directions(): readonly DirectionView[] {
    return this.#trials.directions.map((direction) => {
      const voice = this.#settings.ttsVoices.get(direction.to);
      const served = this.#served.get(keyOf(direction));
      if (served !== undefined) {
        const spoken = voice === undefined ? {} : { voice };
        const reasons = this.#benchedOf(served.engines);
        const state = reasons.length > 0 ? 'unserved' : 'served';
        return { ...direction, state, ...this.#namesNow(served.engines), ...spoken, reasons };
      }
      const trial = this.#trials.of(direction);
      return trial.type === 'unserved'
        ? { ...direction, state: 'unserved', reasons: trial.reasons }
        : { ...direction, state: 'pending', reasons: [] };
    });
  }

  tasks(): readonly TaskView[] {
    return this.#trials.tasks.map(this.#view);
  }

  async test(subject: Subject): Promise<readonly TaskView[] | undefined> {
    return this.#isThere(subject) ? (await this.#bench.test(subject)).map(this.#view) : undefined;
  }

  takeOut(subject: Subject): boolean {
    return this.#isThere(subject) && this.#health.takeOut(subject);
  }

  putBack(subject: Subject): boolean {
    return this.#isThere(subject) && this.#health.putBack(subject);
  }

  #isThere(subject: Subject): boolean {
    return this.#trials.tasksOf(subject).length > 0;
  }

  readonly #view = (task: TrialTask): TaskView => {
    const { component, engine } = task;
    const tries = this.#tries.get(task) ?? 0;
    return { component, engine, task: task.task, tries, ...viewOf(this.#trials.stateOf(task)) };
  };

  engines(): ReturnType<EngineRecords['records']> {
    return this.#records.records();
  }

  health(): readonly EngineHealthView[] {
    return this.#health.engines();
  }

  steps(): readonly KeptStep[] {
    return this.#steps.latest;
  }

  speaking(language: Language): SpeakingTools | undefined {
    const tts = this.#factory.voiceOf(language);
    return tts === undefined ? undefined : { tts, voice: this.#settings.ttsVoices.get(language) };
  }

  cloners(): readonly VoiceCloner[] {
    return this.#trials.cloners;
  }

  translation(from: Language, to: Language): MtEngine | undefined {
    return this.#factory.translationOf({ from, to });
  }

  watchEngines(listener: InterpretingListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  watch(listener: (observation: Observation) => void, signal: AbortSignal): void {
    this.#watching.add(listener);
    signal.addEventListener('abort', () => this.#watching.delete(listener), { once: true });
  }

  /** Ends the trials that run, and all engines. Idempotent. */
  async close(): Promise<void> {
    this.#check?.cancel();
    await Promise.all([this.#scope.close(), this.#trials.close()]);
  }

  /** Tries a task until it is done. @param tried hears of the first outcome. */
  async #keepTrying(task: TrialTask, tried: () => void, signal: AbortSignal): Promise<void> {
    const { component, engine } = task;
    const about = { component, engine, task: task.task };
    for (let tries = 1; ; tries += 1) {
      const before = this.#trials.stateOf(task);
      const state = await this.#trials.try(task, signal);
      this.#tries.set(task, tries);
      if (state.type === 'failed' && !(before.type === 'failed' && before.reason === state.reason)) {
        const { reason } = state;
        this.#log.warn({ ...about, reason }, 'an engine cannot be used and is left out');
      } else if (state.type === 'works' && tries > 1) {
        this.#log.info({ ...about, tries }, 'an engine that was left out works now');
      }
      this.#found(signal);
      tried();
      if (state.type === 'works' || state.type === 'untried') {
        return;
      }
      const pauseMs = retryPauseMs(tries, state.passing, Math.random(), this.#pauses);
      this.#log.debug({ ...about, tries, pauseMs: Math.round(pauseMs) }, 'an engine is tried again later');
      await this.#clock.sleep(pauseMs, signal);
    }
  }

  /** Looks at how engines do, for as long as there are any. */
  #checkLater(): void {
    this.#check = this.#clock.at(this.#clock.nowMs() + this.#health.thresholds.checkEveryMs, () => {
      this.#health.check();
      this.#checkLater();
    });
  }

  #tell(event: InterpretingEvent): void {
    for (const listener of this.#listeners) {
      listener(event);
    }
  }

  /** Where there is a backup, a fused interpreter that is benched or back means another interpreter. */
  #interpreterChanged({ component }: Subject): void {
    if (component === 's2s' && this.#backups.size > 0) {
      this.#changed();
    }
  }

  /** Puts to use what was found out, after what was found out before. */
  #found(signal: AbortSignal): void {
    this.#settled = this.#settled.then(() => this.#settle(signal)).catch(this.#unlessClosing);
  }

  /** Who serves at the moment, by component. */
  #namesNow(engines: WorkingEngines): Readonly<Record<string, string>> {
    return {
      ...namesOf(engines),
      ...Object.fromEntries(
        listsOf(engines).flatMap(([component, list]) => {
          const [now] = this.#health.askable(component, list, component === 'stt');
          return now === undefined || component === 's2s' ? [] : [[component, now.name]];
        }),
      ),
    };
  }

  /** Why nobody can be asked at the moment, where that is so. */
  #benchedOf(engines: WorkingEngines): readonly string[] {
    return listsOf(engines).flatMap(([component, list]) => {
      const isStream = component === 'stt' || component === 's2s';
      const [best] = list;
      const bench = best === undefined ? undefined : this.#health.bench(component, best);
      const someone = this.#health.askable(component, list, isStream).length > 0;
      return bench === undefined || someone ? [] : [messageOf(bench.fault.error)];
    });
  }

  readonly #unlessClosing = (error: unknown): void => {
    if (!this.#scope.signal.aborted) {
      this.#log.error({ error }, 'something of ours failed while engines were tried');
    }
  };

  /** Puts to use what was found since the last time. One at a time. */
  async #settle(signal: AbortSignal): Promise<void> {
    const fresh = new Map<string, { readonly direction: Direction; readonly trial: Served }>();
    let news = false;
    for (const direction of this.#trials.directions) {
      const backup = this.#trials.backupOf(direction);
      const first = this.#trials.of(direction);
      // A call does not begin with the backup because the interpreter took a moment longer to be tried.
      const [trial] = [first, first.type === 'pending' ? undefined : backup].filter(isServed);
      if (backup?.type === 'served' && !this.#isBackup(direction, backup)) {
        this.#backups.set(keyOf(direction), backup);
        news = true;
      }
      if (trial !== undefined) {
        this.#tellOfUnable(direction, trial);
        const before = this.#served.get(keyOf(direction));
        if (before === undefined || !sameEngines(before.engines, trial.engines)) {
          fresh.set(keyOf(direction), { direction, trial });
        }
      }
    }
    if (fresh.size === 0 && !news) {
      return;
    }
    await this.#announce([...fresh.values()], signal);
    for (const [key, { direction, trial }] of fresh) {
      const before = this.#served.get(key);
      this.#served.set(key, trial);
      const names = namesOf(trial.engines);
      if (before === undefined || JSON.stringify(namesOf(before.engines)) !== JSON.stringify(names)) {
        this.#log.info({ ...direction, ...names }, 'interpreting');
      }
    }
    this.#factory.use(
      this.#trials.directions.flatMap((direction) => {
        const engines = this.#served.get(keyOf(direction))?.engines;
        const backup = this.#backups.get(keyOf(direction))?.engines;
        return engines === undefined
          ? []
          : [{ direction, engines, ...(backup === undefined ? {} : { backup }) }];
      }),
    );
    this.#changed();
    for (const { direction, trial } of fresh.values()) {
      this.#scope.run((closing) => this.#learnVoices(direction.to, trial.engines.tts ?? [], closing));
    }
  }

  /** Calls go on meanwhile with the voice that each language has. */
  async #learnVoices(to: Language, engines: readonly TtsEngine[], signal: AbortSignal): Promise<void> {
    if (await this.#registers.learn(to, engines, signal)) {
      this.#changed();
    }
  }

  #isBackup(direction: Direction, { engines }: Served): boolean {
    const before = this.#backups.get(keyOf(direction));
    return before !== undefined && sameEngines(before.engines, engines);
  }

  /** Says once of each engine that it was preferred and cannot. */
  #tellOfUnable(direction: Direction, { passedOver }: Served): void {
    for (const { component, engine, reason } of passedOver) {
      const key = `${component} ${engine} ${reason}`;
      if (!this.#told.has(key)) {
        this.#told.add(key);
        this.#log.warn(
          { ...direction, component, engine, reason },
          'an engine cannot be used and is left out',
        );
      }
    }
  }

  /** Says what is missing when everything was tried once. @throws AppError when that cannot be served. */
  #judge(): void {
    const unserved = this.#trials.directions.flatMap((direction) => {
      const trial = this.#trials.of(direction);
      const hasBackup = this.#trials.backupOf(direction)?.type === 'served';
      return trial.type === 'unserved' && !hasBackup ? [{ direction, trial }] : [];
    });
    const never = unserved.filter(({ trial }) => !trial.passing);
    if (this.#settings.untranslatable === 'refuse' && never.length > 0) {
      throw new AppError('language-unsupported', explain(reasonsOf(never.map(({ trial }) => trial))));
    }
    for (const { direction, trial } of unserved) {
      const { reasons, passing } = trial;
      this.#log.warn(
        { ...direction, reasons, triedAgain: passing },
        'nothing interprets this direction: voices are heard as they are',
      );
    }
  }

  /** Makes the announcements that are missing, in languages that are interpreted from now on. */
  async #announce(
    fresh: readonly { readonly direction: Direction; readonly trial: Served }[],
    signal: AbortSignal,
  ): Promise<void> {
    const voices = new Map<Language, readonly TtsEngine[]>();
    for (const { direction, trial } of fresh) {
      if (trial.engines.tts !== undefined) {
        voices.set(direction.to, trial.engines.tts);
      }
    }
    const languages = fresh.flatMap(({ direction: { from, to } }) => [from, to]);
    const { announcement, announce, recordAnnouncement = false, recordAnnounce, ttsVoices } = this.#settings;
    const { enrolmentAnnouncement = false, agentAnnouncement = false } = this.#settings;
    const wishes: readonly AnnouncementWish[] = [
      { fact: 'interpreter', wanted: announcement, own: announce, voices: ttsVoices },
      {
        ...{ fact: 'recording', wanted: recordAnnouncement, own: recordAnnounce ?? new Map() },
        voices: ttsVoices,
      },
      { fact: 'enrolment', wanted: enrolmentAnnouncement, own: new Map(), voices: ttsVoices },
      { fact: 'agent-failed', wanted: agentAnnouncement, own: new Map(), voices: ttsVoices },
    ];
    for (const wish of wishes) {
      const announcements = this.#announcements[wish.fact];
      const made = await openAnnouncements(
        wish,
        new Set(languages.filter((language) => !announcements.has(language))),
        (language) => voices.get(language) ?? this.#trials.voices,
        this.#clock,
        this.#log,
        signal,
      );
      for (const [language, spoken] of made) {
        announcements.set(language, spoken);
      }
    }
  }
}

/** The names of the engines that are used. */
function namesOf(engines: WorkingEngines): Readonly<Record<string, string>> {
  if (engines.type === 'fused') {
    const { translator, tts } = engines;
    return { interpreter: translator.name, ...(tts === undefined ? {} : { tts: tts[0].name }) };
  }
  const { stt, mt, tts } = engines;
  return { stt: stt[0].name, mt: mt[0].name, tts: tts[0].name };
}

/** All engines that are used, by component, best first. */
function listsOf(
  engines: WorkingEngines,
): readonly (readonly [Component, readonly { readonly name: string }[]])[] {
  const tts = ['tts', engines.tts ?? []] as const;
  return engines.type === 'fused'
    ? [['s2s', [engines.translator]], ...(engines.tts === undefined ? [] : [tts])]
    : [['stt', engines.stt], ['mt', engines.mt], tts];
}

function isServed(trial: DirectionTrial | undefined): trial is Served {
  return trial?.type === 'served';
}

function sameEngines(a: WorkingEngines, b: WorkingEngines): boolean {
  const names = (engines: WorkingEngines): string =>
    JSON.stringify(listsOf(engines).map(([, list]) => list.map(({ name }) => name)));
  return names(a) === names(b);
}

function viewOf(state: TaskState): Pick<TaskView, 'state' | 'ms' | 'reason'> {
  switch (state.type) {
    case 'works':
      return { state: 'works', ms: state.ms };
    case 'unable':
      return { state: state.passing ? 'failed' : 'unable', reason: state.reason };
    case 'failed':
      return { state: 'failed', reason: state.reason };
    case 'untried':
      return { state: 'untried' };
  }
}

function reasonsOf(unserved: readonly Unserved[]): readonly string[] {
  return [...new Set(unserved.flatMap(({ reasons }) => reasons))];
}

function explain(reasons: readonly string[]): string {
  return [
    'not every direction can be interpreted:',
    ...reasons.map((reason) => `  ${reason}`),
    'mend that, or let these voices be heard as they are with --untranslatable passthrough, or translate only ' +
      'what the first party says with --mode unidirectional',
  ].join('\n');
}

/** Resolves with `promise`, or rejects with the reason of `signal` when that aborts first. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
