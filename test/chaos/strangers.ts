/** Those who connect to a server beside the calls that are measured, and behave as nobody should. */

import { connect, type Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { bytesOf } from '../../src/media/dsp/sound.ts';
import { encodeChannelAudio, encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { parseUuid } from '../../src/protocol/audiosocket/kinds.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { Random } from '../bench/interpret/random.ts';
import { never } from '../support/waiting.ts';
import { type ChaosScript, type SaidWord, saidWords } from './chaos-script.ts';
import { CodedVoice } from './coded-voice.ts';

const HOST = '127.0.0.1';
const RATE_HZ = 8_000;
const FRAME = encodeChannelAudio(new Uint8Array(320), RATE_HZ);
const FRAME_MS = 20;

export class Strangers {
  readonly #port: number;
  readonly #script: ChaosScript;
  readonly #sockets = new Set<Socket>();
  readonly #over = new AbortController();
  readonly #work: Promise<void>[] = [];

  /** @param script what is said in the calls that are measured; who talks here says the same in calls of their own. */
  constructor(port: number, script: ChaosScript) {
    this.#port = port;
    this.#script = script;
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

  /**
   * So many calls at once in which the first party says what a caller of the script says, from somewhere in its
   * middle on; one that has lasted `lengthMs` is followed by another. They go on until {@link leave}, or until what
   * is returned is called, which resolves when all have ended.
   */
  talk(atOnce: number, lengthMs: number): () => Promise<void> {
    const { calls, seconds } = this.#script;
    const frames = Math.floor((seconds * 1_000) / FRAME_MS);
    const quiet = voiceMessages([], 50);
    const voices = Array.from({ length: calls }, (_, call) =>
      voiceMessages(saidWords(this.#script, call), frames),
    );
    const length = Math.floor(lengthMs / FRAME_MS);
    const random = new Random(atOnce);
    const enough = new AbortController();
    const goesOn = (): boolean => !enough.signal.aborted && !this.#over.signal.aborted;
    const callAfterCall = async (talker: number): Promise<void> => {
      const voice = voices[talker % voices.length] ?? [];
      // They do not all begin, and end, at once.
      let left = random.whole(1, length);
      while (goesOn()) {
        const [caller, listener] = newCallUuids().map((uuid) => this.#leg(uuid));
        const first = random.whole(0, frames - 1);
        let dueMs = systemClock.nowMs();
        for (let sent = 0; sent < left && goesOn(); sent += 1) {
          caller?.write(voice[(first + sent) % frames] ?? FRAME);
          listener?.write(quiet[sent % quiet.length] ?? FRAME);
          dueMs += FRAME_MS;
          await systemClock.sleep(Math.max(0, dueMs - systemClock.nowMs()), never());
        }
        caller?.end();
        listener?.end();
        left = length;
      }
    };
    const talking = Array.from({ length: atOnce }, (_, talker) => callAfterCall(talker));
    this.#work.push(...talking);
    return async () => {
      enough.abort();
      await Promise.all(talking);
    };
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

/** So many frames of one who says these words, as they go over the wire. */
function voiceMessages(words: readonly SaidWord[], frames: number): readonly Uint8Array[] {
  const voice = new CodedVoice(words, RATE_HZ);
  return Array.from({ length: frames }, (_, frame) =>
    encodeChannelAudio(bytesOf(voice.frame(frame)), RATE_HZ),
  );
}
