/**
 * Conversion of a stream of samples from one rate to another, with the Speex resampler. Output comes in step
 * with input (`n` ms in, `n` ms out), delayed by half the filter: 2.5 to 5 ms at quality 5, 1.5 to 3 ms at
 * quality 3. Measured cost of a 20 ms frame: `npm run bench -- frame`.
 */

import { AppError } from '../../base/errors.ts';
import { type MediaModules, type SpeexModule, WasmSamples } from './wasm.ts';

/** For sound a person hears: what Asterisk itself uses, 100 dB of stop band. */
export const HEARD_QUALITY = 5;
/** For recognition and voice detection: 80 dB of stop band at two thirds of the cost. */
export const SPEECH_QUALITY = 3;

/** The most samples converted in one call of the library; longer input goes in pieces. */
const PIECE_SAMPLES = 4_096;

export class Resampler {
  readonly #speex: SpeexModule;
  readonly #state: number;
  readonly #fromHz: number;
  readonly #toHz: number;
  readonly #input: WasmSamples;
  readonly #output: WasmSamples;
  readonly #outputSamples: number;
  /** Two words: samples read, samples made. */
  readonly #lengths: WasmSamples;
  #closed = false;

  /** @param quality 0 to 10; see {@link HEARD_QUALITY} and {@link SPEECH_QUALITY}. */
  constructor(modules: MediaModules, fromHz: number, toHz: number, quality: number) {
    this.#speex = modules.speex;
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#state = this.#speex._speex_resampler_init(1, fromHz, toHz, quality, 0);
    if (this.#state === 0) {
      throw new RangeError(`cannot convert ${fromHz} Hz to ${toHz} Hz`);
    }
    this.#input = new WasmSamples(this.#speex, PIECE_SAMPLES);
    this.#outputSamples = Math.ceil((PIECE_SAMPLES * toHz) / fromHz) + 16;
    this.#output = new WasmSamples(this.#speex, this.#outputSamples);
    this.#lengths = new WasmSamples(this.#speex, 4);
  }

  get fromHz(): number {
    return this.#fromHz;
  }

  get toHz(): number {
    return this.#toHz;
  }

  /**
   * Converts the next samples of the stream. The result is a view that the next call overwrites, unless the
   * input was longer than 4,096 samples.
   * @throws AppError `closed` after {@link close}: the memory may be another's by then.
   */
  process(pcm: Int16Array): Int16Array {
    if (this.#closed) {
      throw new AppError('closed', 'a resampler that was closed cannot convert');
    }
    if (pcm.length <= PIECE_SAMPLES) {
      return this.#piece(pcm);
    }
    const pieces: Int16Array[] = [];
    for (let offset = 0; offset < pcm.length; offset += PIECE_SAMPLES) {
      pieces.push(this.#piece(pcm.subarray(offset, offset + PIECE_SAMPLES)).slice());
    }
    const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let filled = 0;
    for (const piece of pieces) {
      whole.set(piece, filled);
      filled += piece.length;
    }
    return whole;
  }

  #piece(pcm: Int16Array): Int16Array {
    this.#input.set(pcm);
    const word = this.#lengths.pointer >> 2;
    const heap = this.#speex.HEAP32;
    heap[word] = pcm.length;
    heap[word + 1] = this.#outputSamples;
    this.#speex._speex_resampler_process_int(
      this.#state,
      0,
      this.#input.pointer,
      this.#lengths.pointer,
      this.#output.pointer,
      this.#lengths.pointer + 4,
    );
    return this.#output.view(this.#speex.HEAP32[word + 1] ?? 0);
  }

  /** Frees the library's memory. Idempotent. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#speex._speex_resampler_destroy(this.#state);
      this.#input.free();
      this.#output.free();
      this.#lengths.free();
    }
  }
}
