/**
 * One telephone of the live bench: it sends a frame each 20 ms, as its voice gives it, notes when each was written and
 * hears by Asterisk's rules. Times are taken at the write and at the read.
 */

import type { Socket } from 'node:net';
import type { Clock } from '../../../src/base/clock.ts';
import { codeOf } from '../../../src/base/errors.ts';
import type { GridMember } from '../../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { openSocket } from '../../../src/client/open-socket.ts';
import { encodeChannelAudio, encodeUuid } from '../../../src/protocol/audiosocket/asterisk-encoder.ts';
import { parseUuid } from '../../../src/protocol/audiosocket/kinds.ts';
import { AsteriskRules, type HeardFrame } from '../../asterisk/asterisk-rules.ts';
import { RuleWatch } from '../../asterisk/rule-watch.ts';
import type { CallVoice } from './call-voice.ts';

/**
 * A frame is sound when its mean power is above this: -45 dBFS; a line's noise is far below, a translation far above.
 */
const LOUD_DBFS = -45;
const LOUD_POWER = (32_768 * 10 ** (LOUD_DBFS / 20)) ** 2;

/** What a telephone says: its frames, one after the other. */
export type PhoneVoice = Pick<CallVoice, 'frame'>;

export interface LivePhoneOptions {
  readonly uuid: string;
  readonly rateHz: number;
  readonly voice: PhoneVoice;
  readonly clock: Clock;
}

export class LivePhone implements GridMember {
  /** When each frame was written, on the clock. */
  readonly writtenMs: number[] = [];
  readonly #options: LivePhoneOptions;
  readonly #rules = new AsteriskRules();
  readonly #socket: Socket;
  readonly #watch: RuleWatch;
  #nextDueMs: number | undefined;
  #lostBecause: string | undefined;
  #over = false;

  private constructor(options: LivePhoneOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    // The rules' time is the clock's own.
    this.#watch = new RuleWatch(this.#rules, 0, () => this.#judge());
    socket.on('data', (chunk) => {
      this.#watch.receive(chunk);
      this.#judge();
    });
    socket.on('error', (error) => this.#lose(codeOf(error)));
    socket.on('close', () => this.#lose('closed by the server'));
  }

  /** Connects and says who it is. @throws the system's error when nobody accepts. */
  static async ring(options: LivePhoneOptions, host: string, port: number): Promise<LivePhone> {
    const socket = await openSocket(host, port, options.clock);
    socket.write(encodeUuid(parseUuid(options.uuid) ?? new Uint8Array(0)));
    return new LivePhone(options, socket);
  }

  /** Why it was cut off; undefined when it was not. */
  get lostBecause(): string | undefined {
    return this.#lostBecause;
  }

  /** Every frame that was heard. */
  get heard(): readonly HeardFrame[] {
    return this.#rules.frames;
  }

  /** When each frame that was heard had arrived, on the clock. */
  get heardMs(): Float64Array {
    return Float64Array.from(this.#rules.frames, ({ atMs }) => atMs);
  }

  /** 1 for each frame that was heard and has sound in it. */
  get loud(): Uint8Array {
    return Uint8Array.from(this.#rules.frames, ({ pcm }) => (isLoud(pcm) ? 1 : 0));
  }

  /** Sends what is due; after a stall of this process, everything that was due in it. */
  tick(deadlineMs: number): void {
    let dueMs = this.#nextDueMs ?? deadlineMs;
    // Half a frame of tolerance: deadlines are multiples of a fraction and never exactly equal.
    for (; dueMs < deadlineMs + FRAME_MS / 2 && !this.#over; dueMs += FRAME_MS) {
      this.#send();
    }
    this.#nextDueMs = dueMs;
  }

  failed(error: unknown): void {
    this.#lose(codeOf(error));
  }

  hangUp(): void {
    this.#over = true;
    this.#watch.stop();
    this.#socket.end();
  }

  #send(): void {
    const { voice, rateHz, clock } = this.#options;
    const pcm = voice.frame(this.writtenMs.length);
    const nowMs = clock.nowMs();
    this.#rules.write(this.#socket.writableLength, nowMs);
    this.#judge();
    if (!this.#over) {
      this.writtenMs.push(nowMs);
      this.#socket.write(
        encodeChannelAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), rateHz),
      );
    }
  }

  /** Ends the leg as Asterisk would. */
  #judge(): void {
    if (this.#rules.state === 'failed') {
      const { rule, detail } = this.#rules.violations.at(-1) ?? { rule: 'unknown', detail: '' };
      this.#lose(`${rule}: ${detail}`);
    } else if (this.#rules.state === 'hung-up') {
      this.#lose('hung up by the server');
    }
  }

  #lose(because: string): void {
    if (!this.#over) {
      this.#lostBecause = because;
      this.hangUp();
    }
  }
}

/** Whether a frame has more than a line's noise in it. */
export function isLoud(pcm: Int16Array): boolean {
  const power = pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
  return power > LOUD_POWER;
}
