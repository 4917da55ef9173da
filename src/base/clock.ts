/**
 * The only place where time is read and timers are set. Everything that waits takes a `Clock`, so that
 * tests move time by hand. `nowMs` is monotonic and the same on every thread of the process, which is
 * what lets the main thread and the media threads agree on one grid of frame deadlines.
 */

/** A timer that has been set. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic time in ms with sub-millisecond digits; only differences mean anything. */
  nowMs(): number;
  /** The wall clock, for records that people read; never for measuring. */
  wallTime(): Date;
  /** Calls `callback` once, at `deadlineMs` on the scale of {@link nowMs} or as soon after as the loop allows. */
  at(deadlineMs: number, callback: () => void): Timer;
  /**
   * Resolves after `delayMs`.
   * @throws the signal's reason when `signal` aborts first.
   */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

/** Readings of which the narrowest counts; all of them take about 0.1 ms, once for each thread. */
const ORIGIN_READINGS = 100;

/**
 * Where this thread's performance.now() began on CLOCK_MONOTONIC, which all threads and processes of the machine
 * share, in ms. Both count the same nanoseconds, so it is off by no more than half of the narrowest reading took:
 * under 1 µs. One reading alone may be off by ms, when the thread stands still in it.
 */
const ORIGIN_MS = aheadMs(
  () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
  () => performance.now(),
  ORIGIN_READINGS,
);

/**
 * By how much the clock `shared` is ahead of `own`: it is read between two readings of `own`, and the narrowest
 * counts.
 */
export function aheadMs(shared: () => number, own: () => number, readings: number): number {
  let narrowestMs = Number.POSITIVE_INFINITY;
  let ahead = 0;
  for (let reading = 0; reading < readings; reading += 1) {
    const beforeMs = own();
    const sharedMs = shared();
    const tookMs = own() - beforeMs;
    if (tookMs < narrowestMs) {
      narrowestMs = tookMs;
      ahead = sharedMs - (beforeMs + tookMs / 2);
    }
  }
  return ahead;
}

class SystemClock implements Clock {
  nowMs(): number {
    // Asked tens of thousands of times a second, so it must not leave garbage, as process.hrtime() does.
    return performance.now() + ORIGIN_MS;
  }

  wallTime(): Date {
    return new Date();
  }

  at(deadlineMs: number, callback: () => void): Timer {
    // Node rounds a fractional delay down and libuv counts whole ms, so rounding up never fires early.
    const handle = setTimeout(callback, Math.max(0, Math.ceil(deadlineMs - this.nowMs())));
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}

/** {@link Clock.sleep} by a clock's own `at`. */
export function sleepOn(clock: Omit<Clock, 'sleep'>, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.at(clock.nowMs() + delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The clock of this process. */
export const systemClock: Clock = new SystemClock();

/** Resolves when the event loop has turned once: what was put off until then has happened. No clock's time passes. */
export function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
