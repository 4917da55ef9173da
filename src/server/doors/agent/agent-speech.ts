/**
 * What an agent has said and nobody has heard yet. An answer comes in bursts, faster than it is spoken, and is played 20
 * ms at a time; when the person falls into it, what is left of it is forgotten.
 */

import type { Counted } from '../../../base/counts.ts';
import { samplesToMs } from '../../../base/units.ts';

/** A longer answer loses its beginning, in ms: nobody listens to a machine for so long. 16 kHz of it are 3.8 MB. */
export const LONGEST_SPEECH_MS = 120_000;

/** How far something was heard before somebody fell into it. */
export interface CutOff {
  readonly id: number;
  readonly heardMs: number;
}

interface Piece {
  readonly id: number;
  readonly pcm: Int16Array;
}

export class AgentSpeech implements Counted {
  readonly counts = {
    /** Pieces of answers that were too long. */
    agentSpeechDropped: 0,
    /** Times that a person fell into an answer. */
    agentInterruptions: 0,
  };
  readonly #rateHz: number;
  readonly #pieces: Piece[] = [];
  /** Samples of the first piece that were taken. */
  #taken = 0;
  #waitingSamples = 0;
  /** What of the latest stretch was taken. */
  #taking = { id: Number.NEGATIVE_INFINITY, samples: 0 };
  /** What has this id or a lower one comes too late. */
  #deafToId = Number.NEGATIVE_INFINITY;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  get waitingMs(): number {
    return samplesToMs(this.#waitingSamples, this.#rateHz);
  }

  /** Adds what follows; keeps `pcm`. */
  add(id: number, pcm: Int16Array): void {
    if (id <= this.#deafToId || pcm.length === 0) {
      return;
    }
    this.#pieces.push({ id, pcm });
    this.#waitingSamples += pcm.length;
    while (this.waitingMs > LONGEST_SPEECH_MS && this.#pieces.length > 1) {
      this.#shift();
      this.counts.agentSpeechDropped += 1;
    }
  }

  /**
   * Forgets what has this id or a lower one, and what of it is still to come.
   * @returns how far each of what is forgotten was taken, which somebody heard some ms later.
   */
  interrupt(upToId: number): readonly CutOff[] {
    const cut = this.#forget(upToId);
    this.counts.agentInterruptions += cut.length === 0 ? 0 : 1;
    return cut;
  }

  /** Forgets all, and what is still to come. */
  end(): void {
    this.#forget(Number.POSITIVE_INFINITY);
  }

  #forget(upToId: number): readonly CutOff[] {
    this.#deafToId = Math.max(this.#deafToId, upToId);
    const cut = new Set<number>();
    for (let first = this.#pieces[0]; first !== undefined && first.id <= upToId; first = this.#pieces[0]) {
      cut.add(first.id);
      this.#shift();
    }
    const { id: taking, samples } = this.#taking;
    return [...cut].map((id) => ({ id, heardMs: id === taking ? samplesToMs(samples, this.#rateHz) : 0 }));
  }

  /** Fills `frame`, with silence where there is nothing to say. @returns whether something is said in it. */
  pull(frame: Int16Array): boolean {
    let filled = 0;
    for (let first = this.#pieces[0]; first !== undefined && filled < frame.length; first = this.#pieces[0]) {
      const part = first.pcm.subarray(this.#taken, this.#taken + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      this.#taking = {
        id: first.id,
        samples: part.length + (first.id === this.#taking.id ? this.#taking.samples : 0),
      };
      this.#waitingSamples -= part.length;
      if (this.#taken === first.pcm.length) {
        this.#pieces.shift();
        this.#taken = 0;
      }
    }
    frame.fill(0, filled);
    return filled > 0;
  }

  /** Forgets the first piece. */
  #shift(): void {
    this.#waitingSamples -= (this.#pieces.shift()?.pcm.length ?? 0) - this.#taken;
    this.#taken = 0;
  }
}
