/**
 * One leg of a call, from Asterisk's side: says a recording in real time, one 20 ms frame at each deadline, silence
 * before and after it, and records what it hears. It is a friendly Asterisk: of what a real one would end the leg
 * for, it minds an unreadable message and 2 s of nothing; test/asterisk has the strict one.
 */

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { FRAME_MS, frameSamples } from '../base/units.ts';
import { powerOf } from '../media/dsp/sound.ts';
import { parseUuid } from '../protocol/audiosocket/kinds.ts';
import { HeardRecording } from './heard-recording.ts';
import { AUDIBLE_POWER } from './heard-sounds.ts';
import { audioSocketLine, type LegLine } from './leg-line.ts';
import { webSocketLine } from './websocket-line.ts';

export interface AsteriskLegOptions {
  readonly host: string;
  readonly port: number;
  /** Of a WebSocket, in place of AudioSocket at `host` and `port`. */
  readonly url?: string | undefined;
  readonly uuid: string;
  /** An AudioSocket rate, of what is said and of the recording of what is heard. */
  readonly rateHz: number;
  /** What is said once it is told to, at `rateHz`; empty for a leg that only listens. */
  readonly speech: Int16Array;
}

export interface LegEnding {
  /**
   * `server-hangup`: it asked to hang up; `server-close`: it closed without asking; `us`; `broken`: unreadable; `mute`:
   * it sent nothing for 2 s.
   */
  readonly by: 'server-hangup' | 'server-close' | 'us' | 'broken' | 'mute';
  /** On the clock's scale. */
  readonly atMs: number;
  readonly detail: string;
}

/**
 * Packets of ours without an answer after which Asterisk ends a leg: 2 s of 20 ms. A server of ours sends one for
 * each.
 */
const MUTE_PACKETS = 100;

export class AsteriskLeg {
  /** Resolves, never rejects. */
  readonly ended: Promise<LegEnding>;
  readonly #line: LegLine;
  readonly #clock: Clock;
  readonly #options: AsteriskLegOptions;
  readonly #recording: HeardRecording;
  readonly #resolveEnded: (ending: LegEnding) => void;
  #lastSoundAtMs: number;
  #ending: LegEnding | undefined;
  /** The packet that is the first of its speech; undefined until it is told to speak. */
  #firstPacket: number | undefined;
  #answered = false;
  /** Packets of ours when something last came: a stall of this process makes none, so it is not taken for silence. */
  #packetsAtLast = 0;

  private constructor(line: LegLine, options: AsteriskLegOptions, clock: Clock) {
    this.#line = line;
    this.#options = options;
    this.#clock = clock;
    this.#recording = new HeardRecording(options.rateHz);
    this.#lastSoundAtMs = line.connectedAtMs;
    let resolveEnded: (ending: LegEnding) => void = () => {};
    this.ended = new Promise((resolve) => {
      resolveEnded = resolve;
    });
    this.#resolveEnded = resolveEnded;
    line.begin({
      packet: () => this.#frame(line.packets),
      received: () => {
        this.#packetsAtLast = line.packets;
      },
      heard: (pcm, rateHz) => this.#hear(pcm, rateHz),
      hungUp: () => this.#finish('server-hangup'),
      broken: (detail) => this.#finish('broken', detail),
      lost: (code) => this.#finish('server-close', code),
    });
  }

  /**
   * Connects, sends the UUID, and silence until it is told to speak.
   * @throws AppError `server-unreachable`; the signal's reason when it aborts first.
   */
  static async open(options: AsteriskLegOptions, clock: Clock, signal: AbortSignal): Promise<AsteriskLeg> {
    const uuid = parseUuid(options.uuid);
    if (uuid === undefined) {
      throw new AppError('bad-option', `${options.uuid} is not a UUID`);
    }
    signal.throwIfAborted();
    return new AsteriskLeg(await connected(options, uuid, clock, signal), options, clock);
  }

  /** Begins to speak, with the next packet. */
  speak(): void {
    this.#firstPacket ??= this.#line.packets;
  }

  /** When it begins or began to speak, on the clock's scale; the connection's start until it is told to. */
  get speechAtMs(): number {
    return this.connectedAtMs + (this.#firstPacket ?? 0) * FRAME_MS;
  }

  /** On the clock's scale. */
  get connectedAtMs(): number {
    return this.#line.connectedAtMs;
  }

  /** How the leg ended, or undefined while it lives. */
  get ending(): LegEnding | undefined {
    return this.#ending;
  }

  /** Whether the server has sent sound: from then on it is one that speaks AudioSocket. */
  get answered(): boolean {
    return this.#answered;
  }

  /** How much of the recording has been said, in ms; it stops at the recording's length. */
  get saidMs(): number {
    const packets = this.#line.packets - (this.#firstPacket ?? this.#line.packets);
    return Math.min(packets * FRAME_MS, this.speechMs);
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

  /** Says that the caller hangs up and closes the connection, which is all that Asterisk does. Idempotent. */
  hangUp(): void {
    if (this.#ending === undefined) {
      // Of a connection that only ends the server cannot know whether it comes back, and waits for it.
      this.#line.sayHangup();
    }
    this.#finish('us');
  }

  /** A frame of the recording or, before its beginning and after its end, of silence. */
  #frame(packet: number): Int16Array | undefined {
    if (packet - this.#packetsAtLast > MUTE_PACKETS) {
      this.#finish('mute', `nothing came for ${(MUTE_PACKETS * FRAME_MS) / 1_000} s`);
      return undefined;
    }
    const samples = frameSamples(this.#options.rateHz);
    const frame = new Int16Array(samples);
    if (this.#firstPacket !== undefined) {
      const index = packet - this.#firstPacket;
      frame.set(this.#options.speech.subarray(index * samples, (index + 1) * samples));
    }
    return frame;
  }

  #hear(payload: Uint8Array, rateHz: number): void {
    // The payload is a view that is gone after this call, and may start at an odd offset: copy, then view.
    const pcm = new Int16Array(Uint8Array.from(payload).buffer);
    const nowMs = this.#clock.nowMs();
    if (this.#ending === undefined) {
      this.#answered = true;
      this.#recording.add(nowMs - this.connectedAtMs, pcm, rateHz);
      if (powerOf(pcm) >= AUDIBLE_POWER) {
        this.#lastSoundAtMs = nowMs;
      }
    }
  }

  #finish(by: LegEnding['by'], detail = ''): void {
    if (this.#ending === undefined) {
      this.#ending = { by, atMs: this.#clock.nowMs(), detail };
      this.#line.end();
      this.#resolveEnded(this.#ending);
    }
  }
}

async function connected(
  options: AsteriskLegOptions,
  uuid: Uint8Array,
  clock: Clock,
  signal: AbortSignal,
): Promise<LegLine> {
  const { host, port, url, rateHz } = options;
  try {
    return url === undefined
      ? await audioSocketLine({ host, port, rateHz, uuid }, clock)
      : await webSocketLine({ url, rateHz, uuid: options.uuid }, clock, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (url !== undefined) {
      throw new AppError(
        'server-unreachable',
        `cannot open a WebSocket at ${host}:${port} (${messageOf(error)}); start the server with --ws, or see to the address and its token`,
        error,
      );
    }
    throw new AppError(
      'server-unreachable',
      `cannot reach the AudioSocket server at ${host}:${port} (${messageOf(error)}); start it, or name its address with --server`,
      error,
    );
  }
}
