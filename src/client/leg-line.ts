/** How a leg that we play reaches a server: by AudioSocket as Asterisk does, or by WebSocket. */

import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { AudioSocketDecoder } from '../protocol/audiosocket/decoder.ts';
import { encodeHangup } from '../protocol/audiosocket/encoder.ts';
import { PacedCaller } from './paced-caller.ts';

/** What happens on a line, until its owner ends it. */
export interface LineEvents {
  /** A deadline: 20 ms that are due, or undefined to send nothing this time. The owner may end the leg in it. */
  readonly packet: () => Int16Array | undefined;
  /** Something came, whatever it is. */
  readonly received: () => void;
  /** The bytes are good only during the call. */
  readonly heard: (pcm: Uint8Array, rateHz: number) => void;
  /** The server asked to hang up. */
  readonly hungUp: () => void;
  /** The server sent what it must not, in words. */
  readonly broken: (detail: string) => void;
  /** The connection is gone; `code` is the system's, or empty. */
  readonly lost: (code: string) => void;
}

export interface LegLine {
  /** On the clock's scale. */
  readonly connectedAtMs: number;
  /** Deadlines of packets that have passed. */
  readonly packets: number;
  /** Says who it is, sends the first packet now and one each 20 ms, and passes on what happens. */
  begin(events: LineEvents): void;
  /** Says that the caller hangs up. */
  sayHangup(): void;
  /** Ends the connection at once; nothing is passed on any more. Idempotent. */
  end(): void;
}

/** A line as Asterisk has it. @throws the system's error. */
export async function audioSocketLine(
  { host, port, rateHz, uuid }: { host: string; port: number; rateHz: number; uuid: Uint8Array },
  clock: Clock,
): Promise<LegLine> {
  const caller = await PacedCaller.connect({ host, port, rateHz }, clock);
  return {
    connectedAtMs: caller.connectedAtMs,
    get packets() {
      return caller.packets;
    },
    begin(events) {
      const decoder = new AudioSocketDecoder({
        audio: events.heard,
        hangup: events.hungUp,
        uuid: () => events.broken('the server sent a UUID'),
        dtmf: () => events.broken('the server sent a key'),
        error: () => events.broken('the server sent an error message'),
      });
      const received = (chunk: Uint8Array): void => {
        events.received();
        try {
          decoder.push(chunk);
        } catch (error) {
          events.broken(messageOf(error));
        }
      };
      caller.start({ packet: events.packet, received, lost: events.lost });
      caller.identify(uuid);
      caller.speak();
    },
    sayHangup: () => caller.write(encodeHangup()),
    end: () => caller.end('gone'),
  };
}
