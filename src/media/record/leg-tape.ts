/**
 * What a leg hears, put where its taps find it (`leg-tap.ts`): rings of the leg's own memory, which hold the last 0.6 s and drop
 * the oldest. Whoever makes a frame writes it, the media thread or the main one; each frame carries when it is due. A
 * frame without a sound is not written: what is not there is silence.
 */

import { FRAME_MS } from '../../base/units.ts';
import { FrameRingWriter } from '../ring/frame-ring.ts';
import type { LegMemory } from '../ring/leg-memory.ts';

/** Who makes frames. */
export type TapeWriter = 'thread' | 'main';

export class LegTape {
  readonly #heard: FrameRingWriter;
  readonly #told: FrameRingWriter;
  readonly #firstMs: number;
  /** When the frame that is being made is due. */
  #dueMs = 0;

  /** @param firstMs when the leg's first frame is due. */
  constructor(memory: LegMemory, writer: TapeWriter, firstMs: number) {
    this.#heard = new FrameRingWriter(writer === 'thread' ? memory.heard : memory.passed);
    this.#told = new FrameRingWriter(memory.told);
    this.#firstMs = firstMs;
  }

  /** The frame that is made next has this number, counted from the leg's first. */
  begin(number: number): void {
    this.#dueMs = this.#firstMs + number * FRAME_MS;
  }

  /** Translated speech of the frame, before anything is added to it; for the media thread. Copies it. */
  told(pcm: Int16Array, rateHz: number): void {
    this.#told.writeSamples(pcm, rateHz, this.#dueMs);
  }

  /** All of the frame, as bytes of its samples. Copies it. */
  passed(pcm: Uint8Array, rateHz: number): void {
    if (!isSilent(pcm)) {
      this.#heard.write(pcm, rateHz, this.#dueMs);
    }
  }

  /** All of the frame. Copies it. */
  heard(pcm: Int16Array, rateHz: number): void {
    if (!isSilent(pcm)) {
      this.#heard.writeSamples(pcm, rateHz, this.#dueMs);
    }
  }
}

/** Ends at the first sample of a voice. */
function isSilent(pcm: Int16Array | Uint8Array): boolean {
  for (const sample of pcm) {
    if (sample !== 0) {
      return false;
    }
  }
  return true;
}
