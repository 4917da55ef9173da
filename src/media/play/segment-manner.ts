/**
 * How a segment is to be spoken beside how its engine speaks it: a record that goes with it from who knows the speaker
 * to who plays it. What it asks for is done as far as time allows: whoever listens must not fall behind for it.
 */

export interface SegmentManner {
  /** How many times as fast as the engine speaks; below 1 only while nothing waits. */
  readonly speed: number;
  /** How many dB louder. */
  readonly gainDb: number;
  /** How long a silence there is before it, in ms, the one that was there anyway included; none while something waits. */
  readonly restMs: number;
}

/** As the engine speaks it. */
export const AS_SPOKEN: SegmentManner = { speed: 1, gainDb: 0, restMs: 0 };
