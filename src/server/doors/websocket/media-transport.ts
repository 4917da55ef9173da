/**
 * One channel of Asterisk's chan_websocket. Asterisk plays one frame each 20 ms of its own clock and keeps what comes
 * before; what is once too many in that queue is late for the rest of the call. So it is asked each second how many
 * wait, and for each that is one too many a frame without sound is left out, or, when they are many, any frame;
 * `FLUSH_MEDIA` would cut words.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import { FRAME_MS, frameBytes } from '../../../base/units.ts';
import type { LegTransport, LegTransportSink } from '../../../call/leg-transport.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { powerAt, powerOf } from '../../../media/dsp/sound.ts';
import { Reblocker } from '../../../media/hear/reblocker.ts';
import { codecOfRate } from '../../../protocol/audiosocket/kinds.ts';
import { GET_STATUS, HANGUP, parseMediaEvent } from '../../../protocol/websocket/media-messages.ts';
import { CLOSE, type PeerSocket } from './peer-socket.ts';

/** How often Asterisk is asked, in ms. */
const STATUS_MS = 1_000;
/** Frames that are to wait in Asterisk, for its tick and ours are not the same. */
const WANTED_FRAMES = 1;
/** So many more than wanted, 100 ms of delay, are worse than a gap. */
const MOST_LATE_FRAMES = 5;
/** Softer than this nobody says anything: a line's noise. */
const QUIET_POWER = powerAt(-45);

export interface MediaTransportOptions {
  readonly clock: Clock;
  /** Who it is, by the variables of its channel. */
  readonly factsOf: (variables: ReadonlyMap<string, string>) => ArrivalFacts;
}

export class MediaTransport implements LegTransport {
  readonly remote: string;
  readonly address: string | undefined;
  readonly counts = {
    bytesIn: 0,
    bytesOut: 0,
    socketDropped: 0,
    /** Frames left out so that what waits in Asterisk does not make the rest late. */
    framesLeftOut: 0,
  };
  readonly #socket: PeerSocket;
  readonly #options: MediaTransportOptions;
  readonly #reblocker: Reblocker;
  #sink: LegTransportSink | undefined;
  /** Undefined until Asterisk has said what it takes. */
  #rateHz: number | undefined;
  #taking = true;
  #lateFrames = 0;
  #asking: Timer | undefined;

  constructor(socket: PeerSocket, options: MediaTransportOptions) {
    this.#socket = socket;
    this.#options = options;
    this.remote = socket.remote;
    this.address = socket.address;
    this.#reblocker = new Reblocker((pcm, rateHz) => this.#sink?.frame(pcm, rateHz));
  }

  codecAt(rateHz: number): string {
    return codecOfRate(rateHz);
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    this.#socket.attach({
      text: (text) => this.#hear(text),
      binary: (bytes) => {
        // Nobody knows before what they are.
        if (this.#rateHz !== undefined) {
          this.counts.bytesIn += bytes.length;
          this.#reblocker.push(bytes, this.#rateHz);
        }
      },
      closed: (reason, _code, error) => {
        this.#asking?.cancel();
        this.#sink = undefined;
        sink.closed(reason, error);
      },
    });
  }

  send(pcm: Uint8Array, rateHz: number): void {
    const ownHz = this.#rateHz;
    if (ownHz === undefined || !this.#socket.open) {
      return;
    }
    // Never a part of a frame: Asterisk throws it away. Before the leg knows its rate there is nothing but silence.
    const frame = rateHz === ownHz ? Uint8Array.from(pcm) : new Uint8Array(frameBytes(ownHz));
    if (this.#isTooMany(frame)) {
      this.#lateFrames -= 1;
      this.counts.framesLeftOut += 1;
      return;
    }
    const taken = this.#taking && this.#socket.sendSound(frame, frame.length / FRAME_MS);
    this.counts.bytesOut += taken ? frame.length : 0;
    this.counts.socketDropped += taken ? 0 : 1;
  }

  hangUp(reason: string): void {
    this.#socket.send(HANGUP);
    this.#socket.close(CLOSE.normal, reason);
  }

  #isTooMany(frame: Uint8Array): boolean {
    return (
      this.#lateFrames > MOST_LATE_FRAMES ||
      (this.#lateFrames > 0 && powerOf(new Int16Array(frame.buffer)) < QUIET_POWER)
    );
  }

  #hear(text: string): void {
    const event = parseMediaEvent(text);
    switch (event.type) {
      case 'start':
        if (this.#rateHz === undefined) {
          this.#rateHz = event.rateHz;
          this.#sink?.arrived(this.#options.factsOf(event.variables));
          this.#sink?.spokenToOnlyAt(event.rateHz);
          if (!event.unbuffered) {
            this.#askLater();
          }
        }
        break;
      case 'dtmf':
        this.#sink?.key(event.key);
        break;
      case 'flow':
        this.#taking = event.taking;
        break;
      case 'status':
        this.#lateFrames = Math.max(0, event.queuedFrames - WANTED_FRAMES);
        break;
      case 'other':
        break;
    }
  }

  #askLater(): void {
    const { clock } = this.#options;
    this.#asking = clock.at(clock.nowMs() + STATUS_MS, () => {
      this.#socket.send(GET_STATUS);
      this.#askLater();
    });
  }
}
