/**
 * Telephones of a rehearsal, all of them in this process: they connect in pairs, say who they are, and send a frame each
 * 20 ms as Asterisk does, with what a line has in its first second: a voice, a gap of the network and all that it held
 * back at once, silence.
 */

import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { FRAME_MS, frameSamples } from '../base/units.ts';
import { bytesOf } from '../media/dsp/sound.ts';
import { encodeUuid } from '../protocol/audiosocket/asterisk-encoder.ts';
import { encodeAudio } from '../protocol/audiosocket/encoder.ts';
import { UUID_BYTES } from '../protocol/audiosocket/kinds.ts';

const RATE_HZ = 8_000;
const VOICE = encodeAudio(bytesOf(tone(300, 6_000)), RATE_HZ);
const SILENCE = encodeAudio(bytesOf(new Int16Array(frameSamples(RATE_HZ))), RATE_HZ);

/** What is sent at each 20 ms. */
const LINES: readonly Uint8Array[] = [
  ...repeated(VOICE, 14),
  ...repeated(new Uint8Array(0), 6),
  Buffer.concat(repeated(VOICE, 7)),
  ...repeated(VOICE, 10),
  ...repeated(SILENCE, 9),
];

export class RehearsedCallers {
  readonly #clock: Clock;
  readonly #callers: readonly Socket[];
  #timer: Timer | undefined;

  /** They connect to `port` of this machine, an even number of them. */
  constructor(clock: Clock, port: number, count: number) {
    this.#clock = clock;
    this.#callers = Array.from({ length: count }, (_, number) => call(port, number));
  }

  /** Resolves when all has been said and is over, or after `limitMs`. */
  async speak(limitMs: number): Promise<void> {
    const startMs = this.#clock.nowMs();
    await new Promise<void>((resolve) => {
      const say = (line: number): void => {
        const said = LINES[line];
        if (said === undefined || this.#clock.nowMs() - startMs > limitMs) {
          resolve();
          return;
        }
        for (const caller of this.#callers) {
          if (said.length > 0 && caller.writable) {
            caller.write(said);
          }
        }
        this.#timer = this.#clock.at(startMs + (line + 1) * FRAME_MS, () => say(line + 1));
      };
      say(0);
    });
  }

  hangUp(): void {
    this.#timer?.cancel();
    for (const caller of this.#callers) {
      caller.destroy();
    }
  }
}

/** Connects and says who it is: the first and the second party of a pair by turns. */
function call(port: number, number: number): Socket {
  const uuid = new Uint8Array(UUID_BYTES);
  uuid[0] = number >> 1;
  uuid[UUID_BYTES - 1] = number & 1;
  const caller = connect({ host: '127.0.0.1', port, noDelay: true });
  caller.write(encodeUuid(uuid));
  // What is heard is nobody's concern, but has to be read; one whose connection fails leaves the rehearsal to the others.
  caller.resume();
  caller.on('error', () => caller.destroy());
  return caller;
}

function tone(hz: number, peak: number): Int16Array {
  return Int16Array.from({ length: frameSamples(RATE_HZ) }, (_, at) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * at) / RATE_HZ)),
  );
}

function repeated<T>(what: T, times: number): readonly T[] {
  return Array.from({ length: times }, () => what);
}
