/**
 * One telephone of the load generator whose wire is RTP, as an Asterisk's external media channel: a UDP socket of its
 * own, which it tells the server under test of over a connection of TCP (`doors/doors-server.ts`). It records every
 * packet it hears; what it says is said by `load-voice.ts` on another thread.
 */

import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Clock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import { RTP_HEADER_BYTES } from '../../src/protocol/rtp/packet.ts';
import { type RtpFormat, SENT_AS } from '../../src/protocol/rtp/payloads.ts';
import { FrameListener, type FrameSource } from './frame-listener.ts';
import { HEARD, type LegRecord, LegRecorder } from './leg-record.ts';
import type { GeneratedLeg, LoadLegOptions } from './load-leg.ts';
import { allocateVoiceMemory, SentFrames, type VoiceMemory } from './load-voice.ts';
import { swapBytes } from './load-wire.ts';

const HOST = '127.0.0.1';
/** So that what comes while the generator does other work is not lost there. */
const RECEIVE_BYTES = 262_144;

export class RtpLoadLeg implements GeneratedLeg {
  readonly memory: VoiceMemory;
  readonly #options: LoadLegOptions;
  readonly #format: RtpFormat;
  readonly #clock: Clock;
  readonly #sent: SentFrames;
  readonly #recorder: LegRecorder;
  readonly #listener: FrameListener;
  #socket: Socket | undefined;
  #lostBecause: string | undefined;
  #openedMs = Number.NaN;
  #firstHeardMs = Number.NaN;

  constructor(options: LoadLegOptions, format: RtpFormat) {
    this.#options = options;
    this.#format = format;
    this.#clock = options.clock;
    this.memory = allocateVoiceMemory(options.frames);
    this.#sent = new SentFrames(options.leg, this.memory);
    this.#recorder = new LegRecorder(options.leg, options.frames);
    this.#listener = new FrameListener(this.#recorder, options.tone);
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
    const state: unknown = this.#socket === undefined ? undefined : symbolOf(this.#socket, 'state symbol');
    const handle: unknown = isObject(state) ? Reflect.get(state, 'handle') : undefined;
    const descriptor: unknown = isObject(handle) ? Reflect.get(handle, 'fd') : undefined;
    return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
  }

  pairWith(partner: GeneratedLeg): void {
    this.#listener.expect(partner.said);
  }

  async open(host: string, port: number): Promise<void> {
    this.#openedMs = this.#clock.nowMs();
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BYTES });
    this.#socket = socket;
    socket.on('message', (bytes) => this.#hear(bytes));
    try {
      await new Promise<void>((resolve) => {
        socket.bind({ address: HOST, port: 0 }, resolve);
      });
      const uuid = Buffer.from(this.#options.uuid).toString('hex');
      const answer = await ask(host, port, { uuid, port: socket.address().port, format: this.#format });
      await new Promise<void>((resolve) => {
        socket.connect(answer, HOST, resolve);
      });
    } catch (error) {
      this.#lostBecause = codeOf(error);
    }
    socket.on('error', (error) => {
      this.#lostBecause ??= codeOf(error);
    });
  }

  finish(): LegRecord {
    this.#socket?.close();
    const because = this.#lostBecause ?? (this.#sent.blocked ? 'write-blocked' : undefined);
    return this.#recorder.finish(because, this.#sent.dueMs(), this.#sent.latenessMs());
  }

  #hear(bytes: Buffer): void {
    const arrivedMs = this.#clock.nowMs();
    if (Number.isNaN(this.#firstHeardMs)) {
      this.#firstHeardMs = arrivedMs;
    }
    const payload = bytes.subarray(RTP_HEADER_BYTES);
    if (this.#format === 'slin') {
      swapBytes(payload);
      this.#listener.hear(payload, 0, payload.length, SENT_AS.slin.rateHz, arrivedMs);
    } else {
      // To decode it would cost more than all the rest.
      this.#recorder.heard(arrivedMs, HEARD.changed, Number.NaN);
    }
  }
}

/** Tells the server who will come from where; answers where it listens. */
function ask(
  host: string,
  port: number,
  leg: { readonly uuid: string; readonly port: number; readonly format: RtpFormat },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.on('error', reject);
    socket.write(`${JSON.stringify(leg)}\n`);
    createInterface({ input: socket }).once('line', (line) => {
      socket.destroy();
      resolve(Number(line));
    });
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What an object of Node's keeps under a symbol of its own. */
function symbolOf(object: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(object).find((each) => each.description === description);
  return symbol === undefined ? undefined : Reflect.get(object, symbol);
}
