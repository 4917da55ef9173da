/**
 * The samples in the bytes of a synthesiser's answer, cut anywhere: a chunk may end in the middle of a sample.
 * Raw PCM is asked for, but some servers send WAV whatever they are asked, or no sound at all; so the first bytes are
 * looked at before anything is believed.
 */

import { SAMPLE_BYTES } from '../../base/units.ts';
import { checkSoundStart, MAGIC_BYTES, NoiseCheck } from './sound-check.ts';
import { WavStream } from './wav-stream.ts';

/** Takes bytes and gives samples. */
export interface SampleStream {
  /** The rate in Hz, once it is known. */
  readonly rateHz: number | undefined;
  /**
   * Takes the next bytes; returns the samples that are complete now, copied, perhaps none.
   * @throws AppError when these are no samples.
   */
  push(bytes: Uint8Array): Int16Array;
}

/** Raw signed 16-bit little-endian mono PCM of a known rate. */
export class PcmStream implements SampleStream {
  readonly rateHz: number;
  /** The first byte of a sample whose second has not come. */
  #carry: number | undefined;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  push(bytes: Uint8Array): Int16Array {
    const carried = this.#carry === undefined ? 0 : 1;
    const samples = Math.floor((bytes.length + carried) / SAMPLE_BYTES);
    const pcm = new Int16Array(samples);
    const target = new Uint8Array(pcm.buffer);
    if (this.#carry !== undefined && samples > 0) {
      target[0] = this.#carry;
      this.#carry = undefined;
    }
    const used = samples * SAMPLE_BYTES - carried;
    if (samples > 0) {
      // Every machine Node runs on that has Asterisk is little-endian, so the bytes are the samples.
      target.set(bytes.subarray(0, used), carried);
    }
    if (samples === 0 ? bytes.length > 0 : used < bytes.length) {
      this.#carry = bytes[bytes.length - 1];
    }
    return pcm;
  }
}

/**
 * Raw PCM, unless the first bytes say that it is WAV; what they say is no sound, and what sounds like none, is
 * refused.
 */
export class AnySampleStream implements SampleStream {
  readonly #engine: string;
  readonly #rawRateHz: number;
  readonly #noise: NoiseCheck;
  #start: Buffer = Buffer.alloc(0);
  #stream: SampleStream | undefined;

  /** @param rawRateHz the rate in Hz of the samples when they are raw. */
  constructor(engine: string, rawRateHz: number) {
    this.#engine = engine;
    this.#rawRateHz = rawRateHz;
    this.#noise = new NoiseCheck(engine);
  }

  get rateHz(): number | undefined {
    return this.#stream?.rateHz;
  }

  push(bytes: Uint8Array): Int16Array {
    const pcm = this.#read(bytes);
    this.#noise.look(pcm);
    return pcm;
  }

  #read(bytes: Uint8Array): Int16Array {
    if (this.#stream !== undefined) {
      return this.#stream.push(bytes);
    }
    this.#start = Buffer.concat([this.#start, bytes]);
    if (this.#start.length < MAGIC_BYTES) {
      return new Int16Array(0);
    }
    checkSoundStart(this.#engine, this.#start);
    const isWav = this.#start.toString('latin1', 0, 4) === 'RIFF';
    this.#stream = isWav ? new WavStream() : new PcmStream(this.#rawRateHz);
    return this.#stream.push(this.#start);
  }
}
