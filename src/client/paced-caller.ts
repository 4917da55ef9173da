/**
 * The connection of one leg as Asterisk makes and paces it: the UUID, then a packet of sound at each deadline, whatever
 * comes back. What is said, what is made of what is heard, and how strict one is about it are its owner's.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { codeOf } from '../base/errors.ts';
import { FRAME_MS } from '../base/units.ts';
import { encodeChannelAudio, encodeUuid } from '../protocol/audiosocket/asterisk-encoder.ts';
import { openSocket } from './open-socket.ts';

export interface PacedCallerOptions {
  readonly host: string;
  readonly port: number;
  /** An AudioSocket rate, of what is said. */
  readonly rateHz: number;
  /** What one message of ours holds. Default 20. */
  readonly packetMs?: number;
}

/** What happens on the connection, until its owner ends it. */
export interface CallerEvents {
  /** A deadline: the packet that is due, or undefined to send nothing this time. The owner may end the leg in it. */
  readonly packet: () => Int16Array | undefined;
  readonly received: (chunk: Uint8Array) => void;
  /** The server closed its side, or the connection broke; `code` is the system's, empty for the first. */
  readonly lost: (code: string) => void;
}

export class PacedCaller {
  /** On the clock's scale. */
  readonly connectedAtMs: number;
  /** Resolves, never rejects, when the socket is gone on both sides. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #rateHz: number;
  readonly #packetMs: number;
  #events: CallerEvents | undefined;
  #packets = 0;
  #speakingFromMs = 0;
  #timer: Timer | undefined;

  private constructor(socket: Socket, { rateHz, packetMs }: PacedCallerOptions, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#rateHz = rateHz;
    this.#packetMs = packetMs ?? FRAME_MS;
    this.connectedAtMs = clock.nowMs();
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#events?.lost('');
        resolve();
      });
    });
    socket.on('data', (chunk) => this.#events?.received(chunk));
    socket.on('end', () => this.#events?.lost(''));
    socket.on('error', (error) => this.#events?.lost(codeOf(error)));
  }

  /** Connects; the owner calls {@link start} before it waits for anything else. @throws the system's error. */
  static async connect(options: PacedCallerOptions, clock: Clock): Promise<PacedCaller> {
    return new PacedCaller(await openSocket(options.host, options.port, clock), options, clock);
  }

  /** Passes on what happens from now on; nothing has happened before. */
  start(events: CallerEvents): void {
    this.#events = events;
  }

  /** Says who it is. @param uuid 16 bytes. */
  identify(uuid: Uint8Array): void {
    this.write(encodeUuid(uuid));
  }

  /** Sends the first packet now, and one at each deadline from now on. */
  speak(): void {
    this.#speakingFromMs = this.#clock.nowMs();
    this.#send();
  }

  /** Deadlines of packets that have passed. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes that the server has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Writes bytes as they are. Does nothing once it has ended. */
  write(bytes: Uint8Array): void {
    if (this.#events !== undefined) {
      this.#socket.write(bytes);
    }
  }

  /**
   * Ends the connection; nothing is passed on any more. Idempotent. @param how `fin`: after what was written, and the
   * server closes its side; `rst`: at once, as when a machine dies; `gone`: at once, without waiting for the server.
   */
  end(how: 'fin' | 'rst' | 'gone'): void {
    this.#events = undefined;
    this.#timer?.cancel();
    switch (how) {
      case 'fin':
        this.#socket.end();
        break;
      case 'rst':
        this.#socket.resetAndDestroy();
        break;
      case 'gone':
        this.#socket.destroy();
        break;
    }
  }

  /**
   * One packet for each turn of the event loop, also after a stall of this process, in which many were due: between two
   * writes it hears what became of the first.
   */
  #send(): void {
    const pcm = this.#events?.packet();
    if (pcm !== undefined) {
      this.write(
        encodeChannelAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), this.#rateHz),
      );
    }
    this.#packets += 1;
    if (this.#events !== undefined) {
      const dueMs = this.#speakingFromMs + this.#packets * this.#packetMs;
      this.#timer = this.#clock.at(dueMs, () => this.#send());
    }
  }
}
