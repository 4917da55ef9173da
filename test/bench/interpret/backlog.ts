/**
 * Whether speech piles up: how long each segment waits for those before it, over the time of a call, and the line
 * through it. A slope above zero means that a long talk ends far behind.
 */

export interface Waited {
  /** When, in ms. */
  readonly atMs: number;
  /** How long, in ms. */
  readonly waitedMs: number;
}

/** The slope of the least-squares line through `points`, in s of waiting per s of call; 0 for fewer than two times. */
export function backlogSlope(points: readonly Waited[]): number {
  const meanAtMs = points.reduce((sum, point) => sum + point.atMs, 0) / points.length;
  const meanWaitedMs = points.reduce((sum, point) => sum + point.waitedMs, 0) / points.length;
  let together = 0;
  let spread = 0;
  for (const { atMs, waitedMs } of points) {
    together += (atMs - meanAtMs) * (waitedMs - meanWaitedMs);
    spread += (atMs - meanAtMs) ** 2;
  }
  return spread === 0 || points.length < 2 ? 0 : together / spread;
}

/** Sound that arrived at the listener's side at `atMs`, and when it was heard; ms of one clock. */
export interface QueuedSound {
  readonly arrivedMs: number;
  readonly heardMs: number;
  readonly durationMs: number;
}

/** How much speech lay waiting at each of `atMs`, in ms: arrived, and not yet begun to be heard. */
export function queuedAt(sounds: readonly QueuedSound[], atMs: number): number {
  return sounds.reduce(
    (sum, sound) => (sound.arrivedMs <= atMs && sound.heardMs > atMs ? sum + sound.durationMs : sum),
    0,
  );
}
