/**
 * How fast the engines of a run are. The figures are those published for the classes of engines one can rent; what a
 * run compares is policies on equal engines, so their spread matters more than their exact values.
 */

/** How recognition says what will not change any more. */
export const STABILITIES = ['by-word', 'by-chunk', 'none'] as const;

/**
 * `by-word`: each word a fixed time after its end. `by-chunk`: as engines that cut at their own pauses, 300 ms, and
 * about every 3 s else. `none`: not at all, only partials that may be revised.
 */
export type Stability = (typeof STABILITIES)[number];

export interface EngineProfile {
  readonly name: string;
  /** From the end of a word to the first partial that has it, on average. */
  readonly partialMs: number;
  /** Between two partials. */
  readonly updateMs: number;
  /** From the end of a word to when it is stable, for `by-word`. */
  readonly stableMs: number;
  /** From the end of speech to the final text. */
  readonly finalMs: number;
  /** From a flush, or the end of an utterance, to its answer, at least. */
  readonly flushMs: number;
  /** To translate a clause of six words. */
  readonly mtMs: number;
  /** To the first bytes of speech. */
  readonly ttsMs: number;
  /** How much the times vary: 1 as engines do, 0 not at all, for what was reported as one figure each. */
  readonly spread: number;
}

export const PROFILES = {
  standard: {
    name: 'standard',
    partialMs: 250,
    updateMs: 250,
    stableMs: 450,
    finalMs: 350,
    flushMs: 150,
    mtMs: 150,
    ttsMs: 190,
    spread: 1,
  },
  reported: {
    name: 'reported',
    partialMs: 80,
    updateMs: 40,
    stableMs: 150,
    finalMs: 150,
    flushMs: 80,
    mtMs: 80,
    ttsMs: 250,
    spread: 0,
  },
  slow: {
    name: 'slow',
    partialMs: 250,
    updateMs: 250,
    stableMs: 450,
    finalMs: 600,
    flushMs: 150,
    mtMs: 300,
    ttsMs: 300,
    spread: 1,
  },
} as const satisfies Readonly<Record<string, EngineProfile>>;

export type ProfileName = keyof typeof PROFILES;
