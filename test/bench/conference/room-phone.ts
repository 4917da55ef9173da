/**
 * One telephone of a run with rooms: it sends a frame each 20 ms, as its voice gives it, and notes when each frame
 * that it hears arrives. Made to be cheap, since hundreds of them share a thread: one read buffer for all, and sounds
 * that are heard are not kept. Times are taken at the write and at the read.
 */

import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../src/base/clock.ts';
import { codeOf } from '../../../src/base/errors.ts';
import type { GridMember } from '../../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { encodeChannelAudio, encodeUuid } from '../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../../src/protocol/audiosocket/decoder.ts';
import { parseUuid } from '../../../src/protocol/audiosocket/kinds.ts';
import type { CallVoice } from '../realtime/call-voice.ts';
import type { PhoneRecord } from './room-facts.ts';

/** What may wait to be read by the server, as a leg of Asterisk's would end by then: 0.5 s of 8,000 Hz. */
const UNREAD_LIMIT_BYTES = 8_000;

/** Read into by one telephone at a time: libuv reads and calls back before it turns to the next socket. */
const readBuffer = Buffer.allocUnsafe(65_536);

export interface RoomPhoneOptions {
  readonly uuid: string;
  readonly rateHz: number;
  readonly voice: CallVoice;
  readonly clock: Clock;
}

export class RoomPhone implements GridMember {
  readonly #options: RoomPhoneOptions;
  readonly #arrivalsMs: number[] = [];
  readonly #latenessMs: number[] = [];
  readonly #decoder: AudioSocketDecoder;
  #socket: Socket | undefined;
  #arrivedMs = 0;
  #nextDueMs: number | undefined;
  #over = false;
  #lostBecause: string | undefined;

  constructor(options: RoomPhoneOptions) {
    this.#options = options;
    this.#decoder = new AudioSocketDecoder({
      uuid: () => this.#lose('sent-a-uuid'),
      dtmf: () => this.#lose('sent-a-key'),
      error: () => this.#lose('sent-an-error'),
      hangup: () => this.#lose('hung-up'),
      audio: () => void this.#arrivalsMs.push(this.#arrivedMs),
    });
  }

  /** Connects and says who it is. Resolves when that has succeeded or the leg is lost. */
  ring(host: string, port: number): Promise<void> {
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
        socket.write(encodeUuid(parseUuid(this.#options.uuid) ?? new Uint8Array(0)));
        resolve();
      });
    });
  }

  /** Sends what is due; after a stall of this process, everything that was due in it. */
  tick(deadlineMs: number): void {
    let dueMs = this.#nextDueMs ?? deadlineMs;
    // Half a frame of tolerance: deadlines are multiples of a fraction and never exactly equal.
    for (; dueMs < deadlineMs + FRAME_MS / 2 && !this.#over; dueMs += FRAME_MS) {
      this.#send(dueMs);
    }
    this.#nextDueMs = dueMs;
  }

  failed(error: unknown): void {
    this.#lose(codeOf(error));
  }

  /** Hangs up at the end of the run and returns what was noted. */
  finish(): PhoneRecord {
    this.#over = true;
    this.#socket?.destroy();
    return {
      arrivalsMs: Float64Array.from(this.#arrivalsMs),
      latenessMs: Float32Array.from(this.#latenessMs),
      lostBecause: this.#lostBecause,
    };
  }

  #send(dueMs: number): void {
    const { voice, rateHz, clock } = this.#options;
    const pcm = voice.frame(this.#latenessMs.length);
    const unreadBytes = this.#socket?.writableLength ?? 0;
    if (unreadBytes > UNREAD_LIMIT_BYTES) {
      this.#lose('not-read-by-the-server');
      return;
    }
    this.#socket?.write(
      encodeChannelAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), rateHz),
    );
    this.#latenessMs.push(clock.nowMs() - dueMs);
  }

  /** Takes what was read into the shared buffer; true asks for more. */
  #read(bytes: number): boolean {
    if (!this.#over) {
      this.#arrivedMs = this.#options.clock.nowMs();
      try {
        this.#decoder.push(readBuffer.subarray(0, bytes));
      } catch (error) {
        this.#lose(codeOf(error));
      }
    }
    return true;
  }

  #lose(because: string): void {
    if (!this.#over) {
      this.#over = true;
      this.#lostBecause = because;
      this.#socket?.destroy();
    }
  }
}
