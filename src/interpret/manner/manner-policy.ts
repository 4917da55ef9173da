/**
 * What the manner of a clause, beside the same speaker's usual, means for its translation: somebody who hurries, raises
 * the voice or pauses before a word is rendered so, within bounds. Pure. Nothing is classified: numbers become numbers.
 */

import { type Prosody, syllablesPerSecond } from '../../media/hear/prosody/prosody.ts';
import { AS_SPOKEN, type SegmentManner } from '../../media/play/segment-manner.ts';

/** A voice is slowed down and sped up by no more; past these a listener would notice the machine, not the speaker. */
const SLOWEST_SPEED = 0.85;
const FASTEST_SPEED = 1.2;
/** Twice as loud to the ear, nearly; half. */
const MOST_GAIN_DB = 6;
/** Gains are steps, so that a voice does not waver over what nobody meant. */
const GAIN_STEP_DB = 0.5;
/** Silence before a clause is made up to this, in ms; longer ones are there by themselves. */
const LONGEST_REST_MS = 300;
/** Shorter ones are breath. */
const SHORTEST_REST_MS = 120;
/** Less voice than this, in ms, is a word, of which nothing can be told. */
const LEAST_CLAUSE_MS = 500;
/** What is usual is known after so much voice, in ms. */
const LEAST_USUAL_MS = 4_000;

/**
 * @param clause what was said; @param usual how the same person has spoken of late.
 * @param pauseMs how long the person was silent before it.
 */
export function mannerFor(
  clause: Prosody | undefined,
  usual: Prosody | undefined,
  pauseMs: number,
): SegmentManner {
  if (clause === undefined || usual === undefined || usual.voiceMs < LEAST_USUAL_MS) {
    return AS_SPOKEN;
  }
  const restMs = pauseMs < SHORTEST_REST_MS ? 0 : Math.min(LONGEST_REST_MS, Math.round(pauseMs));
  if (clause.voiceMs < LEAST_CLAUSE_MS) {
    return { ...AS_SPOKEN, restMs };
  }
  return { speed: speedOf(clause, usual), gainDb: gainDbOf(clause, usual), restMs };
}

function speedOf(clause: Prosody, usual: Prosody): number {
  const rate = syllablesPerSecond(clause);
  const usualRate = syllablesPerSecond(usual);
  return rate === undefined || usualRate === undefined
    ? 1
    : Math.max(SLOWEST_SPEED, Math.min(FASTEST_SPEED, rate / usualRate));
}

function gainDbOf(clause: Prosody, usual: Prosody): number {
  const louderDb = Math.round((clause.levelDbfs - usual.levelDbfs) / GAIN_STEP_DB) * GAIN_STEP_DB;
  return Math.max(-MOST_GAIN_DB, Math.min(MOST_GAIN_DB, louderDb));
}
