/**
 * The health of all engines, shared by all calls, so that what one call finds out spares the others. It hears of every
 * operation as it ends, says who may be asked and in which order, and tells of engines that are benched and of those
 * that are back.
 */

import type { Clock } from '../../base/clock.ts';
import type { Component } from '../support.ts';
import { type Bench, EngineHealth } from './engine-health.ts';
import { FAULT_RULES, type Fault } from './faults.ts';
import { HEALTH_THRESHOLDS, type HealthThresholds, type ServiceHealth } from './health-window.ts';
import type { Observation, Operation, Subject } from './operations.ts';

/** How an engine does. */
export interface EngineHealthView extends Subject {
  readonly state: ServiceHealth;
  /** When it was first seen to be in that state, in ms of the clock. */
  readonly sinceMs: number;
  readonly operations: number;
  readonly failures: number;
  readonly bench: Bench | undefined;
}

export interface HealthListener {
  /** It is not to be asked, or not before others; also when that goes on after it was tried. */
  benched(subject: Subject, bench: Bench): void;
  back(subject: Subject): void;
}

interface Named {
  readonly name: string;
}

interface KnownEngine {
  readonly subject: Subject;
  readonly health: EngineHealth;
  /** As it was last seen, and since when. */
  state: ServiceHealth;
  sinceMs: number;
}

export class HealthBook {
  readonly thresholds: HealthThresholds;
  readonly #clock: Clock;
  readonly #listener: HealthListener;
  readonly #engines = new Map<string, KnownEngine>();
  /** Those who wait for an engine to be back. */
  readonly #waiting = new Set<() => void>();

  constructor(
    clock: Clock,
    listener: HealthListener,
    thresholds: Partial<HealthThresholds> = HEALTH_THRESHOLDS,
  ) {
    this.#clock = clock;
    this.#listener = listener;
    this.thresholds = { ...HEALTH_THRESHOLDS, ...thresholds };
  }

  /** Takes in an operation that has ended. */
  readonly observe = (observation: Observation): void => {
    this.#change(observation, (health) => health.observe(observation));
  };

  /** An engine kept somebody waiting for too long, which its own operation does not tell. */
  blame(subject: Subject, fault: Fault, operation?: Operation): void {
    this.#change(subject, (health) => health.blame(fault, operation));
  }

  /** Looks at all windows; to be called every {@link HealthThresholds.checkEveryMs}. */
  check(): void {
    for (const { subject } of [...this.#engines.values()]) {
      this.#change(subject, (health) => health.check());
    }
  }

  /** An engine on the bench was tried. @param error what it failed with; undefined when it did what it should. */
  tried(subject: Subject, error: unknown): void {
    this.#change(subject, (health) => {
      if (error === undefined) {
        health.recovered();
      } else {
        health.stillIll(error);
      }
    });
  }

  /** Somebody wants an engine not to be asked, however well it is. @returns whether it was until now. */
  takeOut(subject: Subject): boolean {
    const was = this.#isOut(subject);
    this.#change(subject, (health) => health.takeOut(subject));
    return !was;
  }

  /** It may be asked again, as far as it is well. @returns whether it had been taken out. */
  putBack(subject: Subject): boolean {
    const was = this.#isOut(subject);
    this.#change(subject, (health) => health.putBack());
    return was;
  }

  #isOut(subject: Subject): boolean {
    const bench = this.#healthOf(subject).bench;
    return bench !== undefined && bench.tryAtMs === undefined;
  }

  bench(component: Component, { name }: Named): Bench | undefined {
    return this.#healthOf({ component, engine: name }).bench;
  }

  /**
   * Those that may be asked now, best first: none on the bench before one that is not, and no one at all that must
   * not be asked.
   * @param streams whether for a stream: then one that lost a stream a moment ago comes after the others, and one
   *   that is on the bench is not asked.
   */
  askable<Engine extends Named>(
    component: Component,
    engines: readonly Engine[],
    streams = false,
  ): readonly Engine[] {
    const ranked = engines.map((engine, index) => {
      const health = this.#healthOf({ component, engine: engine.name });
      const out = streams ? health.bench !== undefined : health.bench?.strict === true;
      const rank = health.bench !== undefined ? 2 : streams && health.sitsOut ? 1 : 0;
      return { engine, index, out, rank };
    });
    return ranked
      .filter(({ out }) => !out)
      .sort((a, b) => a.rank - b.rank || a.index - b.index)
      .map(({ engine }) => engine);
  }

  /** Whether all of `engines` are on the bench, and one of them may be back without anybody's doing. */
  areAway(component: Component, engines: readonly Named[]): boolean {
    const benches = engines.map((engine) => this.bench(component, engine));
    return (
      !benches.includes(undefined) &&
      benches.some((bench) => bench !== undefined && !FAULT_RULES[bench.fault.kind].lasting)
    );
  }

  /** Resolves when one of `engines` is not on the bench, at once if there is one. @throws the signal's reason. */
  async ready(component: Component, engines: () => readonly Named[], signal: AbortSignal): Promise<void> {
    while (engines().every(({ name }) => this.bench(component, { name }) !== undefined)) {
      await new Promise<void>((resolve, reject) => {
        signal.throwIfAborted();
        const back = (): void => {
          this.#waiting.delete(back);
          signal.removeEventListener('abort', stop);
          resolve();
        };
        const stop = (): void => {
          this.#waiting.delete(back);
          reject(signal.reason);
        };
        this.#waiting.add(back);
        signal.addEventListener('abort', stop, { once: true });
      });
    }
  }

  /** The engines of {@link HealthBook.ready} are others now. */
  enginesChanged(): void {
    for (const back of [...this.#waiting]) {
      back();
    }
  }

  /** In the order in which they were first heard of. */
  engines(): readonly EngineHealthView[] {
    return [...this.#engines.values()].map((engine) => {
      this.#see(engine);
      const { subject, health, state, sinceMs } = engine;
      return { ...subject, state, sinceMs, ...health.window, bench: health.bench };
    });
  }

  #change({ component, engine }: Subject, change: (health: EngineHealth) => void): void {
    const subject = { component, engine };
    const known = this.#known(subject);
    const { health } = known;
    const before = health.bench;
    change(health);
    this.#see(known);
    const { bench } = health;
    if (bench !== undefined && bench !== before) {
      this.#listener.benched(subject, bench);
    } else if (bench === undefined && before !== undefined) {
      this.#listener.back(subject);
      this.enginesChanged();
    }
  }

  /** Notes when the state of an engine becomes another. */
  #see(engine: KnownEngine): void {
    const { state } = engine.health;
    if (state !== engine.state) {
      engine.state = state;
      engine.sinceMs = this.#clock.nowMs();
    }
  }

  #healthOf(subject: Subject): EngineHealth {
    return this.#known(subject).health;
  }

  #known(subject: Subject): KnownEngine {
    const key = `${subject.component} ${subject.engine}`;
    const known = this.#engines.get(key);
    if (known !== undefined) {
      return known;
    }
    const health = new EngineHealth(this.#clock, this.thresholds);
    const engine = { subject, health, state: health.state, sinceMs: this.#clock.nowMs() };
    this.#engines.set(key, engine);
    return engine;
  }
}
