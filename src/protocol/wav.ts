/**
 * WAV files of 16-bit PCM: reading what people have, writing what a leg heard. Reading takes any number of
 * channels and keeps one; it refuses compressed and non-16-bit files with a sentence that says how
 * to convert them. Source: Microsoft/IBM Multimedia Programming Interface and Data Specifications 1.0, RIFF WAVE.
 */

import { AppError } from '../base/errors.ts';

export interface Wav {
  readonly rateHz: number;
  readonly pcm: Int16Array;
}

/** Bytes of the header that {@link wavHeader} makes. */
export const WAV_HEADER_BYTES = 44;
/** Where it says how long the file is without its first 8 bytes, and how long its samples are. */
const RIFF_LENGTH_AT = 4;
const DATA_LENGTH_AT = 40;
const UNKNOWN_LENGTH = 0xffff_ffff;
const RIFF_BYTES = WAV_HEADER_BYTES - 8;

const FORMAT_PCM = 1;
const FORMAT_EXTENSIBLE = 0xfffe;

/**
 * Reads a whole WAV file; copies the samples.
 * @param channel which is kept, from 0 on. Default the first.
 * @throws AppError `wav-unreadable` saying what is wrong with it.
 */
export function parseWav(bytes: Uint8Array, channel = 0): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') {
    throw new AppError(
      'wav-unreadable',
      'this is not a WAV file; make one with: sox in.mp3 -b 16 -e signed out.wav',
    );
  }
  let format: { channels: number; rateHz: number } | undefined;
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    const chunkTag = tag(view, offset);
    const chunkBytes = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (chunkTag === 'fmt ' && start + 16 <= bytes.length) {
      const encoding = view.getUint16(start, true);
      const bits = view.getUint16(start + 14, true);
      if ((encoding !== FORMAT_PCM && encoding !== FORMAT_EXTENSIBLE) || bits !== 16) {
        throw new AppError(
          'wav-unreadable',
          `this WAV file is not 16-bit PCM (format ${encoding}, ${bits} bits); convert it with: sox in.wav -b 16 -e signed out.wav`,
        );
      }
      format = { channels: view.getUint16(start + 2, true), rateHz: view.getUint32(start + 4, true) };
    } else if (chunkTag === 'data') {
      if (format === undefined || format.channels <= channel || format.rateHz === 0) {
        break;
      }
      // A streamed file announces more than it has.
      const end = Math.min(bytes.length, start + chunkBytes);
      return { rateHz: format.rateHz, pcm: oneChannel(view, start, end, format.channels, channel) };
    }
    offset = start + chunkBytes + (chunkBytes % 2);
  }
  throw new AppError('wav-unreadable', 'this WAV file has no audio in it; name another');
}

/** The header of a 16-bit file with `dataBytes` bytes of samples after it; those of its channels take turns. */
export function wavHeader(rateHz: number, dataBytes: number, channels = 1): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(RIFF_BYTES + dataBytes, RIFF_LENGTH_AT);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(rateHz * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, DATA_LENGTH_AT);
  return header;
}

/**
 * The header of a file of which nobody knows how long it will be: with the most that there can be, which players take for
 * as long as it goes on.
 */
export function endlessWavHeader(rateHz: number, channels: number): Buffer {
  const header = wavHeader(rateHz, 0, channels);
  header.writeUInt32LE(UNKNOWN_LENGTH, RIFF_LENGTH_AT);
  header.writeUInt32LE(UNKNOWN_LENGTH, DATA_LENGTH_AT);
  return header;
}

/** What {@link wavHeader} made, with the lengths of a file of `fileBytes`; undefined when it did not make `header`. */
export function mendedWavHeader(header: Uint8Array, fileBytes: number): Buffer | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const isOurs =
    header.length >= WAV_HEADER_BYTES && tag(view, 0) === 'RIFF' && tag(view, DATA_LENGTH_AT - 4) === 'data';
  if (!isOurs || fileBytes < WAV_HEADER_BYTES) {
    return undefined;
  }
  const channels = view.getUint16(22, true);
  const dataBytes = fileBytes - WAV_HEADER_BYTES;
  const wholeBytes = dataBytes - (dataBytes % (channels * 2));
  return wavHeader(view.getUint32(24, true), wholeBytes, channels);
}

/** A whole mono WAV file. Copies `pcm`. */
export function encodeWav(wav: Wav): Buffer {
  const data = Buffer.from(wav.pcm.buffer, wav.pcm.byteOffset, wav.pcm.byteLength);
  return Buffer.concat([wavHeader(wav.rateHz, data.length), data]);
}

function tag(view: DataView, offset: number): string {
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}

function oneChannel(
  view: DataView,
  start: number,
  end: number,
  channels: number,
  channel: number,
): Int16Array {
  const strideBytes = channels * 2;
  const pcm = new Int16Array(Math.floor((end - start) / strideBytes));
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = view.getInt16(start + i * strideBytes + channel * 2, true);
  }
  return pcm;
}
