/**
 * The wire: decoding as telephones send it, in bursts, and in the worst chunks there can be; encoding as we do.
 */

import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import type { Case } from './measure.ts';
import { voiceFrames } from './voice-samples.ts';

export function wireCases(): readonly Case[] {
  return [
    decodeCase('decode 8,000 Hz, 323-byte message, one a chunk', 1, undefined),
    decodeCase('decode 8,000 Hz, 323-byte messages, five a chunk', 5, undefined),
    decodeCase('decode 8,000 Hz, 323-byte message, cut in two', 1, [100]),
    decodeCase('decode 8,000 Hz, 323-byte message, byte by byte', 1, everyByte(323)),
    decodeCase('decode 16,000 Hz, 643-byte message, one a chunk', 1, undefined, 16_000),
    encodeCase(8_000),
    encodeCase(16_000),
  ];
}

/** @param cuts where the messages are cut into chunks; without it they are one chunk. */
function decodeCase(
  name: string,
  messages: number,
  cuts: readonly number[] | undefined,
  rateHz = 8_000,
): Case {
  let heardBytes = 0;
  const decoder = new AudioSocketDecoder({
    audio: (pcm) => {
      heardBytes += pcm.length;
    },
    uuid: fail,
    dtmf: fail,
    hangup: fail,
    error: fail,
  });
  const payloads = voiceFrames(rateHz, messages);
  const wire = Buffer.concat(payloads.map((pcm) => encodeAudio(pcm, rateHz)));
  const edges = [0, ...(cuts ?? []), wire.length];
  const chunks = edges.slice(1).map((edge, index) => wire.subarray(edges[index], edge));
  return {
    name,
    framesPerOp: messages,
    run: (times) => {
      heardBytes = 0;
      for (let i = 0; i < times; i += 1) {
        for (const chunk of chunks) {
          decoder.push(chunk);
        }
      }
      if (heardBytes !== times * (wire.length - 3 * messages)) {
        throw new RangeError('the decoder lost audio');
      }
    },
  };
}

function encodeCase(rateHz: number): Case {
  const [pcm = Buffer.alloc(0)] = voiceFrames(rateHz, 1);
  return {
    name: `encode ${rateHz.toLocaleString('en-US')} Hz, ${pcm.length} bytes`,
    framesPerOp: 1,
    run: (times) => {
      let bytes = 0;
      for (let i = 0; i < times; i += 1) {
        bytes += encodeAudio(pcm, rateHz).length;
      }
      if (bytes !== times * (pcm.length + 3)) {
        throw new RangeError('the encoder lost audio');
      }
    },
  };
}

function everyByte(bytes: number): readonly number[] {
  return Array.from({ length: bytes - 1 }, (_, index) => index + 1);
}

function fail(): never {
  throw new TypeError('there is only audio on this wire');
}
