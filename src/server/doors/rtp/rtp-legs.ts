/**
 * Legs over RTP, as Asterisk's external media: one UDP socket for all, told apart by where they come from, since
 * Asterisk has a port of its own for each. Who asks Asterisk for such media says here what will come; everything else
 * that arrives is dropped and counted, and costs a look at a table.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { hostPort, mappedAddress, plainAddress } from '../../../base/addresses.ts';
import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { Tally } from '../../../base/tally.ts';
import { PEER_HANGUP } from '../../../call/leg-transport.ts';
import type { ArrivalFacts, DoorFacts } from '../../../call/seating/seating.ts';
import type { RtpFormat } from '../../../protocol/rtp/payloads.ts';
import { cannotListen } from '../cannot-listen.ts';
import type { DoorAddress, DoorDeps } from '../door.ts';
import { RtpTransport, type UnheardPacket } from './rtp-transport.ts';

/** What the kernel keeps for us while the process stands still, in bytes: 1 s of 200 legs. */
const RECEIVE_BYTES = 4_194_304;
/** Packets that may wait to leave, in bytes: 20 ms of 400 legs. What is more is dropped. */
const MOST_WAITING_BYTES = 131_072;

/** For so long after the end of a leg Asterisk may still send its packets, until the channel is gone, in ms. */
const LATE_MS = 2_000;

export interface RtpLegsOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** What is spoken on calls whose legs come in here; see `DoorFacts`. */
  readonly languages: readonly Language[];
  /** Whether whoever opens legs would know by now if one of them were gone. */
  readonly supervised: () => boolean;
  /** How long the place of a party is kept whose leg ended otherwise than by its hang-up, in ms; 0: it has left. */
  readonly rejoinMs: number;
}

/** A leg that will come. */
export interface ExpectedRtpLeg {
  readonly uuid: string;
  /** Where its packets come from and go to: Asterisk's address for it. */
  readonly remote: { readonly host: string; readonly port: number };
  /** What it is spoken to in, and what the channel was made with. */
  readonly format: RtpFormat;
  readonly facts: Omit<ArrivalFacts, 'uuid'>;
}

/** A leg over RTP, for who made it and knows what RTP does not say. */
export interface OpenRtpLeg {
  /** The party has pressed a key. */
  press(key: string): void;
  /** The leg is gone, by default because its party hung up. Idempotent. @param reason a short name to count by. */
  close(reason?: string): void;
}

/** It counts packets that were not heard, by reason. */
export interface RtpLegs extends Counted {
  /** Where packets are to be sent to. */
  readonly address: DoorAddress;
  /**
   * Takes in a leg whose packets will come from `remote`; it is seated at once.
   * @throws AppError `address-in-use` while there is another leg with this `remote`, `engine-overloaded` when there are
   * as many legs as there may be.
   */
  open(leg: ExpectedRtpLeg): OpenRtpLeg;
  /** Ends all legs and closes the socket. Idempotent. */
  close(): Promise<void>;
}

/** Opens the socket. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
export async function openRtpLegs(
  options: RtpLegsOptions,
  deps: Pick<DoorDeps, 'switchboard' | 'clock' | 'log'>,
): Promise<RtpLegs> {
  const { host, port } = options;
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BYTES,
    // Addresses only: nobody waits for a name.
    lookup: (address, _options, found) => found(null, address, isIPv6(address) ? 6 : 4),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    socket.close();
    throw cannotListen(error, { flag: '--rtp', host, port, protocol: 'udp', mayBeOff: false });
  }
  socket.removeAllListeners('error');
  return new OneSocket(socket, options, deps);
}

type Refused = UnheardPacket | 'unknown-source';

class OneSocket implements RtpLegs {
  readonly counts = {
    /** Packets that were not heard, by reason. */
    rtpRefused: new Tally<Refused>(),
    connectionsAccepted: 0,
    connectionsRefused: new Tally<'too-many-legs'>(),
  };
  readonly address: DoorAddress;
  readonly #socket: Socket;
  /** Whether it is one for IPv6, and for IPv4 as IPv6 has it. */
  readonly #takesBoth: boolean;
  readonly #deps: Pick<DoorDeps, 'switchboard' | 'clock' | 'log'>;
  readonly #facts: DoorFacts;
  readonly #supervised: () => boolean;
  /** By {@link sourceOf}. */
  readonly #legs = new Map<string, RtpTransport>();
  /** When legs ended that did so lately, on the clock, the oldest first. */
  readonly #ended = new Map<string, number>();
  /** What was said of packets that were not heard; each is said once. */
  readonly #said = new Set<Refused>();
  #closing: Promise<void> | undefined;

  constructor(
    socket: Socket,
    { host, languages, rejoinMs, supervised }: RtpLegsOptions,
    deps: Pick<DoorDeps, 'switchboard' | 'clock' | 'log'>,
  ) {
    this.#socket = socket;
    this.#takesBoth = isIPv6(host);
    this.#deps = deps;
    this.#supervised = supervised;
    this.address = { host, port: socket.address().port };
    this.#facts = { name: `rtp ${host}:${this.address.port}`, languages, rejoinMs };
    socket.on('message', (bytes, from) => this.#received(bytes, from));
    socket.on('error', (error) => deps.log.error({ error }, 'the socket of legs over RTP failed'));
  }

  open({ uuid, remote, format, facts }: ExpectedRtpLeg): OpenRtpLeg {
    const { switchboard, clock, log } = this.#deps;
    const place = hostPort(plainAddress(remote.host), remote.port);
    const source = sourceOf(remote.host, remote.port);
    const to = this.#takesBoth ? mappedAddress(remote.host) : plainAddress(remote.host);
    if (this.#legs.has(source)) {
      throw new AppError('address-in-use', `a leg over RTP comes from ${place} already; close it first`);
    }
    if (switchboard.full) {
      this.counts.connectionsRefused.add('too-many-legs');
      log.warn({ remote: place }, 'a leg over RTP was refused: --max-legs legs are connected');
      throw new AppError('engine-overloaded', 'as many legs are connected as --max-legs lets in');
    }
    const leg = new RtpTransport({
      remote: place,
      address: remote.host,
      format,
      facts: { ...facts, uuid },
      clock,
      log,
      supervised: this.#supervised,
      send: (packet) => this.#send(packet, to, remote.port),
      over: () => this.#over(source),
    });
    this.counts.connectionsAccepted += 1;
    this.#legs.set(source, leg);
    switchboard.accept(leg, this.#facts);
    return {
      press: (key) => leg.press(key),
      close: (reason = PEER_HANGUP) => leg.end(reason),
    };
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      for (const leg of [...this.#legs.values()]) {
        leg.end('server-closing');
      }
      this.#socket.close(resolve);
    });
    return this.#closing;
  }

  #over(source: string): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#legs.delete(source);
    this.#ended.delete(source);
    this.#ended.set(source, nowMs);
    for (const [each, endedMs] of this.#ended) {
      if (nowMs - endedMs <= LATE_MS) {
        break;
      }
      this.#ended.delete(each);
    }
  }

  #received(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const source = sourceOf(address, port);
    const leg = this.#legs.get(source);
    const endedMs = this.#ended.get(source);
    if (leg === undefined && endedMs !== undefined && this.#deps.clock.nowMs() - endedMs <= LATE_MS) {
      return;
    }
    const refused = leg === undefined ? 'unknown-source' : leg.received(bytes);
    if (refused !== undefined) {
      this.#refuse(refused, hostPort(plainAddress(address), port));
    }
  }

  #refuse(reason: Refused, remote: string): void {
    this.counts.rtpRefused.add(reason);
    if (!this.#said.has(reason)) {
      this.#said.add(reason);
      this.#deps.log.warn(
        { remote, reason },
        'a packet for legs over RTP was dropped; more of its kind are only counted',
      );
    }
  }

  #send(packet: Uint8Array, host: string, port: number): boolean {
    if (this.#closing !== undefined || this.#socket.getSendQueueSize() > MOST_WAITING_BYTES) {
      return false;
    }
    // What the network refuses is lost, as a packet that it loses; the leg is ended by who made it.
    this.#socket.send(packet, port, host, ignored);
    return true;
  }
}

function ignored(): void {}

/**
 * What a packet's leg is found by: as a place, without what a person reads of it. A socket for both protocols has another
 * word for an IPv4 address than Asterisk.
 */
function sourceOf(host: string, port: number): string {
  return `${port} ${plainAddress(host)}`;
}
