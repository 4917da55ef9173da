/**
 * Engines that are not asked at the moment, and how they get back: one that is benched in calls is tried until it is
 * well; one that somebody has taken out by hand is left alone until somebody puts it back. Any of them may be tried now.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Bench } from '../../engines/resilience/engine-health.ts';
import { FAULT_RULES } from '../../engines/resilience/faults.ts';
import { HealthBook, type HealthListener } from '../../engines/resilience/health-book.ts';
import type { HealthThresholds } from '../../engines/resilience/health-window.ts';
import type { Subject } from '../../engines/resilience/operations.ts';
import type { TaskState } from './direction-trial.ts';
import type { EngineTrials } from './engine-trials.ts';
import type { InterpretingEvent } from './interpreting-view.ts';
import type { TrialTask } from './trial-tasks.ts';

export interface EngineBenchDeps {
  readonly trials: EngineTrials;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all trials. */
  readonly scope: Scope;
  readonly tell: (event: InterpretingEvent) => void;
  /** An engine is benched or back. */
  readonly changed: (subject: Subject) => void;
  /** Something was found out about what engines can do. */
  readonly found: (signal: AbortSignal) => void;
}

export class EngineBench implements HealthListener {
  /** The health of all engines. */
  readonly health: HealthBook;
  readonly #deps: EngineBenchDeps;
  /** Engines on the bench that are being tried until they are well. */
  readonly #probed = new Set<string>();
  /** Engines that are being tried because somebody asked. */
  readonly #tested = new Map<string, Promise<readonly TrialTask[]>>();

  constructor(deps: EngineBenchDeps, thresholds?: Partial<HealthThresholds>) {
    this.#deps = deps;
    this.health = new HealthBook(deps.clock, this, thresholds);
  }

  benched(subject: Subject, bench: Bench): void {
    const { component, engine } = subject;
    const { changed, tell, log, scope, clock } = this.#deps;
    const { fault, tryAtMs, strict } = bench;
    changed(subject);
    if (tryAtMs === undefined) {
      tell({ type: 'benched', component, engine, fault: fault.kind });
      log.warn({ component, engine }, 'an engine is taken out by hand: it is not asked until it is put back');
      return;
    }
    const key = keyOf(subject);
    if (this.#probed.has(key)) {
      return;
    }
    this.#probed.add(key);
    const { lasting, severity } = FAULT_RULES[fault.kind];
    const triedInMs = Math.round(tryAtMs - clock.nowMs());
    tell({ type: 'benched', component, engine, fault: fault.kind });
    const about = { component, engine, kind: fault.kind, severity, strict, triedInMs };
    const line = { ...about, reason: messageOf(fault.error) };
    if (lasting) {
      log.error(line, 'an engine is not asked any more until it is mended');
    } else {
      log.warn(line, 'an engine is benched: others are asked first');
    }
    scope.run((signal) => this.#probe(subject, signal).finally(() => this.#probed.delete(key)));
  }

  back(subject: Subject): void {
    const { component, engine } = subject;
    const { log, tell, changed } = this.#deps;
    log.info({ component, engine }, 'an engine is well again and is asked again');
    tell({ type: 'back', component, engine });
    changed(subject);
  }

  /**
   * Has an engine do now all that it is there for, one after the other; who asks while that goes on has the same answer.
   * Resolves with its tasks; one that was benched and does what it should is back. @throws when all is being closed.
   */
  test(subject: Subject): Promise<readonly TrialTask[]> {
    const key = keyOf(subject);
    const testing =
      this.#tested.get(key) ??
      this.#test(subject, this.#deps.scope.signal).finally(() => this.#tested.delete(key));
    this.#tested.set(key, testing);
    return testing;
  }

  /** Tries an engine on the bench until it is off, or taken out by hand. */
  async #probe(subject: Subject, signal: AbortSignal): Promise<void> {
    const { clock, trials, found } = this.#deps;
    const benchOf = (): Bench | undefined => this.health.bench(subject.component, { name: subject.engine });
    for (let bench = benchOf(); bench?.tryAtMs !== undefined; bench = benchOf()) {
      await clock.sleep(Math.max(0, bench.tryAtMs - clock.nowMs()), signal);
      const task = trials.taskOf(subject);
      if (task === undefined || benchOf()?.tryAtMs === undefined) {
        return;
      }
      this.#tried(subject, await trials.try(task, signal));
      found(signal);
    }
  }

  async #test(subject: Subject, signal: AbortSignal): Promise<readonly TrialTask[]> {
    const { trials, found } = this.#deps;
    const tasks = trials.tasksOf(subject);
    const states = await Promise.all(tasks.map((task) => trials.try(task, signal)));
    const [ill = { type: 'works', ms: 0 } as const] = states.filter(({ type }) => type !== 'works');
    if (this.health.bench(subject.component, { name: subject.engine }) !== undefined) {
      this.#tried(subject, ill);
    }
    found(signal);
    return tasks;
  }

  #tried(subject: Subject, state: TaskState): void {
    this.health.tried(subject, state.type === 'works' ? undefined : errorOf(state));
  }
}

function keyOf({ component, engine }: Subject): string {
  return `${component} ${engine}`;
}

/** What an engine failed with when it was tried. */
function errorOf(state: TaskState): unknown {
  switch (state.type) {
    case 'failed':
      return state.error;
    case 'unable':
      return new AppError(state.passing ? 'engine-start-failed' : 'engine-refused', state.reason);
    case 'works':
    case 'untried':
      return new AppError('engine-timeout', 'it was not tried');
  }
}
