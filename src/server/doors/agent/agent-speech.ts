/**
 * What an agent has said and nobody has heard yet. An answer comes in bursts, faster than it is spoken, and is played 20
 * ms at a time; when the person falls into it, what is left of it is forgotten.
 */

import type { Counted } from '../../../base/counts.ts';
import { samplesToMs } from '../../../base/units.ts';

/** A longer answer loses its beginning, in ms: nobody listens to a machine for so long. 16 kHz of it are 3.8 MB. */
const LONGEST_MS = 120_000;

interface Piece {
  readonly id: number;
  readonly pcm: Int16Array;
}

export class AgentSpeech implements Counted {
  readonly counts = {
    /** Of answers that were too long, in ms. */
    agentSpeechDroppedMs: 0,
    /** Times that a person fell into an answer. */
    agentInterruptions: 0,
  };
  readonly #rateHz: number;
  readonly #pieces: Piece[] = [];
  /** Samples of the first piece that were taken. */
  #taken = 0;
  #waitingSamples = 0;
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
    if (id <= this.#deafToId) {
      return;
    }
    this.#pieces.push({ id, pcm });
    this.#waitingSamples += pcm.length;
    while (this.waitingMs > LONGEST_MS && this.#pieces.length > 1) {
      this.counts.agentSpeechDroppedMs += samplesToMs(this.#shift(), this.#rateHz);
    }
  }

  /** Forgets what has this id or a lower one, and what of it is still to come. */
  interrupt(upToId: number): void {
    this.counts.agentInterruptions += 1;
    this.#deafToId = Math.max(this.#deafToId, upToId);
    const [first] = this.#pieces;
    if (first !== undefined && first.id > upToId) {
      return;
    }
    while ((this.#pieces[0]?.id ?? Number.POSITIVE_INFINITY) <= upToId) {
      this.#shift();
    }
  }

  /** Fills `frame`, with silence where there is nothing to say. @returns whether something is said in it. */
  pull(frame: Int16Array): boolean {
    let filled = 0;
    for (let first = this.#pieces[0]; first !== undefined && filled < frame.length; first = this.#pieces[0]) {
      const part = first.pcm.subarray(this.#taken, this.#taken + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      this.#waitingSamples -= part.length;
      if (this.#taken === first.pcm.length) {
        this.#pieces.shift();
        this.#taken = 0;
      }
    }
    frame.fill(0, filled);
    return filled > 0;
  }

  /** Forgets the first piece. @returns how many samples of it were left. */
  #shift(): number {
    const samples = (this.#pieces.shift()?.pcm.length ?? 0) - this.#taken;
    this.#taken = 0;
    this.#waitingSamples -= samples;
    return samples;
  }
}
