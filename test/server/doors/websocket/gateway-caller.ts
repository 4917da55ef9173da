/**
 * A gateway or application at the other end of a WebSocket, for tests: says a tone in real time, keeps what it hears.
 */

import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { systemClock, type Timer } from '../../../../src/base/clock.ts';
import type { Wav } from '../../../../src/protocol/wav.ts';
import { concatPcm, levelDbfs, sine, toneDbfs } from '../../../asterisk/audio.ts';
import { eventually, within } from '../../../support/waiting.ts';

const LIMIT_MS = 60_000;
/** A tone at least this much louder than the rest, in dB, was heard. */
const HEARD_DB = 6;

export interface GatewayCallerOptions {
  readonly rateHz: number;
  /** Sound as messages of text, and as such in this form; default binary messages. */
  readonly form?: 'binary' | 'base64' | 'bytes';
  readonly bigEndian?: boolean;
  /** Bytes in a binary message; default 20 ms. */
  readonly messageBytes?: number;
  readonly socket?: ClientOptions;
}

/** A message of text that is no sound. */
export interface Told {
  readonly type?: string;
  readonly [field: string]: unknown;
}

export class GatewayCaller {
  readonly told: Told[] = [];
  /** The last of the messages with sound, without it. */
  lastSound: Told | undefined;
  closed: { readonly code: number } | undefined;
  readonly socket: WebSocket;
  readonly #options: GatewayCallerOptions;
  readonly #heard: Int16Array[] = [];
  #timer: Timer | undefined;

  private constructor(socket: WebSocket, options: GatewayCallerOptions) {
    this.socket = socket;
    this.#options = options;
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.closed = { code };
      this.#timer?.cancel();
    });
  }

  static async connect(url: string, options: GatewayCallerOptions): Promise<GatewayCaller> {
    const caller = new GatewayCaller(new WebSocket(url, options.socket), options);
    await within('a WebSocket opens', LIMIT_MS, once(caller.socket, 'open'));
    return caller;
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Says a tone without end, in real time. */
  say(toneHz: number): void {
    this.sayAgain(sine(toneHz, 1_000, this.#options.rateHz, 0.4));
  }

  /** Says a sound again and again, in real time; what is less than a frame at its end is left out. */
  sayAgain(pcm: Int16Array): void {
    const samples = this.#options.rateHz / 50;
    const frames = Math.floor(pcm.length / samples);
    const startMs = systemClock.nowMs();
    let frame = 0;
    const next = (): void => {
      const at = (frame % frames) * samples;
      this.#send(pcm.subarray(at, at + samples), frame);
      frame += 1;
      this.#timer = systemClock.at(startMs + frame * 20, next);
    };
    this.#timer?.cancel();
    next();
  }

  /** Resolves when a tone is heard from now on. */
  async hears(toneHz: number): Promise<void> {
    const from = this.#heard.length;
    const { rateHz } = this.#options;
    await eventually(
      () => `${toneHz} Hz is heard; told ${JSON.stringify(this.told)}, ${this.#heard.length} frames`,
      LIMIT_MS,
      () => {
        const pcm = concatPcm(...this.#heard.slice(Math.max(from, this.#heard.length - 10)));
        return (
          pcm.length >= rateHz / 10 &&
          toneDbfs(pcm, toneHz, rateHz) > levelDbfs(pcm) - HEARD_DB &&
          levelDbfs(pcm) > -40
        );
      },
    );
  }

  /** What came last, so many ms of it. */
  last(durationMs: number): Wav {
    const { rateHz } = this.#options;
    return { rateHz, pcm: concatPcm(...this.#heard.slice(-durationMs / 20)) };
  }

  /** Frames of sound that have come. */
  get frames(): number {
    return this.#heard.length;
  }

  /** Resolves with the first message of a type. */
  toldOf(type: string): Promise<Told> {
    return eventually(
      () => `${type} is told, and not only ${JSON.stringify(this.told)}`,
      LIMIT_MS,
      () => this.told.find((message) => message.type === type),
    );
  }

  async untilClosed(): Promise<number> {
    return (await eventually('the connection closes', LIMIT_MS, () => this.closed)).code;
  }

  end(): void {
    this.#timer?.cancel();
    this.socket.terminate();
  }

  #send(pcm: Int16Array, sequence: number): void {
    const { form = 'binary', bigEndian = false, messageBytes } = this.#options;
    const bytes = Buffer.from(pcm.slice().buffer);
    const ordered = bigEndian ? bytes.swap16() : bytes;
    if (form === 'binary') {
      const size = messageBytes ?? ordered.length;
      for (let at = 0; at < ordered.length; at += size) {
        this.socket.send(ordered.subarray(at, at + size));
      }
    } else {
      const data = form === 'base64' ? ordered.toString('base64') : [...ordered];
      this.tell({ type: 'audio', extension: '0', timestamp: sequence * 20, sequence, data });
    }
  }

  #hear(data: unknown, isBinary: boolean): void {
    if (!(data instanceof Buffer)) {
      return;
    }
    if (isBinary) {
      this.#keep(data);
      return;
    }
    const message = JSON.parse(data.toString('utf8'));
    if (message.type === 'translated_audio') {
      const { data: sound, ...rest } = message;
      this.lastSound = rest;
      this.#keep(typeof sound === 'string' ? Buffer.from(sound, 'base64') : Buffer.from(sound));
    } else {
      this.told.push(message);
    }
  }

  #keep(bytes: Buffer): void {
    const ordered = this.#options.bigEndian === true ? Buffer.from(bytes).swap16() : bytes;
    this.#heard.push(new Int16Array(Uint8Array.from(ordered).buffer));
  }
}
