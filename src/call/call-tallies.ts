/**
 * What has happened to all legs and calls since the start, as counts; the sums over legs that are gone live here
 * too. One object, owned by the switchboard, written by legs and calls, read when metrics are asked for.
 */

import { Tally } from '../base/tally.ts';

export class CallTallies {
  readonly legsEnded = new Tally<string>();
  /** Utterances by outcome. */
  readonly utterances = new Tally<string>();
  /** What interpreters noted, by what. */
  readonly noted = new Tally<string>();
  /** Errors that calls worked around, by component and code. */
  readonly errors = new Tally<string>();
  /** Interpreters opened again after a failure, by whether that worked. */
  readonly recoveries = new Tally<'true' | 'false'>();
  /** Frames and pieces dropped from full queues, by queue. */
  readonly dropped = new Tally<string>();
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  framesForgiven = 0;
  framesMissing = 0;
  cues = 0;
  interruptions = 0;
  keys = 0;
  mediaRestarts = 0;
  wordsTranslated = 0;
  illegalTransitions = 0;
}
