/**
 * One party that comes by WebSocket with sound of its own pace: a gateway, an application, a page. What is sent and
 * how is settled by what the other end sends first: binary messages are answered by binary ones, messages of text by
 * such.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { FRAME_MS, frameBytes } from '../../../base/units.ts';
import { type LegTransport, type LegTransportSink, PEER_HANGUP } from '../../../call/leg-transport.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { Reblocker } from '../../../media/hear/reblocker.ts';
import { codecOfRate } from '../../../protocol/audiosocket/kinds.ts';
import { swapped } from '../../../protocol/websocket/byte-order.ts';
import {
  encodeError,
  encodeSessionEnd,
  encodeSessionStarted,
  encodeTranslatedAudio,
  parseGatewayMessage,
  type SessionStart,
  type SoundForm,
} from '../../../protocol/websocket/gateway-messages.ts';
import { CLOSE, type PeerSocket } from './peer-socket.ts';

/** What of JSON a byte of sound takes at most: `255,`. */
const BYTES_AS_TEXT = 4;
/** What a message has beside its sound, in bytes. */
const MESSAGE_BYTES = 160;
/** Types we do not know are told so often, so that a peer that only sends such is not answered for ever. */
const MOST_TOLD = 10;

/** How a party begins. */
export interface GatewayBeginning {
  readonly rateHz: number;
  readonly bigEndian: boolean;
  /** Undefined: as the other end sends. */
  readonly form: SoundForm | undefined;
  /** What it came for, if the address says so; undefined: the first message will. */
  readonly facts: ArrivalFacts | undefined;
}

export interface GatewayTransportOptions extends GatewayBeginning {
  readonly clock: Clock;
  /** What a first message asks for. @throws AppError saying why it cannot have it. */
  readonly asked: (start: SessionStart, now: GatewayBeginning) => GatewayBeginning;
  /** The connection is gone. */
  readonly gone?: () => void;
}

export class GatewayTransport implements LegTransport {
  readonly remote: string;
  readonly address: string | undefined;
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  readonly #socket: PeerSocket;
  readonly #options: GatewayTransportOptions;
  readonly #reblocker: Reblocker;
  readonly #startMs: number;
  #now: GatewayBeginning;
  #sink: LegTransportSink | undefined;
  #arrived = false;
  #sequence = 0;
  #silence = new Uint8Array(0);
  #told = 0;
  /** Set when the other end has said that its party is gone. */
  #saidEnd = false;

  constructor(socket: PeerSocket, options: GatewayTransportOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#now = options;
    this.#startMs = options.clock.nowMs();
    this.remote = socket.remote;
    this.address = socket.address;
    this.#reblocker = new Reblocker((pcm, rateHz) =>
      this.#sink?.frame(this.#now.bigEndian ? swapped(pcm) : pcm, rateHz),
    );
  }

  codecAt(rateHz: number): string {
    return codecOfRate(rateHz);
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    this.#socket.attach({
      text: (text) => this.#telling(() => this.#take(text)),
      binary: (bytes) => this.#telling(() => this.#sound(bytes, 'binary')),
      closed: (reason, code, error) => {
        const hungUp = this.#saidEnd || (reason === 'peer-closed' && code === CLOSE.normal);
        this.#sink = undefined;
        this.#options.gone?.();
        sink.closed(hungUp ? PEER_HANGUP : reason, error);
      },
    });
    this.#arrive(this.#now.facts);
  }

  send(pcm: Uint8Array, rateHz: number): void {
    if (!this.#socket.open) {
      return;
    }
    const { rateHz: ownHz, form = 'binary', bigEndian } = this.#now;
    // Before the leg knows at what rate it is spoken to there is nothing but silence.
    const frame = rateHz === ownHz ? pcm : this.#silenceAt(ownHz);
    const ordered = bigEndian ? swapped(frame) : Uint8Array.from(frame);
    const place = {
      extension: this.#now.facts?.extension,
      sequence: this.#sequence,
      atMs: Math.round(this.#options.clock.nowMs() - this.#startMs),
      rateHz: ownHz,
    };
    this.#sequence += 1;
    const taken =
      form === 'binary'
        ? this.#socket.sendSound(ordered, ordered.length / FRAME_MS)
        : this.#socket.sendSound(
            encodeTranslatedAudio(ordered, form, place),
            (ordered.length * BYTES_AS_TEXT + MESSAGE_BYTES) / FRAME_MS,
          );
    this.counts.bytesOut += taken ? ordered.length : 0;
    this.counts.socketDropped += taken ? 0 : 1;
  }

  refused(reason: string, explanation: string): void {
    this.#socket.send(encodeError(reason, explanation));
  }

  hangUp(reason: string): void {
    this.#socket.send(encodeSessionEnd(reason));
    this.#socket.close(CLOSE.normal, reason);
  }

  /** Tells the other end something that is no sound. */
  tell(text: string): void {
    this.#socket.send(text);
  }

  /** Tells the other end what is wrong before its connection is ended for it. */
  #telling(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof AppError) {
        this.#socket.send(encodeError(error.code, error.message));
      }
      throw error;
    }
  }

  #take(text: string): void {
    const message = parseGatewayMessage(text);
    switch (message.type) {
      case 'session_start':
        this.#now = this.#options.asked(message, this.#now);
        this.#arrive(this.#now.facts);
        break;
      case 'audio':
        this.#sound(message.pcm, message.encoding);
        break;
      case 'dtmf':
        this.#requireSession();
        this.#sink?.key(message.key);
        break;
      case 'session_end':
        this.#saidEnd = true;
        this.#socket.close(CLOSE.normal, 'session_end');
        break;
      case 'unknown':
        this.#told += 1;
        if (this.#told <= MOST_TOLD) {
          this.#socket.send(
            encodeError('unknown-type', 'types are session_start, audio, dtmf and session_end'),
          );
        }
        break;
    }
  }

  #arrive(facts: ArrivalFacts | undefined): void {
    if (facts === undefined) {
      return;
    }
    if (!this.#arrived) {
      this.#arrived = true;
      this.#sink?.arrived(facts);
    }
    this.#sink?.spokenToOnlyAt(this.#now.rateHz);
    const { uuid = '', extension, place } = facts;
    this.#socket.send(encodeSessionStarted(uuid, extension, this.#now.rateHz, place?.party.id));
  }

  #sound(pcm: Uint8Array, form: SoundForm): void {
    this.#requireSession();
    if (this.#now.form === undefined) {
      this.#now = { ...this.#now, form };
    }
    this.counts.bytesIn += pcm.length;
    this.#reblocker.push(pcm, this.#now.rateHz);
  }

  #requireSession(): void {
    if (!this.#arrived) {
      throw new AppError(
        'wire-no-uuid',
        'say first who it is: open /translate/EXTENSION, or send {"type":"session_start","extension":"7777"}',
      );
    }
  }

  #silenceAt(rateHz: number): Uint8Array {
    if (this.#silence.length !== frameBytes(rateHz)) {
      this.#silence = new Uint8Array(frameBytes(rateHz));
    }
    return this.#silence;
  }
}
