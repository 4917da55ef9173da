/**
 * Speeds speech up without changing its pitch, with the Sonic library (pitch-synchronous overlap-add). The speed may
 * change while it runs. It is only in the path while there is something to catch up.
 */

import { AppError } from '../../base/errors.ts';
import { type MediaModules, type SonicModule, WasmSamples } from './wasm.ts';

/** The most samples passed to the library at once. */
const PIECE_SAMPLES = 8_192;

export class TimeStretch {
  readonly #sonic: SonicModule;
  readonly #stream: number;
  readonly #buffer: WasmSamples;
  #speed: number;
  #closed = false;

  /** @param speed how much faster than spoken: 1.25 plays 25 ms in 20 ms. */
  constructor(modules: MediaModules, rateHz: number, speed: number) {
    this.#sonic = modules.sonic;
    this.#stream = this.#sonic._sonicCreateStream(rateHz, 1);
    this.#speed = speed;
    this.#sonic._sonicSetSpeed(this.#stream, speed);
    this.#buffer = new WasmSamples(this.#sonic, PIECE_SAMPLES);
  }

  /** Samples ready to be read; none after {@link close}. */
  get available(): number {
    return this.#closed ? 0 : this.#sonic._sonicSamplesAvailable(this.#stream);
  }

  /**
   * Adds speech; copies it.
   * @throws AppError `closed` after {@link close}: the memory may be another's by then. So do all that follow.
   */
  write(pcm: Int16Array): void {
    this.#refuseClosed();
    for (let offset = 0; offset < pcm.length; offset += PIECE_SAMPLES) {
      const piece = pcm.subarray(offset, offset + PIECE_SAMPLES);
      this.#buffer.set(piece);
      this.#sonic._sonicWriteShortToStream(this.#stream, this.#buffer.pointer, piece.length);
    }
  }

  /**
   * What is written from now on plays at another speed. At 1 it comes out as it goes in, and at once when what was
   * written before has.
   */
  setSpeed(speed: number): void {
    this.#refuseClosed();
    if (speed !== this.#speed) {
      this.#speed = speed;
      this.#sonic._sonicSetSpeed(this.#stream, speed);
    }
  }

  /** Makes what is held back, about 30 ms, available too: the speech ends here. */
  flush(): void {
    this.#refuseClosed();
    this.#sonic._sonicFlushStream(this.#stream);
  }

  /** Fills `out` from its beginning with what is ready; returns how many samples that was. */
  read(out: Int16Array): number {
    this.#refuseClosed();
    const samples = this.#sonic._sonicReadShortFromStream(
      this.#stream,
      this.#buffer.pointer,
      Math.min(out.length, PIECE_SAMPLES),
    );
    out.set(this.#buffer.view(samples));
    return samples;
  }

  /** Frees the library's memory. Idempotent. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#sonic._sonicDestroyStream(this.#stream);
      this.#buffer.free();
    }
  }

  #refuseClosed(): void {
    if (this.#closed) {
      throw new AppError('closed', 'a time stretch that was closed cannot go on');
    }
  }
}
