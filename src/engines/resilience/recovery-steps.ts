/**
 * What was done so that calls go on: each step once in the log, counted by tier, the latest kept for people who ask.
 * The tiers: `soft`, the same engine asked again; `hard`, a component opened anew; `failover`, another engine in its
 * place; `reset`, all of a party's components.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import { type AppError, codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Tally } from '../../base/tally.ts';
import type { Component } from '../support.ts';
import type { Observation, Operation } from './operations.ts';

export const RECOVERY_TIERS = ['soft', 'hard', 'failover', 'reset'] as const;

export type RecoveryTier = (typeof RECOVERY_TIERS)[number];

export interface RecoveryStep {
  readonly component: Component;
  readonly tier: RecoveryTier;
  /** The engine that failed. */
  readonly engine: string;
  /** The engine that was asked in its place; absent when it was asked again itself. */
  readonly to?: string;
  readonly success: boolean;
  /** What it failed with. */
  readonly error: unknown;
  /** From the first failure on, in ms. */
  readonly tookMs: number;
}

/** A step, as it is kept. */
export interface KeptStep extends Omit<RecoveryStep, 'error'> {
  readonly at: Date;
  readonly code: string;
}

/** What came of a doubt: another stream spoke and it did not, it spoke after all, or neither did. */
export const DOUBT_VERDICTS = ['dead', 'false-alarm', 'unknown'] as const;

export type DoubtVerdict = (typeof DOUBT_VERDICTS)[number];

/** Steps that are kept. */
const MOST_KEPT = 100;
/** How long an operation may take before its component lags, in ms. */
export const LAG_LIMITS_MS: Partial<Readonly<Record<Operation, number>>> = {
  final: 300,
  'first-sound': 400,
  translate: 1_200,
};

export class RecoverySteps implements Counted {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By component, tier and success: `mt failover true`. */
  readonly #steps = new Tally<string>();
  readonly #lags = new Tally<Component>();
  readonly #doubts = new Tally<DoubtVerdict>();
  /** By engine. */
  readonly #voicesRefused = new Tally<string>();
  /** Engines of which it is in the log that they refuse terms. */
  readonly #termless = new Set<string>();
  readonly #latest: KeptStep[] = [];
  readonly #told: (step: KeptStep) => void;

  /** @param told hears of each step as it is taken. */
  constructor(clock: Clock, log: Log, told: (step: KeptStep) => void = () => {}) {
    this.#clock = clock;
    this.#log = log;
    this.#told = told;
  }

  get counts() {
    return {
      recoverySteps: this.#steps,
      engineLags: this.#lags,
      streamDoubts: this.#doubts,
      voicesRefused: this.#voicesRefused,
    };
  }

  /** Takes in an operation that has ended, to count those that took too long. */
  readonly observe = ({ component, operation, outcome, ms }: Observation): void => {
    if (outcome === 'done' && ms > (LAG_LIMITS_MS[operation] ?? Number.POSITIVE_INFINITY)) {
      this.#lags.add(component);
    }
  };

  /** A stream of recognition was silent, and taken for dead. */
  doubted(verdict: DoubtVerdict): void {
    this.#doubts.add(verdict);
  }

  /** An engine speaks with another voice than the one that was asked for, and does so for a while. */
  voiceRefused(engine: string, error: unknown): void {
    this.#voicesRefused.add(engine);
    this.#log.warn(
      { engine, code: codeOf(error), reason: messageOf(error) },
      'an engine refuses a voice, and speaks with another',
    );
  }

  /** An engine listens without the terms that it was given. Told once of each engine: every call would say it again. */
  termsRefused(engine: string, error: AppError): void {
    if (!this.#termless.has(engine)) {
      this.#termless.add(engine);
      this.#log.warn(
        { engine, code: error.code, reason: error.message },
        'an engine refuses the terms that it is to listen for, and listens without them: give it fewer or shorter ones',
      );
    }
  }

  /** Oldest first. */
  get latest(): readonly KeptStep[] {
    return this.#latest;
  }

  took(step: RecoveryStep): void {
    const { error, ...kept } = step;
    const { component, tier, engine, to, success } = kept;
    const tookMs = Math.round(step.tookMs);
    this.#steps.add(`${component} ${tier} ${success}`);
    const taken = { ...kept, tookMs, code: codeOf(error), at: this.#clock.wallTime() };
    this.#latest.push(taken);
    this.#told(taken);
    if (this.#latest.length > MOST_KEPT) {
      this.#latest.shift();
    }
    const about = { component, tier, engine, ...(to === undefined ? {} : { to }), success, tookMs };
    this.#log.warn(
      { ...about, code: codeOf(error), reason: messageOf(error) },
      'a step of recovery was taken',
    );
  }
}
