/**
 * A person's voice as numbers, by which voices can be told apart: for enrolment, and to see whether a stretch of sound
 * is one person's. Nothing is rendered from these numbers; an engine that speaks like somebody has its own.
 */

import type { Support } from '../support.ts';

/** What somebody's voice is to one model. */
export interface SpeakerVector {
  /** The model it is of, by the name of its file: likeness across models means nothing. */
  readonly model: string;
  /** Of length 1, so that the likeness of two is the sum of their products; 192, 256 or 512 numbers as a rule. */
  readonly numbers: Float32Array;
}

export interface SpeakerEmbedder {
  readonly name: string;
  /** Whether its model is there and can be loaded; asked once at start-up. */
  supports(): Promise<Support>;
  /**
   * The vector of who speaks in `pcm`, which is 16 kHz mono and stays the caller's. 3 to 8 s of one person's clean
   * speech are worth giving, in the band of the telephone where vectors are to be compared in it; of more, the first 8
   * s are used.
   * @throws AppError `bad-option` when there is less than 0.5 s of it; of category `engine` when the model fails; the
   * signal's reason when it aborts first.
   */
  embed(pcm: Int16Array, signal: AbortSignal): Promise<SpeakerVector>;
  /** Ends everything the embedder runs. Idempotent. */
  close(): Promise<void>;
}
