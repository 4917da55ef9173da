/**
 * Waiting in tests of engines: on events, never on time, with one limit that only a broken engine reaches.
 */

import { EventEmitter, once } from 'node:events';
import type { SttEvent } from '../../src/engines/stt/stt-engine.ts';
import type { FakeClock } from '../base/fake-clock.ts';

/** The signal of a whole test. */
export function testSignal(): AbortSignal {
  return AbortSignal.timeout(120_000);
}

/** Resolves when `count` timers are set on a clock that stands still: what waits for one is surely waiting. */
export async function untilTimers(clock: FakeClock, count: number): Promise<void> {
  const signal = testSignal();
  while (clock.pendingTimers < count) {
    signal.throwIfAborted();
    await clock.settle();
  }
}

/** Keeps a stream's events and lets a test wait for one. */
export class EventLog {
  readonly events: SttEvent[] = [];
  readonly #emitter = new EventEmitter();

  readonly onEvent = (event: SttEvent): void => {
    this.events.push(event);
    this.#emitter.emit('event');
  };

  /** The first event of `type` (and of `utterance`), now or when it comes. */
  async until<Type extends SttEvent['type']>(
    type: Type,
    utterance?: number,
  ): Promise<Extract<SttEvent, { type: Type }>> {
    const signal = testSignal();
    for (;;) {
      const found = this.events.find(
        (event): event is Extract<SttEvent, { type: Type }> =>
          event.type === type &&
          (utterance === undefined || (event.type !== 'failed' && event.utterance === utterance)),
      );
      if (found !== undefined) {
        return found;
      }
      await once(this.#emitter, 'event', { signal });
    }
  }
}
