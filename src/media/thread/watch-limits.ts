/** After how long without a sign of life a thread is taken to hang. */

export interface WatchLimits {
  /**
   * A media thread that has run for so long without a beat is in a loop, in ms: by the fourth look, so that its legs
   * are heard again within 200 ms. It beats before each thing that it does for a leg, none of which takes 5 ms; what
   * Node does between them, such as collecting garbage, takes no 50.
   */
  readonly threadRunMs: number;
  /** One that has not run, while the main thread was on time, in ms. */
  readonly threadSilentMs: number;
  /** The main thread has run for so long, in ms, without looking after its media threads, 40 times a second. */
  readonly mainRunMs: number;
}

export const WATCH_LIMITS: WatchLimits = { threadRunMs: 70, threadSilentMs: 500, mainRunMs: 10_000 };
