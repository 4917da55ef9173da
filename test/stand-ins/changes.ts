/**
 * Something happened at a stand-in: what a test waits with, instead of with a clock.
 */

import { EventEmitter, once } from 'node:events';

export class Changes {
  readonly #events = new EventEmitter();

  tell(): void {
    this.#events.emit('change');
  }

  /** Resolves once `condition` holds, looked at whenever anything happens. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!condition()) {
      await once(this.#events, 'change', { signal });
    }
  }
}
