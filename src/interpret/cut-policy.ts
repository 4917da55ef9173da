/**
 * Where an utterance is cut into the segments that are translated and spoken one by one. A policy sees what
 * recognition says as it says it and answers with text to translate now; what it has answered is never taken
 * back. This version speaks an utterance as one segment, when it is final.
 */

/** What recognition knows of an utterance at one moment. */
export interface Transcript {
  /** The beginning that will not change any more. */
  readonly stable: string;
  /** All of it, the changeable tail included. */
  readonly text: string;
  readonly final: boolean;
}

/** One per utterance. */
export interface CutPolicy {
  /** The texts to translate now, in order; together they never say more than the transcript. */
  next(transcript: Transcript): readonly string[];
}

/** Waits for the end of the utterance and cuts nowhere. */
export class WholeUtterance implements CutPolicy {
  next(transcript: Transcript): readonly string[] {
    const text = transcript.text.trim();
    return transcript.final && text !== '' ? [text] : [];
  }
}
