/**
 * One AudioSocket connection as a leg's transport: bytes in, frames out, and the other way round. It reads
 * whatever comes, always: Asterisk ends a leg whose write would block. What a peer must not send ends its own
 * connection, with the reason by name.
 */

import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AppError, asError, codeOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { SPEECH_HZ } from '../base/units.ts';
import type { LegTransport, LegTransportSink } from '../call/leg-transport.ts';
import { MislabelledAudio } from '../media/mislabelled-audio.ts';
import { Reblocker } from '../media/reblocker.ts';
import { bytesOf } from '../media/sound.ts';
import { AudioSocketDecoder } from '../protocol/audiosocket/decoder.ts';
import { encodeAudioInto, encodeHangup } from '../protocol/audiosocket/encoder.ts';
import { formatUuid, HEADER_BYTES } from '../protocol/audiosocket/kinds.ts';
import { decodeG711 } from '../protocol/g711.ts';
import { readShared } from './shared-read-buffer.ts';

/** Frames that may wait in the socket for a peer that does not read: 200 ms; later ones are dropped. */
const MOST_WAITING_FRAMES = 10;
/** A peer that has not read for this many frames (10 s) is gone, whatever its kernel says. */
const GIVE_UP_FRAMES = 500;
/** Idle connections are probed after this long, so that a vanished host is noticed, in ms. */
const KEEP_ALIVE_MS = 15_000;
/** A peer that was hung up has this long to close before its connection is destroyed, in ms. */
const CLOSE_LIMIT_MS = 1_000;
/** The rate that old Asterisks label every codec with. */
const LABEL_RATE_HZ = 8_000;

/** Destroys a socket whose peer does not close in its turn. */
export function destroyLater(socket: Socket, clock: Clock): void {
  const timer = clock.at(clock.nowMs() + CLOSE_LIMIT_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
}

export class AudioSocketTransport implements LegTransport {
  readonly remote: string;
  bytesIn = 0;
  bytesOut = 0;
  framesDropped = 0;
  readonly #socket: Socket;
  readonly #decoder: AudioSocketDecoder;
  readonly #reblocker: Reblocker;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #label = new MislabelledAudio();
  #message = new Uint8Array(0);
  #sink: LegTransportSink | undefined;
  #identified = false;
  #hungUp = false;
  #droppedInARow = 0;
  #ended: { reason: string; error?: Error } | undefined;

  /** @param accepted from a server that accepts paused (`pauseOnConnect`); the transport takes it over. */
  constructor(accepted: Socket, clock: Clock, log: Log) {
    const socket = readShared(accepted, (bytes) => this.#read(bytes));
    this.#socket = socket;
    this.#clock = clock;
    this.#log = log;
    this.remote = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    this.#reblocker = new Reblocker((pcm, rateHz) => this.#sink?.frame(pcm, rateHz));
    this.#decoder = new AudioSocketDecoder({
      hangup: () => this.#end('peer-hangup'),
      uuid: (bytes) => this.#identify(formatUuid(bytes)),
      dtmf: (key) => {
        this.#requireUuid();
        this.#sink?.key(key);
      },
      audio: (pcm, rateHz) => {
        this.#requireUuid();
        this.bytesIn += pcm.length;
        if (rateHz === LABEL_RATE_HZ && this.#label.verdict !== 'as-labelled') {
          this.#unlabel(pcm);
        } else {
          this.#reblocker.push(pcm, rateHz);
        }
      },
      error: () => this.#end('peer-error'),
    });
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // The other side's FIN is the normal hang-up; with allowHalfOpen off Node answers it.
    socket.on('error', (error) => {
      this.#ended ??= { reason: codeOf(error) === 'ECONNRESET' ? 'peer-reset' : 'connection-lost' };
    });
    socket.on('close', () => {
      const { reason, error } = this.#ended ?? { reason: 'peer-closed' };
      this.#sink?.closed(reason, error);
      this.#sink = undefined;
    });
  }

  send(pcm: Uint8Array, rateHz: number): void {
    const socket = this.#socket;
    if (this.#hungUp || !socket.writable) {
      return;
    }
    const waitingBytes = socket.writableLength;
    if (waitingBytes > MOST_WAITING_FRAMES * pcm.length) {
      this.framesDropped += 1;
      this.#droppedInARow += 1;
      if (this.#droppedInARow >= GIVE_UP_FRAMES) {
        this.#end('peer-not-reading');
      }
      return;
    }
    this.#droppedInARow = 0;
    this.bytesOut += pcm.length;
    socket.write(this.#encode(pcm, rateHz, waitingBytes));
  }

  /** Encodes into the same memory again and again, as long as the kernel has taken all that was in it. */
  #encode(pcm: Uint8Array, rateHz: number, waitingBytes: number): Uint8Array {
    if (waitingBytes > 0 || this.#message.length !== HEADER_BYTES + pcm.length) {
      this.#message = Buffer.allocUnsafeSlow(HEADER_BYTES + pcm.length);
    }
    encodeAudioInto(this.#message, pcm, rateHz);
    return this.#message;
  }

  hangUp(): void {
    if (!this.#hungUp && !this.#socket.destroyed) {
      this.#hungUp = true;
      this.#socket.end(encodeHangup());
      destroyLater(this.#socket, this.#clock);
    }
  }

  #read(chunk: Uint8Array): void {
    // What comes after our hang-up is read, so that the peer can close in peace, and ignored.
    if (this.#hungUp || this.#ended !== undefined) {
      return;
    }
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.#end(codeOf(error), asError(error));
    }
  }

  /** Takes audio labelled 8 kHz linear for what it is. Until that is known nothing is heard, for lack of a better guess. */
  #unlabel(payload: Uint8Array): void {
    const known = this.#label.verdict;
    const real = this.#label.look(payload, this.#clock.nowMs());
    if (real === undefined) {
      return;
    }
    if (known === undefined && real !== 'as-labelled') {
      this.#log.warn(
        { remote: this.remote, real, payloadBytes: payload.length },
        'this Asterisk labels its audio wrongly, and it is decoded for what it is; better: c(slin) in Dial(AudioSocket/...), or a newer Asterisk',
      );
      if (real === 'linear-16k') {
        // An Asterisk this old takes 8 kHz only, whatever it sends.
        this.#sink?.spokenToOnlyAt(LABEL_RATE_HZ);
      }
    }
    if (real === 'as-labelled') {
      this.#reblocker.push(payload, LABEL_RATE_HZ);
    } else if (real === 'linear-16k') {
      this.#reblocker.push(payload, SPEECH_HZ);
    } else {
      this.#reblocker.push(bytesOf(decodeG711(payload, real)), LABEL_RATE_HZ);
    }
  }

  #identify(uuid: string): void {
    if (this.#identified) {
      throw new AppError('wire-second-uuid', 'a connection has one UUID, and this one sent a second');
    }
    this.#identified = true;
    this.#sink?.identified(uuid);
  }

  #requireUuid(): void {
    if (!this.#identified) {
      throw new AppError('wire-no-uuid', 'the first message must be the UUID');
    }
  }

  #end(reason: string, error?: Error): void {
    this.#ended ??= error === undefined ? { reason } : { reason, error };
    this.#socket.destroy();
  }
}
