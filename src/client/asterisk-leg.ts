/**
 * One leg of a call, from Asterisk's side: says a recording in real time, one 20 ms frame at each deadline, silence before
 * and after it, and records what it hears. It is a friendly Asterisk: of what a real one would
 * end the leg for, it minds an unreadable message and 2 s of nothing; test/asterisk has the strict one.
 */

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { FRAME_MS, frameSamples } from '../base/units.ts';
import { powerOf } from '../media/dsp/sound.ts';
import { AudioSocketDecoder } from '../protocol/audiosocket/decoder.ts';
import { encodeHangup } from '../protocol/audiosocket/encoder.ts';
import { parseUuid } from '../protocol/audiosocket/kinds.ts';
import { HeardRecording } from './heard-recording.ts';
import { AUDIBLE_POWER } from './heard-sounds.ts';
import { PacedCaller } from './paced-caller.ts';

export interface AsteriskLegOptions {
  readonly host: string;
  readonly port: number;
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

/** Packets of ours without an answer after which Asterisk ends a leg: 2 s of 20 ms. A server of ours sends one for each. */
const MUTE_PACKETS = 100;

export class AsteriskLeg {
  /** Resolves, never rejects. */
  readonly ended: Promise<LegEnding>;
  readonly #caller: PacedCaller;
  readonly #clock: Clock;
  readonly #options: AsteriskLegOptions;
  readonly #recording: HeardRecording;
  readonly #decoder: AudioSocketDecoder;
  readonly #resolveEnded: (ending: LegEnding) => void;
  #lastSoundAtMs: number;
  #ending: LegEnding | undefined;
  /** The packet that is the first of its speech; undefined until it is told to speak. */
  #firstPacket: number | undefined;
  #answered = false;
  /** Packets of ours when something last came: a stall of this process makes none, so it is not taken for silence. */
  #packetsAtLast = 0;

  private constructor(caller: PacedCaller, options: AsteriskLegOptions, clock: Clock) {
    this.#caller = caller;
    this.#options = options;
    this.#clock = clock;
    this.#recording = new HeardRecording(options.rateHz);
    this.#lastSoundAtMs = caller.connectedAtMs;
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
    caller.start({
      packet: () => this.#frame(caller.packets),
      received: (chunk) => this.#receive(chunk),
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
    const caller = await connected(options, clock);
    const leg = new AsteriskLeg(caller, options, clock);
    caller.identify(uuid);
    caller.speak();
    return leg;
  }

  /** Begins to speak, with the next packet. */
  speak(): void {
    this.#firstPacket ??= this.#caller.packets;
  }

  /** When it begins or began to speak, on the clock's scale; the connection's start until it is told to. */
  get speechAtMs(): number {
    return this.connectedAtMs + (this.#firstPacket ?? 0) * FRAME_MS;
  }

  /** On the clock's scale. */
  get connectedAtMs(): number {
    return this.#caller.connectedAtMs;
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
    const packets = this.#caller.packets - (this.#firstPacket ?? this.#caller.packets);
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
      this.#caller.write(encodeHangup());
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

  #receive(chunk: Uint8Array): void {
    if (this.#ending !== undefined) {
      return;
    }
    this.#packetsAtLast = this.#caller.packets;
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
      this.#caller.end('gone');
      this.#resolveEnded(this.#ending);
    }
  }
}

async function connected(options: AsteriskLegOptions, clock: Clock): Promise<PacedCaller> {
  try {
    return await PacedCaller.connect(options, clock);
  } catch (error) {
    const { host, port } = options;
    throw new AppError(
      'server-unreachable',
      `cannot reach the AudioSocket server at ${host}:${port} (${messageOf(error)}); start it, or name its address with --server`,
      error,
    );
  }
}
