/**
 * Finds bursts of speech in audio as it comes, by level alone. It counts the audio's own time, so what a stand-in says
 * depends on what it was sent and never on how fast.
 */

/** Where in the stream a burst begins, or is over, in ms. */
export interface BurstEdge {
  readonly type: 'began' | 'ended';
  readonly atMs: number;
}

/** Louder than this, on average over 20 ms, is speech: -50 dBFS. */
const SPEECH_LEVEL = 104;
const WINDOW_MS = 20;

export class SpeechBursts {
  readonly #windowSamples: number;
  readonly #silenceMs: number;
  #sum = 0;
  #count = 0;
  #positionMs = 0;
  #lastLoudMs = 0;
  #speaking = false;

  /** @param silenceMs how much silence ends a burst. */
  constructor(rateHz: number, silenceMs: number) {
    this.#windowSamples = (rateHz * WINDOW_MS) / 1_000;
    this.#silenceMs = silenceMs;
  }

  push(pcm: Int16Array): readonly BurstEdge[] {
    const edges: BurstEdge[] = [];
    for (const sample of pcm) {
      this.#sum += Math.abs(sample);
      this.#count += 1;
      if (this.#count === this.#windowSamples) {
        const edge = this.#window(this.#sum / this.#count > SPEECH_LEVEL);
        this.#sum = 0;
        this.#count = 0;
        if (edge !== undefined) {
          edges.push(edge);
        }
      }
    }
    return edges;
  }

  #window(loud: boolean): BurstEdge | undefined {
    const startMs = this.#positionMs;
    this.#positionMs += WINDOW_MS;
    if (loud) {
      this.#lastLoudMs = this.#positionMs;
      if (!this.#speaking) {
        this.#speaking = true;
        return { type: 'began', atMs: startMs };
      }
    } else if (this.#speaking && this.#positionMs - this.#lastLoudMs >= this.#silenceMs) {
      this.#speaking = false;
      return { type: 'ended', atMs: this.#lastLoudMs };
    }
    return undefined;
  }
}
