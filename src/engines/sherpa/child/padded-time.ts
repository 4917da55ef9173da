/**
 * Where in an utterance something was heard, though its stream was given silence that nobody was silent in: before the
 * utterance, and at its pauses, so that what was said before them is told.
 */

interface Padding {
  /** Where it begins in the stream, in s. */
  readonly atS: number;
  readonly lengthS: number;
}

export class PaddedTime {
  readonly #paddings: Padding[] = [];

  /** `lengthS` of silence were put in at `atS` of the stream, after all that were put in before. */
  add(atS: number, lengthS: number): void {
    this.#paddings.push({ atS, lengthS });
  }

  /**
   * The time in the utterance of what is at `streamS` in the stream; what is in a silence of ours is where it begins.
   */
  utteranceS(streamS: number): number {
    let paddedS = 0;
    for (const { atS, lengthS } of this.#paddings) {
      paddedS += Math.min(Math.max(streamS - atS, 0), lengthS);
    }
    return Math.max(0, streamS - paddedS);
  }
}
