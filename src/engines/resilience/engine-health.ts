/**
 * How one engine at its address does, for all calls together: judged by its latest operations, and benched when there
 * is no point in asking it. An engine on the bench comes back when somebody has found that it is well. Time is told.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { FAULT_RULES, type Fault, faultOf } from './faults.ts';
import { type HealthThresholds, HealthWindow, type ServiceHealth } from './health-window.ts';
import type { Observation, Operation, Subject } from './operations.ts';

/** Opening and holding a stream is not yet an achievement; sound has been made when its last piece came. */
const ACHIEVEMENTS: ReadonlySet<Operation> = new Set(['final', 'catch-up', 'translate', 'speech']);
const OF_STREAMS: ReadonlySet<Operation> = new Set(['open', 'stream']);
/** How long an engine that lost a stream comes after the others when streams are opened, in ms. */
const SIT_OUT_MS = 2_000;
/**
 * Benchings of which the pause is not doubled beyond twice the first: while sound is kept that an engine has not
 * heard, it is tried every 2 s.
 */
const HOPEFUL_BENCHINGS = 5;
/** An engine that has been well for so long is benched as if for the first time, in ms. */
const FORGIVEN_AFTER_MS = 60_000;

/** An engine is not asked, or only where there is nobody else. */
export interface Bench {
  readonly fault: Fault;
  /** Whether it is not asked even where there is nobody else. */
  readonly strict: boolean;
  /** When to see whether it is well, in ms of the clock; undefined: somebody has taken it out by hand. */
  readonly tryAtMs: number | undefined;
}

export class EngineHealth {
  readonly #clock: Clock;
  readonly #thresholds: HealthThresholds;
  readonly #window: HealthWindow;
  #bench: Bench | undefined;
  #takenOut: Bench | undefined;
  /** Failures since the last success. */
  #inARow = 0;
  /** How often it was benched without being well for long in between. */
  #benchings = 0;
  #wellSinceMs = 0;
  #sitsOutUntilMs = 0;
  #lastFault: Fault | undefined;

  constructor(clock: Clock, thresholds: HealthThresholds) {
    this.#clock = clock;
    this.#thresholds = thresholds;
    this.#window = new HealthWindow(clock, thresholds);
  }

  get bench(): Bench | undefined {
    return this.#takenOut ?? this.#bench;
  }

  /** Somebody wants it not to be asked, however well it is. */
  takeOut({ component, engine }: Subject): void {
    const error = new AppError(
      'engine-taken-out',
      `${engine} is taken out by hand: POST /api/v1/engines/${component}/${engine}/enable puts it back`,
    );
    this.#takenOut ??= { fault: faultOf(error), strict: true, tryAtMs: undefined };
  }

  /** It may be asked again, as far as it is well. */
  putBack(): void {
    this.#takenOut = undefined;
  }

  /** Whether it lost a stream a moment ago. */
  get sitsOut(): boolean {
    return this.#clock.nowMs() < this.#sitsOutUntilMs;
  }

  get window(): { readonly operations: number; readonly failures: number } {
    return { operations: this.#window.operations, failures: this.#window.failures };
  }

  get state(): ServiceHealth {
    if (this.#bench !== undefined) {
      return FAULT_RULES[this.#bench.fault.kind].lasting ? 'FAILED' : 'UNHEALTHY';
    }
    return this.#window.health;
  }

  /** Takes in an operation that has ended. */
  observe({ operation, outcome, fault }: Observation): void {
    if (outcome === 'failed' && fault !== undefined) {
      this.blame(fault, operation);
    } else if (outcome === 'done' && ACHIEVEMENTS.has(operation)) {
      this.#window.add(false);
      this.#inARow = 0;
      this.#sitsOutUntilMs = 0;
      if (this.#bench?.strict === false) {
        this.#end();
      }
    }
  }

  /**
   * It failed, or kept somebody waiting for too long. @param operation what it failed at. Default none in particular.
   */
  blame(fault: Fault, operation?: Operation): void {
    const { blames, bench } = FAULT_RULES[fault.kind];
    if (blames !== 'engine' && blames !== 'request') {
      return;
    }
    this.#lastFault = fault;
    this.#window.add(true);
    this.#inARow += 1;
    if (operation !== undefined && OF_STREAMS.has(operation)) {
      this.#sitsOutUntilMs = this.#clock.nowMs() + SIT_OUT_MS;
    }
    const repeated = this.#inARow >= this.#thresholds.benchAfterFailures;
    if (this.#bench === undefined && (bench === 'at-once' || (bench === 'repeated' && repeated))) {
      this.#begin(fault);
    }
  }

  /** Looks at the window: an engine of which half the operations fail is benched, however they are spread. */
  check(): void {
    const health = this.#window.health;
    if (
      this.#bench === undefined &&
      this.#lastFault !== undefined &&
      (health === 'UNHEALTHY' || health === 'FAILED')
    ) {
      this.#begin(this.#lastFault);
    }
  }

  /** It was tried and is not well: the next try is later. */
  stillIll(error: unknown): void {
    if (this.#bench !== undefined) {
      this.#begin(faultOf(error));
    }
  }

  /** It was tried and does what it should: it is judged anew. */
  recovered(): void {
    this.#window.clear();
    this.#inARow = 0;
    this.#sitsOutUntilMs = 0;
    this.#end();
  }

  #begin(fault: Fault): void {
    const { firstBenchMs, longestBenchMs, lastingBenchMs } = this.#thresholds;
    const nowMs = this.#clock.nowMs();
    if (this.#bench === undefined && nowMs - this.#wellSinceMs > FORGIVEN_AFTER_MS) {
      this.#benchings = 0;
    }
    const { lasting, bench } = FAULT_RULES[fault.kind];
    const hopeful = this.#benchings < HOPEFUL_BENCHINGS;
    const doublings = hopeful ? Math.min(this.#benchings, 1) : this.#benchings - HOPEFUL_BENCHINGS + 2;
    const pauseMs = lasting ? lastingBenchMs : Math.min(firstBenchMs * 2 ** doublings, longestBenchMs);
    this.#benchings += 1;
    // What a provider asks for is obeyed, be it shorter or longer than what we would have done, within reason: one that
    // says 0 would be tried without a pause, and one that says a day may be the only one there is.
    const askedMs = fault.retryAfterMs ?? pauseMs;
    const tryAtMs = nowMs + (lasting ? pauseMs : Math.min(Math.max(askedMs, firstBenchMs), lastingBenchMs));
    this.#bench = { fault, strict: bench === 'at-once', tryAtMs };
  }

  #end(): void {
    this.#bench = undefined;
    this.#wellSinceMs = this.#clock.nowMs();
  }
}
