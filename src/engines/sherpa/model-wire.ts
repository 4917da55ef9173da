/**
 * The bytes between us and the process that holds a model: messages of a type, the number of whom they are for, and a
 * length, both ways, over one stream. Sound is raw; what is said once for a model, and what was heard, is JSON. Both
 * ends read this file, so both change together.
 */

import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { SAMPLE_BYTES } from '../../base/units.ts';
import { parseJson } from '../wire/json.ts';

/** A configuration of sherpa-onnx: what its constructors take, as JSON. */
export type ModelConfig = Readonly<Record<string, unknown>>;

/** What is done with a model. */
const USES = ['streams', 'whole', 'speak', 'embed'] as const;

/** What a process is told first, and once. */
const ORDER = z.object({
  use: z.enum(USES),
  /** Of the package. */
  packageFolder: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** Silence before an utterance and after it, in ms. */
  leadMs: z.number().nonnegative(),
  tailMs: z.number().nonnegative(),
});
export type ModelOrder = z.infer<typeof ORDER>;

/** What a process says when its model is loaded. */
const FACTS = z.object({
  /** The rate in Hz of what it speaks; 0 for what does not speak. */
  rateHz: z.number().int().nonnegative(),
  /** How many speakers it has; 0 for what does not speak. */
  speakers: z.number().int().nonnegative(),
  /** How many numbers its vectors have; 0 for what makes none. */
  dimensions: z.number().int().nonnegative(),
  loadMs: z.number(),
  /** What the process takes of the machine, in bytes. */
  residentBytes: z.number(),
});
export type ModelFacts = z.infer<typeof FACTS>;

/** What was heard: times are s from the first sample of the utterance. */
const HEARD = z.object({
  text: z.string(),
  tokens: z.array(z.string()),
  timesS: z.array(z.number()),
  /** The speaker is probably done. */
  likelyEnd: z.boolean(),
});
export type HeardTokens = z.infer<typeof HEARD>;

/** What is to be said. */
const SAYING = z.object({
  text: z.string(),
  speaker: z.number().int().nonnegative(),
  speed: z.number().positive(),
  /** The rate in Hz of the recording that is to be imitated, and what is said in it; its sound follows. */
  reference: z.object({ rateHz: z.number().positive(), text: z.string() }).optional(),
});
export type Saying = z.infer<typeof SAYING>;

/** What messages are, by number. The first row goes to the process, the second comes back. */
export const MESSAGE = {
  ...{ order: 1, begin: 2, audio: 3, pause: 4, end: 5, drop: 6, hear: 7, speak: 8, embed: 9 },
  ...{
    ready: 65,
    took: 66,
    partial: 67,
    settled: 68,
    final: 69,
    sound: 70,
    spoken: 71,
    vector: 72,
    refused: 73,
    /** For nobody: the process is at work on what it owes. */
    working: 74,
  },
} as const;
export type MessageType = (typeof MESSAGE)[keyof typeof MESSAGE];

export interface ModelMessage {
  readonly type: number;
  /** Whom it is for: a stream or a request. */
  readonly id: number;
  /** A view of what was received, good until the next piece is read. */
  readonly payload: Buffer;
}

/** 1 byte type + 4 bytes id + 4 bytes length. */
const HEADER_BYTES = 9;
/** 30 s of sound at 48 kHz take 2.9 MB. */
const MOST_PAYLOAD_BYTES = 8_388_608;

/** Copies `payload` behind its header, so that a message is one write. */
export function encodeMessage(type: MessageType, id: number, payload?: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(HEADER_BYTES + (payload?.byteLength ?? 0));
  message.writeUInt8(type, 0);
  message.writeUInt32LE(id, 1);
  message.writeUInt32LE(payload?.byteLength ?? 0, 5);
  if (payload !== undefined) {
    message.set(payload, HEADER_BYTES);
  }
  return message;
}

/** The messages in a stream of bytes that is cut anywhere. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws AppError `engine-bad-answer` when a message is longer than any. */
  *read(bytes: Buffer): Iterable<ModelMessage> {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = all.readUInt32LE(at + 5);
      if (length > MOST_PAYLOAD_BYTES) {
        throw new AppError('engine-bad-answer', 'sherpa: a message of the model process is too long');
      }
      const end = at + HEADER_BYTES + length;
      if (end > all.length) {
        break;
      }
      yield {
        type: all.readUInt8(at),
        id: all.readUInt32LE(at + 1),
        payload: all.subarray(at + HEADER_BYTES, end),
      };
      at = end;
    }
    this.#rest = all.subarray(at);
  }
}

/** The bytes of `pcm`, shared. */
export function pcmBytes(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

/** The samples of a payload, copied. */
export function pcmOf(payload: Uint8Array): Int16Array {
  const pcm = new Int16Array(Math.floor(payload.byteLength / SAMPLE_BYTES));
  new Uint8Array(pcm.buffer).set(payload.subarray(0, pcm.byteLength));
  return pcm;
}

/** The numbers of a payload, copied. */
export function vectorOf(payload: Uint8Array): Float32Array {
  const numbers = new Float32Array(Math.floor(payload.byteLength / Float32Array.BYTES_PER_ELEMENT));
  new Uint8Array(numbers.buffer).set(payload.subarray(0, numbers.byteLength));
  return numbers;
}

export function jsonBytes(value: ModelOrder | ModelFacts | HeardTokens): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function orderOf(payload: Buffer): ModelOrder {
  return read(ORDER, payload);
}

export function factsOf(payload: Buffer): ModelFacts {
  return read(FACTS, payload);
}

export function heardOf(payload: Buffer): HeardTokens {
  return read(HEARD, payload);
}

/** A length of 4 bytes, what is to be said, and the sound to be imitated. */
export function sayingBytes(saying: Saying, reference?: Int16Array): Buffer {
  const json = Buffer.from(JSON.stringify(saying));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, ...(reference === undefined ? [] : [pcmBytes(reference)])]);
}

export function sayingOf(payload: Buffer): { readonly saying: Saying; readonly reference: Int16Array } {
  const end = 4 + payload.readUInt32LE(0);
  return { saying: read(SAYING, payload.subarray(4, end)), reference: pcmOf(payload.subarray(end)) };
}

function read<T>(schema: z.ZodType<T>, payload: Buffer): T {
  const parsed = schema.safeParse(parseJson(payload.toString('utf8')));
  if (!parsed.success) {
    throw new AppError('engine-bad-answer', 'sherpa: the model process sent something it should not');
  }
  return parsed.data;
}
