/** Interpreting that is as the test says. */

import type {
  InterpretingEvent,
  InterpretingListener,
  InterpretingState,
  InterpretingView,
} from '../../../src/server/interpreting/interpreting-view.ts';

export class FakeInterpretingView implements InterpretingView {
  state: InterpretingState = 'ready';
  /** What {@link directions} returns; the same for the others. */
  currentDirections: ReturnType<InterpretingView['directions']> = [];
  currentTasks: ReturnType<InterpretingView['tasks']> = [];
  currentEngines: ReturnType<InterpretingView['engines']> = [];
  currentHealth: ReturnType<InterpretingView['health']> = [];
  currentSteps: ReturnType<InterpretingView['steps']> = [];

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

  readonly #listeners = new Set<InterpretingListener>();

  watch(listener: InterpretingListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  fire(event: InterpretingEvent): void {
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
  }

  engines(): ReturnType<InterpretingView['engines']> {
    return this.currentEngines;
  }
}
