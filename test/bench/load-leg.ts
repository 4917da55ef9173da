/**
 * One telephone of the load generator: a connection that sends a numbered frame each 20 ms and records every
 * frame it hears. Made to be cheap, since 400 of them share a thread: one read buffer for all legs, one write
 * buffer per leg, and no decoder while messages arrive whole. Times are taken at the write and at the read.
 */

import { connect, type Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import type { GridMember } from '../../src/base/grid-ticker.ts';
import { FRAME_MS, frameBytes } from '../../src/base/units.ts';
import { encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { HEADER_BYTES } from '../../src/protocol/audiosocket/kinds.ts';
import { FrameListener, type FrameSource } from './frame-listener.ts';
import { writeMarker } from './frame-marker.ts';
import { type LegRecord, LegRecorder } from './leg-record.ts';
import { TONE_FRAMES } from './tone-clock.ts';

/** Frames whose time of writing is remembered: 5.12 s, four times the longest delay that can be told. */
const REMEMBERED_FRAMES = 256;

/** Read into by one leg at a time: libuv reads and calls back before it turns to the next socket. */
const readBuffer = Buffer.allocUnsafe(65_536);

export interface LoadLegOptions {
  readonly leg: number;
  readonly uuid: Uint8Array;
  readonly rateHz: number;
  /** Payloads of {@link TONE_FRAMES} consecutive frames, shared by all legs. */
  readonly tone: readonly Buffer[];
  /** The most frames recorded, each way. */
  readonly frames: number;
  readonly clock: Clock;
}

export class LoadLeg implements GridMember, FrameSource {
  readonly #options: LoadLegOptions;
  readonly #recorder: LegRecorder;
  readonly #listener: FrameListener;
  readonly #decoder: AudioSocketDecoder;
  readonly #writtenMs = new Float64Array(REMEMBERED_FRAMES);
  readonly #message: Buffer;
  #socket: Socket | undefined;
  #framesSent = 0;
  #nextDueMs: number | undefined;
  #arrivedMs = 0;
  /** Bytes the decoder holds of a message that has begun. */
  #undecodedBytes = 0;
  #finished = false;
  #lostBecause: string | undefined;

  constructor(options: LoadLegOptions) {
    this.#options = options;
    this.#recorder = new LegRecorder(options.leg, options.frames);
    this.#listener = new FrameListener(this.#recorder, options.tone);
    this.#message = encodeAudio(new Uint8Array(frameBytes(options.rateHz)), options.rateHz);
    this.#decoder = new AudioSocketDecoder({
      uuid: () => this.#lose('sent-a-uuid'),
      dtmf: () => this.#lose('sent-a-key'),
      error: () => this.#lose('sent-an-error'),
      hangup: () => this.#lose('hung-up'),
      audio: (pcm, rateHz) => {
        this.#undecodedBytes -= HEADER_BYTES + pcm.length;
        const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.length);
        this.#listener.hear(bytes, 0, pcm.length, rateHz, this.#arrivedMs);
      },
    });
  }

  get leg(): number {
    return this.#options.leg;
  }

  get newestFrame(): number {
    return this.#framesSent - 1;
  }

  writtenAtMs(frame: number): number {
    const forgotten = frame < 0 || frame >= this.#framesSent || frame < this.#framesSent - REMEMBERED_FRAMES;
    return forgotten ? Number.NaN : (this.#writtenMs[frame % REMEMBERED_FRAMES] ?? Number.NaN);
  }

  /** Says whose frames this leg should hear. */
  pairWith(partner: FrameSource): void {
    this.#listener.expect(partner);
  }

  /** Connects and sends the UUID. Resolves when that has succeeded or the leg is lost. */
  open(host: string, port: number): Promise<void> {
    return new Promise((resolve) => {
      const onread = { buffer: readBuffer, callback: (bytes: number) => this.#read(bytes) };
      const socket = connect({ host, port, noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', (error) => this.#lose(codeOf(error)));
      socket.on('close', () => {
        this.#lose('closed-by-the-server');
        resolve();
      });
      socket.on('connect', () => {
        socket.write(encodeUuid(this.#options.uuid));
        resolve();
      });
    });
  }

  /** Sends what is due; after a stall of the generator, everything that was due in it. */
  tick(deadlineMs: number): void {
    const socket = this.#socket;
    if (socket === undefined || this.#finished) {
      return;
    }
    let dueMs = this.#nextDueMs ?? deadlineMs;
    // Half a frame of tolerance: deadlines are multiples of a fraction and never exactly equal.
    for (; dueMs < deadlineMs + FRAME_MS / 2; dueMs += FRAME_MS) {
      this.#send(socket, dueMs);
    }
    this.#nextDueMs = dueMs;
  }

  /** A leg whose own sending fails is a lost one. */
  failed(error: unknown): void {
    this.#lose(codeOf(error));
  }

  /** Hangs up at the end of the run and returns what was recorded. */
  finish(): LegRecord {
    this.#finished = true;
    this.#socket?.destroy();
    return this.#recorder.finish(this.#lostBecause);
  }

  #send(socket: Socket, dueMs: number): void {
    const frame = this.#framesSent;
    // A buffer may not be changed while a write of it is pending.
    const message = socket.writableLength === 0 ? this.#message : Buffer.from(this.#message);
    const tone = this.#options.tone[frame % TONE_FRAMES];
    if (tone !== undefined) {
      message.set(tone, HEADER_BYTES);
    }
    writeMarker(message, HEADER_BYTES, this.#options.leg, frame);
    const nowMs = this.#options.clock.nowMs();
    this.#writtenMs[frame % REMEMBERED_FRAMES] = nowMs;
    this.#framesSent = frame + 1;
    socket.write(message);
    this.#recorder.sent(dueMs, nowMs - dueMs);
  }

  /** Takes what was read into the shared buffer; true asks for more. */
  #read(bytes: number): boolean {
    if (this.#finished) {
      return true;
    }
    this.#arrivedMs = this.#options.clock.nowMs();
    if (this.#isOneMessage(bytes)) {
      const payloadBytes = bytes - HEADER_BYTES;
      this.#listener.hear(readBuffer, HEADER_BYTES, payloadBytes, this.#options.rateHz, this.#arrivedMs);
      return true;
    }
    try {
      this.#undecodedBytes += bytes;
      this.#decoder.push(readBuffer.subarray(0, bytes));
    } catch (error) {
      this.#lose(codeOf(error));
    }
    return true;
  }

  /** Whether the read buffer holds exactly one audio message of the leg's own rate and of one frame. */
  #isOneMessage(bytes: number): boolean {
    const message = this.#message;
    return (
      bytes === message.length &&
      this.#undecodedBytes === 0 &&
      readBuffer[0] === message[0] &&
      readBuffer[1] === message[1] &&
      readBuffer[2] === message[2]
    );
  }

  #lose(because: string): void {
    if (!this.#finished) {
      this.#finished = true;
      this.#lostBecause = because;
      this.#socket?.destroy();
    }
  }
}
