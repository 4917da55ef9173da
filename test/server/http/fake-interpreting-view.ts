/** Interpreting that is as the test says. */

import type { MtEngine } from '../../../src/engines/mt/mt-engine.ts';
import type { Observation, Subject } from '../../../src/engines/resilience/operations.ts';
import type { VoiceCloner } from '../../../src/engines/tts/voice-cloner.ts';
import type { EngineControl } from '../../../src/server/interpreting/engine-control.ts';
import type {
  InterpretingEvent,
  InterpretingListener,
  InterpretingState,
  InterpretingView,
  SpeakingTools,
} from '../../../src/server/interpreting/interpreting-view.ts';

export class FakeInterpretingView implements InterpretingView, EngineControl {
  state: InterpretingState = 'ready';
  /** What {@link directions} returns; the same for the others. */
  currentDirections: ReturnType<InterpretingView['directions']> = [];
  currentTasks: ReturnType<InterpretingView['tasks']> = [];
  currentEngines: ReturnType<InterpretingView['engines']> = [];
  currentHealth: ReturnType<InterpretingView['health']> = [];
  currentSteps: ReturnType<InterpretingView['steps']> = [];
  readonly #listeners = new Set<(observation: Observation) => void>();

  /** How many watch at the moment. */
  get watchers(): number {
    return this.#listeners.size;
  }

  watch(listener: (observation: Observation) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** An operation of an engine has ended in a call. */
  fire(observation: Observation): void {
    for (const listener of [...this.#listeners]) {
      listener(observation);
    }
  }

  /** What was done, and to which engine. */
  readonly done: unknown[][] = [];
  /** What {@link test} throws. */
  testFails: Error | undefined;
  readonly #out = new Set<string>();

  async test(subject: Subject): Promise<ReturnType<InterpretingView['tasks']> | undefined> {
    this.done.push(['test', subject]);
    if (this.testFails !== undefined) {
      throw this.testFails;
    }
    const tasks = this.#tasksOf(subject);
    return tasks.length === 0 ? undefined : tasks;
  }

  takeOut(subject: Subject): boolean {
    this.done.push(['takeOut', subject]);
    const known = this.#tasksOf(subject).length > 0 && !this.#out.has(subject.engine);
    this.#out.add(subject.engine);
    return known;
  }

  putBack(subject: Subject): boolean {
    this.done.push(['putBack', subject]);
    return this.#out.delete(subject.engine);
  }

  #tasksOf({ component, engine }: Subject): ReturnType<InterpretingView['tasks']> {
    return this.currentTasks.filter((task) => task.component === component && task.engine === engine);
  }

  directions(): ReturnType<InterpretingView['directions']> {
    return this.currentDirections;
  }

  tasks(): ReturnType<InterpretingView['tasks']> {
    return this.currentTasks;
  }

  health(): ReturnType<InterpretingView['health']> {
    return this.currentHealth;
  }

  steps(): ReturnType<InterpretingView['steps']> {
    return this.currentSteps;
  }

  /** By language, what {@link speaking} returns. */
  readonly voices = new Map<string, SpeakingTools>();
  /** By direction, `en:es`, what {@link translation} returns. */
  readonly translators = new Map<string, MtEngine>();

  speaking(language: string): SpeakingTools | undefined {
    return this.voices.get(language);
  }

  /** What {@link cloners} returns. */
  makers: readonly VoiceCloner[] = [];

  cloners(): readonly VoiceCloner[] {
    return this.makers;
  }

  translation(from: string, to: string): MtEngine | undefined {
    return this.translators.get(`${from}:${to}`);
  }

  readonly #engineListeners = new Set<InterpretingListener>();

  watchEngines(listener: InterpretingListener, signal: AbortSignal): void {
    this.#engineListeners.add(listener);
    signal.addEventListener('abort', () => this.#engineListeners.delete(listener), { once: true });
  }

  /** Something has happened to an engine. */
  fireEngine(event: InterpretingEvent): void {
    for (const listener of [...this.#engineListeners]) {
      listener(event);
    }
  }

  engines(): ReturnType<InterpretingView['engines']> {
    return this.currentEngines;
  }
}
