/**
 * The samples of a WAV file while it arrives. Programs that write WAV to a pipe do not know how long it will be
 * and announce a bogus size, so everything after the `data` header is taken as samples. 16-bit mono only.
 */

import { AppError } from '../../base/errors.ts';
import { SAMPLE_BYTES } from '../../base/units.ts';

/** The longest header in bytes that is waited for; the usual one has 44. */
const HEADER_LIMIT_BYTES = 4_096;

const FORMAT_PCM = 1;

export class WavStream {
  #rateHz: number | undefined;
  /** The header so far, then at most the first byte of a sample. */
  #rest: Buffer = Buffer.alloc(0);

  /** The rate in Hz, once the header has arrived. */
  get rateHz(): number | undefined {
    return this.#rateHz;
  }

  /**
   * Takes the next bytes, cut anywhere; returns the samples that are complete now, copied, perhaps none.
   * @throws AppError `engine-bad-answer` when this is no WAV stream of 16-bit mono PCM.
   */
  push(bytes: Uint8Array): Int16Array {
    let data: Buffer = Buffer.concat([this.#rest, bytes]);
    if (this.#rateHz === undefined) {
      const header = readHeader(data);
      if (header === undefined) {
        this.#rest = data;
        return new Int16Array(0);
      }
      this.#rateHz = header.rateHz;
      data = data.subarray(header.headerBytes);
    }
    const samples = Math.floor(data.length / SAMPLE_BYTES);
    this.#rest = Buffer.from(data.subarray(samples * SAMPLE_BYTES));
    const pcm = new Int16Array(samples);
    for (let i = 0; i < samples; i += 1) {
      pcm[i] = data.readInt16LE(i * SAMPLE_BYTES);
    }
    return pcm;
  }
}

/** The header when all of it is there. */
function readHeader(bytes: Buffer): { readonly rateHz: number; readonly headerBytes: number } | undefined {
  const begins = bytes.toString('latin1', 0, 12);
  if (!'RIFF'.startsWith(begins.slice(0, 4)) || !'WAVE'.startsWith(begins.slice(8, 12))) {
    throw bad('what came is not WAV');
  }
  let rateHz: number | undefined;
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    const tag = bytes.toString('latin1', offset, offset + 4);
    const chunkBytes = bytes.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (tag === 'data') {
      if (rateHz === undefined) {
        throw bad('the WAV stream does not say its format');
      }
      return { rateHz, headerBytes: start };
    }
    if (tag === 'fmt ') {
      if (start + 16 > bytes.length) {
        break;
      }
      rateHz = readFormat(bytes, start);
    }
    // Chunks are padded to an even length.
    offset = start + chunkBytes + (chunkBytes % 2);
  }
  if (bytes.length > HEADER_LIMIT_BYTES || offset > HEADER_LIMIT_BYTES) {
    throw bad('the WAV header has no end');
  }
  return undefined;
}

function readFormat(bytes: Buffer, start: number): number {
  const encoding = bytes.readUInt16LE(start);
  const channels = bytes.readUInt16LE(start + 2);
  const rateHz = bytes.readUInt32LE(start + 4);
  const bits = bytes.readUInt16LE(start + 14);
  if (encoding !== FORMAT_PCM || channels !== 1 || bits !== 16 || rateHz < 4_000 || rateHz > 192_000) {
    throw bad('the WAV stream is not 16-bit mono PCM');
  }
  return rateHz;
}

function bad(message: string): AppError {
  return new AppError('engine-bad-answer', message);
}
