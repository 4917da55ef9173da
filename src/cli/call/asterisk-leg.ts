/**
 * One leg of a call, from Asterisk's side: says a recording in real time, one 20 ms frame at each deadline, then
 * silence, and records what it hears. It is a friendly Asterisk: what a real one would end the leg for, other than
 * an unreadable message, it lets pass; test/asterisk has the strict one.
 */

import { connect as connectSocket, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { AppError, codeOf, messageOf } from '../../base/errors.ts';
import { FRAME_MS, frameSamples } from '../../base/units.ts';
import { powerOf } from '../../media/sound.ts';
import { encodeChannelAudio, encodeUuid } from '../../protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../protocol/audiosocket/decoder.ts';
import { parseUuid } from '../../protocol/audiosocket/kinds.ts';
import { HeardRecording } from './heard-recording.ts';
import { AUDIBLE_POWER } from './heard-sounds.ts';

export interface AsteriskLegOptions {
  readonly host: string;
  readonly port: number;
  readonly uuid: string;
  /** An AudioSocket rate, of what is said and of the recording of what is heard. */
  readonly rateHz: number;
  /** What is said, at `rateHz`; empty for a leg that only listens. */
  readonly speech: Int16Array;
}

export interface LegEnding {
  /** `server-hangup`: it asked to hang up; `server-close`: it closed without asking; `us`; `broken`: unreadable. */
  readonly by: 'server-hangup' | 'server-close' | 'us' | 'broken';
  /** On the clock's scale. */
  readonly atMs: number;
  readonly detail: string;
}

const CONNECT_LIMIT_MS = 2_000;

export class AsteriskLeg {
  /** On the clock's scale. */
  readonly connectedAtMs: number;
  /** Resolves, never rejects. */
  readonly ended: Promise<LegEnding>;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #options: AsteriskLegOptions;
  readonly #recording: HeardRecording;
  readonly #decoder: AudioSocketDecoder;
  readonly #resolveEnded: (ending: LegEnding) => void;
  #framesSent = 0;
  #lastSoundAtMs: number;
  #ending: LegEnding | undefined;
  #timer: Timer | undefined;

  private constructor(socket: Socket, options: AsteriskLegOptions, clock: Clock) {
    this.#socket = socket;
    this.#options = options;
    this.#clock = clock;
    this.#recording = new HeardRecording(options.rateHz);
    this.connectedAtMs = clock.nowMs();
    this.#lastSoundAtMs = this.connectedAtMs;
    let resolveEnded: (ending: LegEnding) => void = () => {};
    this.ended = new Promise((resolve) => {
      resolveEnded = resolve;
    });
    this.#resolveEnded = resolveEnded;
    this.#decoder = new AudioSocketDecoder({
      audio: (pcm, rateHz) => this.#hear(pcm, rateHz),
      hangup: () => this.#finish('server-hangup'),
      uuid: () => this.#finish('broken', 'the server sent a UUID'),
      dtmf: () => this.#finish('broken', 'the server sent a key'),
      error: () => this.#finish('broken', 'the server sent an error message'),
    });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#finish('server-close', codeOf(error)));
    socket.on('close', () => this.#finish('server-close'));
  }

  /**
   * Connects, sends the UUID and begins to speak.
   * @throws AppError `server-unreachable`; the signal's reason when it aborts first.
   */
  static async open(options: AsteriskLegOptions, clock: Clock, signal: AbortSignal): Promise<AsteriskLeg> {
    const uuid = parseUuid(options.uuid);
    if (uuid === undefined) {
      throw new AppError('bad-option', `${options.uuid} is not a UUID`);
    }
    signal.throwIfAborted();
    const socket = await connected(options, clock);
    const leg = new AsteriskLeg(socket, options, clock);
    socket.write(encodeUuid(uuid));
    leg.#send();
    return leg;
  }

  /** How the leg ended, or undefined while it lives. */
  get ending(): LegEnding | undefined {
    return this.#ending;
  }

  /** How much of the recording has been said, in ms; it stops at the recording's length. */
  get saidMs(): number {
    return Math.min(this.#framesSent * FRAME_MS, this.speechMs);
  }

  get speechMs(): number {
    return (this.#options.speech.length * 1_000) / this.#options.rateHz;
  }

  /** When more than the noise of a line was last heard, on the clock's scale; the connection's start if never. */
  get lastSoundAtMs(): number {
    return this.#lastSoundAtMs;
  }

  /** What was heard, at the leg's rate, as a copy: index / rate is about the time since connecting. */
  heard(untilMs = 0): Int16Array {
    return this.#recording.toPcm(untilMs);
  }

  /** Closes the connection, as Asterisk does when the caller hangs up. Does nothing to a leg that has ended. */
  hangUp(): void {
    this.#finish('us');
  }

  #send(): void {
    while (this.#ending === undefined && this.#deadlineMs() <= this.#clock.nowMs()) {
      const frame = this.#frame(this.#framesSent);
      this.#socket.write(
        encodeChannelAudio(
          new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength),
          this.#options.rateHz,
        ),
      );
      this.#framesSent += 1;
    }
    if (this.#ending === undefined) {
      this.#timer = this.#clock.at(this.#deadlineMs(), () => this.#send());
    }
  }

  #deadlineMs(): number {
    return this.connectedAtMs + this.#framesSent * FRAME_MS;
  }

  /** Frame `index` of the recording, filled up with silence after its end. */
  #frame(index: number): Int16Array {
    const samples = frameSamples(this.#options.rateHz);
    const frame = new Int16Array(samples);
    frame.set(this.#options.speech.subarray(index * samples, (index + 1) * samples));
    return frame;
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending !== undefined) {
      return;
    }
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.#finish('broken', messageOf(error));
    }
  }

  #hear(payload: Uint8Array, rateHz: number): void {
    // The payload is a view that is gone after this call, and may start at an odd offset: copy, then view.
    const pcm = new Int16Array(Uint8Array.from(payload).buffer);
    const nowMs = this.#clock.nowMs();
    if (this.#ending === undefined) {
      this.#recording.add(nowMs - this.connectedAtMs, pcm, rateHz);
      if (powerOf(pcm) >= AUDIBLE_POWER) {
        this.#lastSoundAtMs = nowMs;
      }
    }
  }

  #finish(by: LegEnding['by'], detail = ''): void {
    if (this.#ending === undefined) {
      this.#ending = { by, atMs: this.#clock.nowMs(), detail };
      this.#timer?.cancel();
      this.#socket.destroy();
      this.#resolveEnded(this.#ending);
    }
  }
}

async function connected(options: AsteriskLegOptions, clock: Clock): Promise<Socket> {
  const { host, port } = options;
  const socket = connectSocket({ host, port, noDelay: true });
  const failure = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = clock.at(clock.nowMs() + CONNECT_LIMIT_MS, () =>
        reject(new Error(`no answer within ${CONNECT_LIMIT_MS} ms`)),
      );
      failure.signal.addEventListener('abort', () => limit.cancel());
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw new AppError(
      'server-unreachable',
      `cannot reach the AudioSocket server at ${host}:${port} (${messageOf(error)}); start it, or name its address with --server`,
      error,
    );
  } finally {
    failure.abort();
  }
}
