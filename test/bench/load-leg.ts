/**
 * One telephone of the load generator: a connection that records every frame it hears; what it says is said by
 * `load-voice.ts` on another thread. Made to be cheap, since 400 of them share a thread: one read buffer for all legs,
 * and no decoder while messages arrive whole. Times are taken at the write and at the read.
 */

import { connect, type Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import { frameBytes } from '../../src/base/units.ts';
import { encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { HEADER_BYTES } from '../../src/protocol/audiosocket/kinds.ts';
import { FrameListener, type FrameSource } from './frame-listener.ts';
import { type LegRecord, LegRecorder } from './leg-record.ts';
import { allocateVoiceMemory, SentFrames, type VoiceMemory } from './load-voice.ts';

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

/** One telephone, whatever its wire. */
export interface GeneratedLeg {
  readonly leg: number;
  /** Where what it says is recorded. */
  readonly memory: VoiceMemory;
  /** What it says, for who hears it. */
  readonly said: FrameSource;
  /** From its call of the server to its first frame, in ms; NaN before that. */
  readonly firstFrameMs: number;
  /** Its connection's, for who speaks for it; undefined while it has none. */
  readonly descriptor: number | undefined;
  /** Says whose frames this leg should hear. */
  pairWith(partner: GeneratedLeg): void;
  /** Calls the server, and says who it is. Resolves when that has succeeded or the leg is lost. */
  open(host: string, port: number): Promise<void>;
  /** Hangs up at the end of the run and returns what was recorded. Nobody may be speaking for it any more. */
  finish(): LegRecord;
}

export class LoadLeg implements GeneratedLeg {
  readonly memory: VoiceMemory;
  readonly #options: LoadLegOptions;
  readonly #sent: SentFrames;
  readonly #recorder: LegRecorder;
  readonly #listener: FrameListener;
  readonly #decoder: AudioSocketDecoder;
  /** The header of a message of one frame. */
  readonly #header: Buffer;
  readonly #messageBytes: number;
  #socket: Socket | undefined;
  #arrivedMs = 0;
  /** Bytes the decoder holds of a message that has begun. */
  #undecodedBytes = 0;
  #finished = false;
  #lostBecause: string | undefined;
  #openedMs = Number.NaN;
  #firstHeardMs = Number.NaN;

  constructor(options: LoadLegOptions) {
    this.#options = options;
    this.memory = allocateVoiceMemory(options.frames);
    this.#sent = new SentFrames(options.leg, this.memory);
    this.#recorder = new LegRecorder(options.leg, options.frames);
    this.#listener = new FrameListener(this.#recorder, options.tone);
    const message = encodeAudio(new Uint8Array(frameBytes(options.rateHz)), options.rateHz);
    this.#header = message.subarray(0, HEADER_BYTES);
    this.#messageBytes = message.length;
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

  get said(): FrameSource {
    return this.#sent;
  }

  get firstFrameMs(): number {
    return this.#firstHeardMs - this.#openedMs;
  }

  get descriptor(): number | undefined {
    const handle: unknown = this.#socket === undefined ? undefined : Reflect.get(this.#socket, '_handle');
    const descriptor: unknown =
      typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
    return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
  }

  pairWith(partner: GeneratedLeg): void {
    this.#listener.expect(partner.said);
  }

  open(host: string, port: number): Promise<void> {
    return new Promise((resolve) => {
      this.#openedMs = this.#options.clock.nowMs();
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

  finish(): LegRecord {
    this.#finished = true;
    this.#socket?.destroy();
    const because = this.#lostBecause ?? (this.#sent.blocked ? 'write-blocked' : undefined);
    return this.#recorder.finish(because, this.#sent.dueMs(), this.#sent.latenessMs());
  }

  /** Takes what was read into the shared buffer; true asks for more. */
  #read(bytes: number): boolean {
    if (this.#finished) {
      return true;
    }
    this.#arrivedMs = this.#options.clock.nowMs();
    if (Number.isNaN(this.#firstHeardMs)) {
      this.#firstHeardMs = this.#arrivedMs;
    }
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
    return (
      bytes === this.#messageBytes &&
      this.#undecodedBytes === 0 &&
      readBuffer[0] === this.#header[0] &&
      readBuffer[1] === this.#header[1] &&
      readBuffer[2] === this.#header[2]
    );
  }

  /** The connection stays open until the run is over: somebody may still write to its descriptor. */
  #lose(because: string): void {
    if (!this.#finished) {
      this.#finished = true;
      this.#lostBecause = because;
    }
  }
}
