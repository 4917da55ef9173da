/**
 * How fast the stand-ins of vendors are in real time: as the profile `standard` of the timelines, which is what the
 * targets assume.
 */

export const ENGINE_TIMES = {
  /**
   * To understand a word; with half of the 250 ms between two updates it is 250 ms on average until a partial has it.
   */
  partialMs: 125,
  /**
   * After it was asked for; it is asked for when a pause is noticed, after 200 ms, so a final comes 350 ms after the
   * end of speech.
   */
  finalMs: 150,
  translationMs: 150,
  firstSoundMs: 190,
  /** Time to make a second of speech, in seconds. */
  realTimeFactor: 0.3,
  /**
   * A letter, spoken: a translation takes a little less time than what it translates, so that most begin when the line
   * is free.
   */
  letterMs: 50,
} as const;
