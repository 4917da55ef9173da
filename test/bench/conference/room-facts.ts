/**
 * What happened in a run with rooms, as plain data that crosses between processes. Times are ms of the machine's
 * monotonic clock.
 */

/** One request to a vendor for the translation or the speech of a text. */
export interface Asked {
  readonly text: string;
  /** That it is to be in. */
  readonly language: string;
  readonly askedMs: number;
  /** It may have come earlier than it was read, while the vendors' process stood still, but not before this. */
  readonly notBeforeMs: number;
  answeredMs: number | undefined;
}

export interface RoomVendorFacts {
  /** Of each stream of recognition, how much it was given to hear, in ms. */
  readonly streamsHeardMs: readonly number[];
  /** Stretches of sound whose beginning was not one of a turn's: of sound, something was lost on the way. */
  readonly brokenSounds: number;
  readonly translations: readonly Asked[];
  readonly syntheses: readonly Asked[];
  /** Requests for speech that came while the same server spoke. */
  readonly overlaps: number;
}

/** What one telephone sent and heard. */
export interface PhoneRecord {
  /** When each frame arrived. */
  readonly arrivalsMs: Float64Array;
  /** How much later than due each of its own was written. */
  readonly latenessMs: Float32Array;
  /** Why its leg ended before its time; undefined when it did not. */
  readonly lostBecause: string | undefined;
}
