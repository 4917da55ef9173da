/**
 * The samples in the bytes of a synthesiser's answer, cut anywhere: a chunk may end in the middle of a sample.
 * Raw PCM is asked for, but some servers send WAV whatever they are asked, and MP3 played as PCM is noise at full
 * level in somebody's ear; so the first four bytes are looked at before anything is believed.
 */

import { AppError } from '../../base/errors.ts';
import { SAMPLE_BYTES } from '../../base/units.ts';
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

/** How many bytes tell what a stream is. */
const MAGIC_BYTES = 4;

/** How formats that were not asked for begin. */
const COMPRESSED = /^(ID3|OggS|fLaC)/;

/** Raw PCM, unless the first bytes say that it is WAV. */
export class AnySampleStream implements SampleStream {
  readonly #engine: string;
  readonly #rawRateHz: number;
  #start: Buffer = Buffer.alloc(0);
  #stream: SampleStream | undefined;

  /** @param rawRateHz the rate in Hz of the samples when they are raw. */
  constructor(engine: string, rawRateHz: number) {
    this.#engine = engine;
    this.#rawRateHz = rawRateHz;
  }

  get rateHz(): number | undefined {
    return this.#stream?.rateHz;
  }

  push(bytes: Uint8Array): Int16Array {
    if (this.#stream !== undefined) {
      return this.#stream.push(bytes);
    }
    this.#start = Buffer.concat([this.#start, bytes]);
    if (this.#start.length < MAGIC_BYTES) {
      return new Int16Array(0);
    }
    const magic = this.#start.toString('latin1', 0, MAGIC_BYTES);
    if (COMPRESSED.test(magic)) {
      throw new AppError('engine-refused', `${this.#engine}: ${COMPRESSED_ANSWER}`);
    }
    this.#stream = magic === 'RIFF' ? new WavStream() : new PcmStream(this.#rawRateHz);
    return this.#stream.push(this.#start);
  }
}

/** What is wrong with a server that answers MP3 and the like, and what to do. */
export const COMPRESSED_ANSWER =
  'the server answers with compressed sound though PCM was asked for; use a server that knows response_format "pcm"';
