/**
 * One AudioSocket connection as a leg's transport: bytes in, frames out, and the other way round. It reads
 * whatever comes, always: Asterisk ends a leg whose write would block. What a peer must not send ends its own
 * connection, with the reason by name.
 */

import { readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { AppError, asError, codeOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { SlicedWork } from '../../../base/sliced-work.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import {
  type LegTransport,
  type LegTransportSink,
  PASSED_ON,
  type PassedOn,
  PEER_HANGUP,
} from '../../../call/leg-transport.ts';
import type { Elsewhere } from '../../../call/seating/seating.ts';
import { bytesOf } from '../../../media/dsp/sound.ts';
import { MislabelledAudio, type RealAudio } from '../../../media/hear/mislabelled-audio.ts';
import { Reblocker } from '../../../media/hear/reblocker.ts';
import { brokenBy, FrameWire } from '../../../media/ring/frame-wire.ts';
import type { WordsHandle } from '../../../media/ring/leg-memory.ts';
import { AudioSocketDecoder } from '../../../protocol/audiosocket/decoder.ts';
import { encodeAudio, encodeHangup } from '../../../protocol/audiosocket/encoder.ts';
import { codecOfRate, formatUuid, HEADER_BYTES } from '../../../protocol/audiosocket/kinds.ts';
import { decodeG711 } from '../../../protocol/g711.ts';
import { G722Decoder } from '../../../protocol/g722.ts';
import { type Accepted, SharedSocket } from './accept-shared.ts';
import { AskedReading } from './asked-reading.ts';
import { PeerReading, type Unread } from './peer-reading.ts';
import type { Relays } from './relays.ts';
import type { WatchedConnection } from './unread-output.ts';

/** Frames that may wait in a stream for a peer that does not read: 200 ms; later ones are dropped. */
const MOST_WAITING_FRAMES = 10;
/** A peer that has not read for this many frames (10 s) is gone, whatever its kernel says. */
const GIVE_UP_FRAMES = 500;
/** 20 ms at 8,000 Hz and their header. */
const LEAST_MESSAGE_BYTES = HEADER_BYTES + 320;
/** Idle connections are probed after this long, so that a vanished host is noticed, in ms. */
const KEEP_ALIVE_MS = 15_000;
/** A peer that was hung up has this long to close before its connection is destroyed, in ms. */
const CLOSE_LIMIT_MS = 1_000;
/** The rate that old Asterisks label every codec with. */
const LABEL_RATE_HZ = 8_000;

/** Messages of audio that are kept until the leg has its place: 640 ms of 20 ms each, as many frames as its media keeps. */
const MOST_EARLY = 32;

/** How soon to try again to leave a connection that a media thread is writing to, in ms. */
const LEAVE_AGAIN_MS = 1;

interface EarlyAudio {
  readonly pcm: Uint8Array;
  readonly rateHz: number;
  /** When it came. */
  readonly atMs: number;
}

function readBytes(descriptor: number, into: Uint8Array): number {
  return readSync(descriptor, into, 0, into.length, null);
}

/** Destroys a socket whose peer does not close in its turn. */
function destroyLater(socket: Socket, clock: Clock): void {
  const timer = clock.at(clock.nowMs() + CLOSE_LIMIT_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
}

export interface AudioSocketTransportDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly work: SlicedWork;
  /** What passes legs on whose call is at another node. */
  readonly relays: Relays;
}

export class AudioSocketTransport implements LegTransport, WatchedConnection {
  readonly remote: string;
  /** The other end's; undefined when it is gone already. */
  readonly address: string | undefined;
  /** The other end's. */
  readonly port: number | undefined;
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0, earlyDropped: 0 };
  readonly #socket: Socket;
  /** What it had said before it was ours. */
  readonly #readBefore: Uint8Array;
  /** The way of frames to the connection's descriptor; undefined where Node shows none, and all goes by the stream. */
  #wire: FrameWire | undefined;
  /** Reading when it is asked for; undefined as above. */
  #asked: AskedReading | undefined;
  readonly #decoder: AudioSocketDecoder;
  readonly #reblocker: Reblocker;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #work: SlicedWork;
  readonly #relays: Relays;
  /** Takes all that comes, once the leg is passed on. */
  #passTo: ((bytes: Uint8Array) => void) | undefined;
  readonly #label = new MislabelledAudio();
  readonly #reading = new PeerReading();
  #g722: G722Decoder | undefined;
  /** What came before the leg had its place; undefined once it has. */
  #early: EarlyAudio[] | undefined = [];
  #sink: LegTransportSink | undefined;
  /** Whether what has come is being passed on, in the order in which it came: what comes meanwhile waits. */
  #passing = false;
  /** What it said that it is: 16 bytes. */
  #uuid: Uint8Array | undefined;
  #relayed = false;
  #hungUp = false;
  /** Frames that the stream did not take. */
  #droppedInARow = 0;
  #ended: { reason: string; error?: Error } | undefined;

  /** @param work begins to read it, so that many who come at once do not speak all at once. */
  constructor(accepted: Accepted, { clock, log, work, relays }: AudioSocketTransportDeps) {
    const socket = accepted.open((bytes) => this.#read(bytes));
    this.#socket = socket;
    this.#readBefore = accepted.read ?? new Uint8Array(0);
    this.#clock = clock;
    this.#log = log;
    this.#work = work;
    this.#relays = relays;
    this.address = socket.remoteAddress;
    this.port = socket.remotePort;
    this.remote = `${this.address ?? '?'}:${this.port ?? 0}`;
    this.#reblocker = new Reblocker((pcm, rateHz) => this.#sink?.frame(pcm, rateHz));
    this.#decoder = new AudioSocketDecoder({
      hangup: () => this.#end(PEER_HANGUP),
      uuid: (bytes) => this.#identify(bytes),
      relayed: () => {
        this.#relayed = true;
      },
      dtmf: (key) => {
        this.#requireUuid();
        this.#sink?.key(key);
      },
      audio: (pcm, rateHz) => {
        this.#requireUuid();
        this.counts.bytesIn += pcm.length;
        if (this.#early === undefined) {
          this.#hear(pcm, rateHz, this.#clock.nowMs());
        } else {
          this.#keep(this.#early, pcm, rateHz);
        }
      },
      error: () => this.#end('peer-error'),
    });
  }

  codecAt(rateHz: number): string {
    const { verdict = 'as-labelled' } = this.#label;
    const codedHz = verdict === 'g722' ? SPEECH_HZ : LABEL_RATE_HZ;
    return isCoded(verdict) && rateHz === codedHz ? verdict : codecOfRate(rateHz);
  }

  attach(sink: LegTransportSink, wire?: WordsHandle): void {
    this.#sink = sink;
    const socket = this.#socket;
    if (wire !== undefined) {
      this.#connect(wire);
    }
    socket.setNoDelay(true);
    // The other side's FIN is the normal hang-up; with allowHalfOpen off Node answers it.
    socket.on('error', (error) => {
      this.#ended ??= { reason: brokenBy(error) };
    });
    socket.on('close', () => {
      const { reason, error } = this.#ended ?? { reason: this.#wire?.broken ?? 'peer-closed' };
      // Its memory is another leg's from now on.
      this.#wire = undefined;
      this.#sink?.closed(reason, error);
      this.#sink = undefined;
    });
    this.#work.doThen(() => {
      this.#read(this.#readBefore);
      socket.resume();
      // Four system calls that nobody waits for; one that is gone by then takes no harm.
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
    });
  }

  send(pcm: Uint8Array, rateHz: number): void {
    if (this.#hungUp || !this.#socket.writable) {
      return;
    }
    const taken = this.#wire === undefined ? this.#sendByStream(pcm, rateHz) : this.#wire.send(pcm, rateHz);
    this.counts.bytesOut += taken ? pcm.length : 0;
    this.counts.socketDropped += taken ? 0 : 1;
    this.look();
  }

  look(): void {
    if (this.#hungUp) {
      return;
    }
    const broken = this.#wire?.broken;
    if (broken !== undefined) {
      this.#end(broken);
    } else if ((this.#wire?.droppedInARow ?? this.#droppedInARow) >= GIVE_UP_FRAMES) {
      this.#end('peer-not-reading');
    }
  }

  readNow(): void {
    // How often packets come tells what they are until that is known, so until then they are read as they come.
    const isKnown = this.#early === undefined && this.#label.verdict === 'as-labelled';
    if (isKnown && !this.#passing && !this.#isEnding) {
      this.#asked?.ask();
    }
  }

  readAsItComes(): void {
    this.#asked?.asItComes();
  }

  get asLabelled(): boolean | undefined {
    const { verdict } = this.#label;
    return verdict === undefined ? undefined : verdict === 'as-labelled';
  }

  seated(asLabelled: boolean): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    if (asLabelled) {
      this.#label.verdict ??= 'as-labelled';
    }
    const wasPassing = this.#passing;
    this.#passing = true;
    try {
      for (const { pcm, rateHz, atMs } of early) {
        this.#hear(pcm, rateHz, atMs);
      }
    } finally {
      this.#passing = wasPassing;
    }
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead + (this.#asked?.bytes ?? 0);
  }

  foundUnread(unread: Unread): void {
    const frameBytes = Math.max(this.#wire?.messageBytes ?? 0, LEAST_MESSAGE_BYTES);
    const gone = this.#reading.judge(unread, frameBytes, this.#clock.nowMs());
    this.#wire?.holdBack(this.#reading.heldBack);
    if (gone && !this.#hungUp) {
      this.#end('peer-not-reading');
    }
  }

  hangUp(): void {
    this.#finish(encodeHangup());
  }

  letGo(): void {
    this.#finish(new Uint8Array(0));
  }

  async passOn(to: Elsewhere): Promise<PassedOn> {
    const far = this.#uuid === undefined ? 'gone' : await this.#relays.connect(to, this.#uuid);
    if (typeof far === 'string') {
      return far;
    }
    return new Promise((resolve) => {
      if (this.#isEnding) {
        far.socket.destroy();
        resolve('gone');
        return;
      }
      this.#leave((left) => {
        // Its memory is another leg's from now on.
        this.#wire = undefined;
        if (this.#isEnding) {
          far.socket.destroy();
          resolve('gone');
          return;
        }
        this.readAsItComes();
        this.#passTo = this.#relays.join({ socket: this.#socket, left, unfinished: this.#unheard() }, far);
        this.#sink?.closed(PASSED_ON);
        this.#sink = undefined;
        resolve(PASSED_ON);
      });
    });
  }

  /** What came and nobody has heard: audio from before the leg had a place, and what is no whole message yet. */
  #unheard(): Uint8Array {
    const early = this.#early ?? [];
    return Buffer.concat([
      ...early.map(({ pcm, rateHz }) => encodeAudio(pcm, rateHz)),
      this.#decoder.unfinished,
    ]);
  }

  /** Whether the connection is over, or about to be. */
  get #isEnding(): boolean {
    return this.#hungUp || this.#ended !== undefined || this.#socket.destroyed;
  }

  /** Says `last` and closes. */
  #finish(last: Uint8Array): void {
    if (!this.#hungUp && !this.#socket.destroyed) {
      this.#hungUp = true;
      this.readAsItComes();
      this.#leave((left) => this.#socket.end(Buffer.concat([left, last])));
      destroyLater(this.#socket, this.#clock);
    }
  }

  /** Has frames written to the connection's descriptor, here and on the leg's media thread, if there is one. */
  #connect(handle: WordsHandle): void {
    const socket = this.#socket;
    const descriptor = socket instanceof SharedSocket ? socket.descriptor : undefined;
    if (socket instanceof SharedSocket && descriptor !== undefined) {
      this.#wire = new FrameWire(handle, 'main', writeSync);
      this.#wire.connect(descriptor);
      socket.beforeClose = (close) => this.#leave(close);
      this.#asked = new AskedReading(socket, descriptor, readBytes, {
        read: (bytes) => this.#read(bytes),
        broken: (error) => this.#end(brokenBy(error)),
      });
    }
  }

  /** Calls `then` when nobody writes to the descriptor any more, with the rest of what was begun: mostly nothing. */
  #leave(then: (left: Uint8Array) => void): void {
    const left = this.#wire === undefined ? new Uint8Array(0) : this.#wire.disconnect();
    if (left === undefined) {
      this.#clock.at(this.#clock.nowMs() + LEAVE_AGAIN_MS, () => this.#leave(then));
    } else {
      then(left);
    }
  }

  #sendByStream(pcm: Uint8Array, rateHz: number): boolean {
    const taken = !this.#reading.heldBack && this.#socket.writableLength <= MOST_WAITING_FRAMES * pcm.length;
    this.#droppedInARow = taken ? 0 : this.#droppedInARow + 1;
    if (taken) {
      this.#socket.write(encodeAudio(pcm, rateHz));
    }
    return taken;
  }

  #read(chunk: Uint8Array): void {
    if (this.#passTo !== undefined) {
      this.#passTo(chunk);
      return;
    }
    // What comes after our hang-up is read, so that the peer can close in peace, and ignored.
    if (this.#hungUp || this.#ended !== undefined) {
      return;
    }
    this.#passing = true;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.#end(codeOf(error), asError(error));
    } finally {
      this.#passing = false;
    }
  }

  /** Audio that comes before anybody could hear it, the oldest of which goes. */
  #keep(early: EarlyAudio[], pcm: Uint8Array, rateHz: number): void {
    if (early.length === MOST_EARLY) {
      early.shift();
      this.counts.earlyDropped += 1;
    }
    early.push({ pcm: pcm.slice(), rateHz, atMs: this.#clock.nowMs() });
  }

  #hear(pcm: Uint8Array, rateHz: number, atMs: number): void {
    if (rateHz === LABEL_RATE_HZ && this.#label.verdict !== 'as-labelled') {
      this.#unlabel(pcm, atMs);
    } else {
      this.#reblocker.push(pcm, rateHz);
    }
  }

  /**
   * Takes audio labelled 8 kHz linear for what it is. Until that is known nothing is heard, for lack of a better guess.
   */
  #unlabel(payload: Uint8Array, atMs: number): void {
    const known = this.#label.verdict;
    const real = this.#label.look(payload, atMs);
    if (real === undefined) {
      return;
    }
    if (known === undefined && real !== 'as-labelled') {
      this.#log.warn(
        { remote: this.remote, real, payloadBytes: payload.length },
        'this Asterisk labels its audio wrongly, and it is decoded for what it is; better: c(slin) in Dial(AudioSocket/...), or a newer Asterisk',
      );
      if (isWideband(real)) {
        // An Asterisk this old takes 8 kHz only, whatever it sends.
        this.#sink?.spokenToOnlyAt(LABEL_RATE_HZ);
      }
    }
    switch (real) {
      case 'as-labelled':
        this.#reblocker.push(payload, LABEL_RATE_HZ);
        break;
      case 'linear-16k':
        this.#reblocker.push(payload, SPEECH_HZ);
        break;
      case 'g722':
        this.#g722 ??= new G722Decoder();
        this.#reblocker.push(bytesOf(this.#g722.decode(payload)), SPEECH_HZ);
        break;
      default:
        this.#reblocker.push(bytesOf(decodeG711(payload, real)), LABEL_RATE_HZ);
    }
  }

  #identify(bytes: Uint8Array): void {
    if (this.#uuid !== undefined) {
      throw new AppError('wire-second-uuid', 'a connection has one UUID, and this one sent a second');
    }
    this.#uuid = bytes.slice();
    const uuid = formatUuid(bytes);
    this.#sink?.arrived(this.#relayed ? { uuid, relayed: true } : { uuid });
  }

  #requireUuid(): void {
    if (this.#uuid === undefined) {
      throw new AppError('wire-no-uuid', 'the first message must be the UUID');
    }
  }

  #end(reason: string, error?: Error): void {
    this.#ended ??= error === undefined ? { reason } : { reason, error };
    this.#socket.destroy();
  }
}

function isCoded(real: RealAudio): boolean {
  return real === 'mu-law' || real === 'a-law' || real === 'g722';
}

function isWideband(real: RealAudio): boolean {
  return real === 'linear-16k' || real === 'g722';
}
