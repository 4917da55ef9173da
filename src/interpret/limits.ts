/**
 * The limits of interpreting: how long each stage may take, and how much may wait or is kept. They stand above the
 * limits of the engines' own requests, and catch what those let through.
 */

export const LIMITS = {
  /** A final that does not come for so long after the end of speech is lost, and recognition with it. */
  finalMs: 8_000,
  /** One translation. */
  translationMs: 4_000,
  /** Synthesis to its first sound, and between two pieces. */
  soundMs: 4_000,
  /** A segment that engines keep waiting for longer lets the original voice through. */
  behindMs: 3_000,
  /**
   * A segment that was cut longer ago is not spoken any more, where the original voice has been heard meanwhile. An
   * engine that is back within 10 s is found to be within 2 s more.
   */
  staleMs: 12_000,
  /** Times a translation, or a synthesis up to its first sound, is asked for. */
  tries: 2,
  /** Segments that may wait to be spoken; past it the oldest is given up. */
  waitingSegments: 16,
  /** Segments synthesised at once: the one that sounds and the next. */
  segmentsAhead: 2,
  /** Lines of a conversation kept for each party, said and heard each. */
  lines: 8,
  /** Lines passed to translation as context. */
  contextLines: 4,
  /** Translations of short phrases kept, some 100 bytes each. */
  cachedPhrases: 5_000,
  /** How long: a call's worth, so that an engine that was wrong for a while is not repeated once it is right. */
  cachedMs: 600_000,
  /** What is longer is said only once, or depends on what was said before. */
  cachedCharacters: 40,
} as const;
