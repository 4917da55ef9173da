/**
 * Bytes of an AudioSocket connection to messages, incrementally: any chunking, byte by byte included. It knows
 * both directions' kinds, so the server and programs that play Asterisk use the same one. A message that lies
 * whole in a chunk is handed over as a view of that chunk, without a copy: a view is good only during the
 * call, and often starts at an odd offset, where `new Int16Array` throws. A broken message ends the stream:
 * framing is lost, so nothing after it can be trusted.
 */

import { AppError } from '../../base/errors.ts';
import {
  HEADER_BYTES,
  KIND_DTMF,
  KIND_ERROR,
  KIND_HANGUP,
  KIND_RELAYED,
  KIND_UUID,
  MAX_PAYLOAD_MS,
  maxPayloadBytes,
  rateOfKind,
  UUID_BYTES,
} from './kinds.ts';

/** Hears the messages in order. Payload views are valid only during the call. */
export interface MessageSink {
  hangup(): void;
  uuid(bytes: Uint8Array): void;
  /** Another node passes the leg on. Default: nobody asks. */
  relayed?(): void;
  dtmf(digit: string): void;
  /** Audio with an even, possibly zero, number of bytes, at most {@link MAX_PAYLOAD_MS} of it. */
  audio(pcm: Uint8Array, rateHz: number): void;
  /** The documented error message; its payload means nothing agreed. */
  error(payload: Uint8Array): void;
}

export class AudioSocketDecoder {
  readonly #sink: MessageSink;
  /** A message that has begun in an earlier chunk; empty between messages. */
  #partial = new Uint8Array(0);
  #partialBytes = 0;
  /** The chunk and the payload of the last message that was a chunk of its own. */
  #lastChunk: Uint8Array = new Uint8Array(0);
  #lastPayload: Uint8Array = new Uint8Array(0);
  #failure: AppError | undefined;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /**
   * Decodes the next bytes; does not keep `chunk`.
   * @throws AppError `wire-unknown-kind`, `wire-bad-length` or `wire-payload-too-long`, judged from the header
   * alone, and again on each later call.
   */
  push(chunk: Uint8Array): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    let offset = this.#partialBytes > 0 ? this.#completePartial(chunk) : 0;
    while (chunk.length - offset >= HEADER_BYTES) {
      const messageBytes = HEADER_BYTES + this.#payloadBytes(chunk, offset);
      if (chunk.length - offset < messageBytes) {
        break;
      }
      const kind = chunk[offset] ?? 0;
      if (messageBytes === chunk.length) {
        this.#deliver(kind, this.#payloadOf(chunk));
      } else {
        this.#deliver(kind, chunk.subarray(offset + HEADER_BYTES, offset + messageBytes));
      }
      offset += messageBytes;
    }
    if (offset < chunk.length) {
      this.#keep(chunk.subarray(offset));
    }
  }

  /** The payload of a chunk that is one message, as nearly all are; a chunk that comes again needs no new view. */
  #payloadOf(chunk: Uint8Array): Uint8Array {
    if (chunk !== this.#lastChunk) {
      this.#lastChunk = chunk;
      this.#lastPayload = chunk.subarray(HEADER_BYTES);
    }
    return this.#lastPayload;
  }

  /** Adds to the message that has begun until it is whole; returns how many bytes of `chunk` that took. */
  #completePartial(chunk: Uint8Array): number {
    let offset = 0;
    while (offset < chunk.length) {
      const wanted =
        this.#partialBytes < HEADER_BYTES
          ? HEADER_BYTES
          : HEADER_BYTES + this.#payloadBytes(this.#partial, 0);
      const taken = Math.min(wanted - this.#partialBytes, chunk.length - offset);
      this.#keep(chunk.subarray(offset, offset + taken));
      offset += taken;
      if (this.#partialBytes >= HEADER_BYTES) {
        const messageBytes = HEADER_BYTES + this.#payloadBytes(this.#partial, 0);
        if (this.#partialBytes === messageBytes) {
          this.#partialBytes = 0;
          this.#deliver(this.#partial[0] ?? 0, this.#partial.subarray(HEADER_BYTES, messageBytes));
          break;
        }
      }
    }
    return offset;
  }

  /** Of a message that has begun and is not whole: a copy. */
  get unfinished(): Uint8Array {
    return this.#partial.slice(0, this.#partialBytes);
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length;
    if (this.#partial.length < needed) {
      // Doubling from 1 KiB; the longest message there is has 65,538 bytes.
      const grown = new Uint8Array(Math.max(1_024, this.#partial.length * 2, needed));
      grown.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#partialBytes);
    this.#partialBytes = needed;
  }

  /** The payload length a header at `offset` announces, checked against its kind. */
  #payloadBytes(bytes: Uint8Array, offset: number): number {
    const kind = bytes[offset] ?? 0;
    const payloadBytes = ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0);
    const rateHz = rateOfKind(kind);
    if (rateHz !== undefined) {
      if (payloadBytes % 2 !== 0) {
        this.#fail('wire-bad-length', `audio of ${payloadBytes} bytes is not whole 16-bit samples`);
      }
      if (payloadBytes > maxPayloadBytes(rateHz)) {
        this.#fail(
          'wire-payload-too-long',
          `an audio payload of ${payloadBytes} bytes is longer than ${MAX_PAYLOAD_MS} ms at ${rateHz} Hz`,
        );
      }
      return payloadBytes;
    }
    const wanted = CONTROL_PAYLOAD_BYTES.get(kind);
    if (wanted === undefined) {
      this.#fail(
        'wire-unknown-kind',
        `AudioSocket has no message kind 0x${kind.toString(16).padStart(2, '0')}`,
      );
    } else if (payloadBytes < wanted.least || payloadBytes > wanted.most) {
      this.#fail(
        'wire-bad-length',
        `a message of kind 0x${kind.toString(16)} cannot have ${payloadBytes} bytes`,
      );
    }
    return payloadBytes;
  }

  #fail(code: 'wire-unknown-kind' | 'wire-bad-length' | 'wire-payload-too-long', message: string): never {
    this.#failure = new AppError(code, message);
    throw this.#failure;
  }

  #deliver(kind: number, payload: Uint8Array): void {
    const rateHz = rateOfKind(kind);
    if (rateHz !== undefined) {
      this.#sink.audio(payload, rateHz);
    } else if (kind === KIND_UUID) {
      this.#sink.uuid(payload);
    } else if (kind === KIND_DTMF) {
      this.#sink.dtmf(String.fromCharCode(payload[0] ?? 0));
    } else if (kind === KIND_HANGUP) {
      this.#sink.hangup();
    } else if (kind === KIND_RELAYED) {
      this.#sink.relayed?.();
    } else {
      this.#sink.error(payload);
    }
  }
}

/** How long the payload of each kind that is not audio may be, in bytes. */
const CONTROL_PAYLOAD_BYTES: ReadonlyMap<number, { readonly least: number; readonly most: number }> = new Map(
  [
    [KIND_HANGUP, { least: 0, most: 0 }],
    [KIND_RELAYED, { least: 0, most: 0 }],
    [KIND_UUID, { least: UUID_BYTES, most: UUID_BYTES }],
    [KIND_DTMF, { least: 1, most: 1 }],
    [KIND_ERROR, { least: 0, most: 64 }],
  ],
);
