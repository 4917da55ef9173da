/**
 * Who may do something, best first, and whom to ask next when one of them fails or is late. An engine that may go
 * right a moment later is asked again, after pauses that double; then the next one is. Those on the bench are passed
 * over.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Component } from '../support.ts';
import { type Fault, faultOf, GivenUpError, ruleOf } from './faults.ts';
import { type Attempt, firstAnswer } from './first-answer.ts';
import type { HealthBook } from './health-book.ts';
import type { Operation } from './operations.ts';
import type { RecoverySteps } from './recovery-steps.ts';

/** Engines that do something, best first; whoever holds it sees what it becomes. */
export class Lineup<Engine> {
  #engines: readonly Engine[];

  constructor(engines: readonly Engine[]) {
    this.#engines = engines;
  }

  get engines(): readonly Engine[] {
    return this.#engines;
  }

  use(engines: readonly Engine[]): void {
    this.#engines = engines;
  }
}

/** How long an answer may take before another engine is asked as well, in ms. */
export interface LateLimits {
  /** A translation: one that takes longer lags behind the speaker. */
  readonly translationLateMs: number;
  /** The first sound of a text. */
  readonly firstSoundLateMs: number;
}

export const LATE_LIMITS: LateLimits = { translationLateMs: 1_200, firstSoundLateMs: 500 };

/** What all that fails over shares. */
export interface FailoverDeps {
  /** Default {@link LATE_LIMITS}. */
  readonly late?: LateLimits;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly steps: RecoverySteps;
  /** How long an engine usually takes over something, in ms; undefined before it has done it. */
  readonly usualMs: (component: Component, engine: string, operation: Operation) => number | undefined;
  /** 0 to 1. Default Math.random. */
  readonly chance?: () => number;
}

export interface AskOptions<Engine, Answer> {
  readonly component: Component;
  /** Best first; those on the bench included. */
  readonly engines: readonly Engine[];
  /** Whether streams are opened; see {@link HealthBook.askable}. */
  readonly streams?: boolean;
  /** What is asked for, and how long it may take before the next engine is asked as well, in ms, or twice the usual. */
  readonly operation: Operation;
  readonly lateMs: number;
  /** @param short whether to ask for the same in the shortest way: the engine is late, and there is no other. */
  readonly ask: (engine: Engine, signal: AbortSignal, short: boolean) => Promise<Answer>;
  /** Whether an engine has such a way. Default none has. */
  readonly canBeShort?: (engine: Engine) => boolean;
  readonly discard?: (answer: Answer) => void;
  /** Another engine than the first that was asked has answered. */
  readonly failedOver?: (() => void) | undefined;
}

/**
 * Times that an engine is asked for one thing: where there is nobody else, and where there is. For a stream the other
 * is asked at once: speech goes on meanwhile.
 */
const TRIES_ALONE = 3;
const TRIES = 2;
/** Pause before an engine is asked again, in ms: the first one, doubled each time, longer or shorter by chance. */
const AGAIN_AFTER_MS = 300;
const JITTER = 0.2;

/** What may have gone wrong before an answer came. */
interface Trouble {
  readonly engine: string;
  readonly error: unknown;
  readonly sinceMs: number;
}

interface EngineAttempt<Engine, Answer> extends Attempt<Answer> {
  readonly engine: Engine;
}

/**
 * Asks engines until one answers; resolves with the answer and whose it is.
 * @throws GivenUpError when none does; what the best engine is on the bench for, when none may be asked; the signal's
 * reason when it aborts first.
 */
export async function askAround<Engine extends { readonly name: string }, Answer>(
  deps: FailoverDeps,
  options: AskOptions<Engine, Answer>,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly engine: Engine }> {
  return await new Round(deps, options).ask(signal);
}

class Round<Engine extends { readonly name: string }, Answer> {
  readonly #deps: FailoverDeps;
  readonly #options: AskOptions<Engine, Answer>;
  readonly #left: Engine[];
  readonly #tries = new Map<Engine, number>();
  readonly #startMs: number;
  #trouble: Trouble | undefined;
  #lastFailed: { readonly engine: Engine; readonly error: unknown } | undefined;
  #latest: EngineAttempt<Engine, Answer> | undefined;
  #shortened = false;

  constructor(deps: FailoverDeps, options: AskOptions<Engine, Answer>) {
    const { component, engines, streams } = options;
    this.#deps = deps;
    this.#options = options;
    this.#startMs = deps.clock.nowMs();
    this.#left = [...deps.health.askable(component, engines, streams)];
  }

  async ask(signal: AbortSignal): Promise<{ readonly answer: Answer; readonly engine: Engine }> {
    const { component, engines } = this.#options;
    const [best] = engines;
    if (this.#left.length === 0 && best !== undefined) {
      const error = this.#deps.health.bench(component, best)?.fault.error;
      throw error instanceof AppError ? new GivenUpError(error) : error;
    }
    try {
      const { answer, attempt } = await firstAnswer<Answer, EngineAttempt<Engine, Answer>>(
        this.#deps.clock,
        signal,
        this.#next,
      );
      this.#took(attempt.engine, true);
      return { answer, engine: attempt.engine };
    } catch (error) {
      if (!signal.aborted && this.#latest !== undefined) {
        this.#took(this.#latest.engine, false);
      }
      throw error;
    }
  }

  readonly #next = (why: 'failed' | 'late' | undefined): EngineAttempt<Engine, Answer> | undefined => {
    const failed = why === 'failed' ? this.#lastFailed : undefined;
    if (failed !== undefined && ruleOf(failed.error).blames === 'text') {
      return undefined;
    }
    if (failed !== undefined && this.#mayTryAgain(failed.engine, failed.error)) {
      return this.#attempt(failed.engine, this.#pauseMs(failed.engine), this.#shortened);
    }
    const next = this.#left.shift();
    if (next !== undefined) {
      return this.#attempt(next, 0, false);
    }
    const { canBeShort } = this.#options;
    // Whoever was not asked is not late, and may be on the bench.
    const shorter = [...this.#tries.keys()].find((engine) => canBeShort?.(engine) === true);
    if (why === 'late' && !this.#shortened && shorter !== undefined) {
      this.#shortened = true;
      return this.#attempt(shorter, 0, true);
    }
    return undefined;
  };

  #mayTryAgain(engine: Engine, error: unknown): boolean {
    const { health } = this.#deps;
    const most = this.#left.length === 0 ? TRIES_ALONE : this.#options.streams === true ? 1 : TRIES;
    return (
      ruleOf(error).retry &&
      (this.#tries.get(engine) ?? 0) < most &&
      health.bench(this.#options.component, engine) === undefined
    );
  }

  #pauseMs(engine: Engine): number {
    const chance = (this.#deps.chance ?? Math.random)();
    const tries = this.#tries.get(engine) ?? 1;
    return AGAIN_AFTER_MS * 2 ** (tries - 1) * (1 + JITTER * (2 * chance - 1));
  }

  #attempt(engine: Engine, afterMs: number, short: boolean): EngineAttempt<Engine, Answer> {
    const { component, operation, lateMs, ask, discard } = this.#options;
    const { clock, health, usualMs } = this.#deps;
    this.#tries.set(engine, (this.#tries.get(engine) ?? 0) + 1);
    const usual = usualMs(component, engine.name, operation) ?? 0;
    const attempt = {
      engine,
      afterMs,
      lateAfterMs: Math.max(lateMs, 2 * usual),
      run: (signal: AbortSignal) => ask(engine, signal, short),
      failed: (error: unknown) => {
        this.#lastFailed = { engine, error };
        this.#trouble ??= { engine: engine.name, error, sinceMs: clock.nowMs() };
      },
      beaten: () => {
        const fault = lateFault(engine.name, clock.nowMs() - this.#startMs);
        this.#trouble ??= { engine: engine.name, error: fault.error, sinceMs: this.#startMs };
        health.blame({ component, engine: engine.name }, fault, operation);
      },
      ...(discard === undefined ? {} : { discard }),
    };
    this.#latest = attempt;
    return attempt;
  }

  /** Notes what was done about trouble, if anything was. */
  #took({ name }: Engine, success: boolean): void {
    const trouble = this.#trouble;
    const tries = [...this.#tries.values()].reduce((sum, each) => sum + each, 0);
    if (trouble === undefined || tries < 2) {
      return;
    }
    const tookMs = this.#deps.clock.nowMs() - trouble.sinceMs;
    const { engine, error } = trouble;
    const other = name === engine ? {} : { to: name };
    const tier = name === engine ? 'soft' : 'failover';
    if (tier === 'failover' && success) {
      this.#options.failedOver?.();
    }
    this.#deps.steps.took({
      component: this.#options.component,
      tier,
      engine,
      ...other,
      success,
      error,
      tookMs,
    });
  }
}

/** @param waitedMs for how long it was waited for. */
export function lateFault(engine: string, waitedMs: number): Fault {
  return faultOf(new AppError('engine-timeout', `${engine}: no answer within ${Math.round(waitedMs)} ms`));
}
