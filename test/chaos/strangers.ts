/** Those who connect to a server beside the calls that are measured, and behave as nobody should. */

import { connect, type Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { encodeChannelAudio, encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { parseUuid } from '../../src/protocol/audiosocket/kinds.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { Random } from '../bench/interpret/random.ts';
import { never } from '../support/waiting.ts';

const HOST = '127.0.0.1';
const RATE_HZ = 8_000;
const FRAME = encodeChannelAudio(new Uint8Array(320), RATE_HZ);
const FRAME_MS = 20;

export class Strangers {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #over = new AbortController();
  readonly #work: Promise<void>[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Connects so many, as fast as it goes; they say nothing and stay. */
  crowd(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#connect();
    }
  }

  /** So many new ones in each second, that say nothing and stay. */
  stream(perSecond: number): void {
    this.#repeat(1_000 / perSecond, () => void this.#connect());
  }

  /** A call of two, the first of which sends `times` as much as it should. */
  flood(times: number): void {
    const [first, second] = newCallUuids();
    const [flooding, other] = [this.#leg(first), this.#leg(second)];
    const burst = Buffer.concat(Array.from({ length: times }, () => FRAME));
    this.#repeat(FRAME_MS, () => {
      flooding.write(burst);
      other.write(FRAME);
    });
  }

  /** A call of two, both of which send as they should and read nothing for so long. */
  deaf(forMs: number): void {
    const legs = newCallUuids().map((uuid) => this.#leg(uuid));
    this.#repeat(FRAME_MS, () => {
      for (const leg of legs) {
        leg.write(FRAME);
      }
    });
    for (const leg of legs) {
      leg.pause();
      this.#work.push(
        systemClock.sleep(forMs, this.#over.signal).then(
          () => void leg.resume(),
          () => {},
        ),
      );
    }
  }

  /** So many connections in each second that send random bytes, half of them after they said a UUID, and go. */
  noise(perSecond: number, seed: number): void {
    const random = new Random(seed);
    this.#repeat(1_000 / perSecond, () => {
      const stranger = random.chance(0.5) ? this.#leg(newCallUuids()[0]) : this.#connect();
      stranger.write(Buffer.from(Array.from({ length: random.whole(1, 2_000) }, () => random.whole(0, 255))));
      if (random.chance(0.3)) {
        stranger.resetAndDestroy();
      } else {
        stranger.end();
      }
    });
  }

  /** So many short calls, `atOnce` at a time, each of `lengthMs`. Resolves when all are over. */
  async shortCalls(count: number, atOnce: number, lengthMs: number): Promise<void> {
    let begun = 0;
    const callAfterCall = async (): Promise<void> => {
      while (begun < count && !this.#over.signal.aborted) {
        begun += 1;
        const legs = newCallUuids().map((uuid) => this.#leg(uuid));
        for (let sent = 0; sent < lengthMs / FRAME_MS; sent += 1) {
          for (const leg of legs) {
            leg.write(FRAME);
          }
          await systemClock.sleep(FRAME_MS, never());
        }
        for (const leg of legs) {
          leg.end();
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, callAfterCall));
  }

  async leave(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#work);
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #leg(uuid: string): Socket {
    const socket = this.#connect();
    socket.write(encodeUuid(parseUuid(uuid) ?? new Uint8Array(0)));
    return socket;
  }

  #connect(): Socket {
    const socket = connect({ host: HOST, port: this.#port, noDelay: true });
    this.#sockets.add(socket);
    // What is done to a stranger is the server's business, and no failure of the harness.
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.once('close', () => this.#sockets.delete(socket));
    socket.resume();
    return socket;
  }

  #repeat(everyMs: number, act: () => void): void {
    const run = async (): Promise<void> => {
      for (let dueMs = systemClock.nowMs(); !this.#over.signal.aborted; dueMs += everyMs) {
        act();
        await systemClock.sleep(Math.max(0, dueMs + everyMs - systemClock.nowMs()), never());
      }
    };
    this.#work.push(run());
  }
}
