/**
 * The bytes between us and `recogniser.py`: length-prefixed messages up, lines of JSON down. The Python file's
 * own header describes the same protocol; both change together.
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { parseJson } from '../../wire/json.ts';
import type { Word } from '../stt-engine.ts';

/** What the recogniser says. */
export type RecogniserMessage =
  /** It is there: the first that it says. */
  | { readonly type: 'ready'; readonly pid: number }
  /** It is done with this much of the audio it was sent; more may follow. */
  | { readonly type: 'took'; readonly samples: number }
  | {
      readonly type: 'partial' | 'final';
      readonly utterance: number;
      readonly text: string;
      readonly words: readonly Word[];
    };

/** 1 byte type + 4 bytes little-endian length. */
const HEADER_BYTES = 5;

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), pid: z.number().int().positive() }),
  z.object({ type: z.literal('took'), samples: z.number().int().nonnegative() }),
  z.object({
    type: z.enum(['partial', 'final']),
    utterance: z.number().int().nonnegative(),
    words: z.array(z.tuple([z.string(), z.number(), z.number()])),
  }),
]);

export function encodeStart(utterance: number): Buffer {
  const message = header('S', 4);
  message.writeUInt32LE(utterance, HEADER_BYTES);
  return message;
}

/** Copies `pcm` behind its header, so that a message is one write. */
export function encodeAudio(pcm: Int16Array): Buffer {
  const message = header('A', pcm.byteLength);
  Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).copy(message, HEADER_BYTES);
  return message;
}

export function encodeEnd(): Buffer {
  return header('E', 0);
}

/** @throws AppError `engine-bad-answer` when `line` is not one of the recogniser's messages. */
export function decodeLine(line: string): RecogniserMessage {
  const parsed = MESSAGE.safeParse(parseJson(line));
  if (!parsed.success) {
    throw new AppError('engine-bad-answer', 'pocketsphinx: the recogniser sent something it should not');
  }
  const message = parsed.data;
  if (message.type === 'took' || message.type === 'ready') {
    return message;
  }
  const words = message.words.map(([text, startMs, endMs]) => ({ text, startMs, endMs }));
  return {
    type: message.type,
    utterance: message.utterance,
    text: words.map((word) => word.text).join(' '),
    words,
  };
}

function header(type: 'S' | 'A' | 'E', payloadBytes: number): Buffer {
  const message = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  message.writeUInt8(type.charCodeAt(0), 0);
  message.writeUInt32LE(payloadBytes, 1);
  return message;
}
