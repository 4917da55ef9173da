/**
 * The clock of tests with real programs and real sockets: it measures, and its timers never fire, so that no time limit
 * of an engine is reached however slow the machine is. Limits themselves are tested on the `FakeClock`.
 */

import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';

class PatientClock implements Clock {
  nowMs(): number {
    return systemClock.nowMs();
  }

  wallTime(): Date {
    return systemClock.wallTime();
  }

  at(): Timer {
    return { cancel: () => {} };
  }

  sleep(_delayMs: number, signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

export const patientClock: Clock = new PatientClock();
