/** What is counted of one party's interpreters and utterances. */

import { BucketCounts } from '../base/bucket-counts.ts';
import { codeOf } from '../base/errors.ts';
import { Tally } from '../base/tally.ts';
import { ruleOf } from '../engines/resilience/faults.ts';

/** Bounds by which is counted for how long segments wait to be heard, in ms. */
const PLAYOUT_WAIT_BOUNDS_MS = [20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

export type InterpretingCounts = ReturnType<typeof interpretingCounts>;

/** What a tally calls an error: whose it is, its code, and how bad it is, joined with spaces: `stt engine-died HIGH`. */
export function errorName(component: string, error: unknown): string {
  return `${component} ${codeOf(error)} ${ruleOf(error).severity}`;
}

export function interpretingCounts() {
  return {
    /** Utterances by outcome, once for each language they are rendered in. */
    utterances: new Tally<string>(),
    /** Utterances that nothing could render, by why, once for each language. */
    uninterpreted: new Tally<string>(),
    /** What interpreters noted, by what. */
    noted: new Tally<string>(),
    /**
     * What was noted and charged for, by direction: `en es repaired`, `en es mt:deepl`; of a hearing, which is for all
     * languages, `en * stt:vosk`. Characters, ms of speech, or times.
     */
    byDirection: new Tally<string>(),
    /** Times that the original voice was let through in place of a rendering, by why. */
    lettingThrough: new Tally<string>(),
    /** Errors that calls worked around, by {@link errorName}. */
    errors: new Tally<string>(),
    /** Interpreters opened again after a failure, by whether that worked. */
    recoveries: new Tally<string>(),
    /** Streams of recognition in whose place another went on, by the code of what they were lost to. */
    streamsReplaced: new Tally<string>(),
    /** For how long segments waited to be heard once their first sound was there, in ms. */
    playoutWait: new BucketCounts(PLAYOUT_WAIT_BOUNDS_MS),
    /** Times that a voice was found for who speaks: at first, and because somebody else did. */
    registers: new Tally<'known' | 'another'>(),
    wordsTranslated: 0,
    /** Hearings and renderings opened. */
    hearings: 0,
    renderings: 0,
  };
}
