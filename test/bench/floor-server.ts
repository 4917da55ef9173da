/**
 * The floor that figures of the media bench are held against: the least a server on Node can do. Every leg gets one
 * frame each 20 ms on absolute deadlines, what its pair said last or else silence. One thread, no sound is looked at,
 * no leg is judged. Its sockets are read as bytes come, by the server's own shared buffer, and written with one system
 * call. Run by `server-process.ts`: `node floor-server.js PORT`.
 */

import { writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import { GridTicker } from '../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { encodeAudio } from '../../src/protocol/audiosocket/encoder.ts';
import { HEADER_BYTES, KIND_UUID, UUID_BYTES } from '../../src/protocol/audiosocket/kinds.ts';
import { acceptShared, SharedSocket } from '../../src/server/doors/audiosocket/accept-shared.ts';

const SLOTS = 10;
const BACKLOG = 511;
const SILENCE = encodeAudio(new Uint8Array(320), 8_000);

const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

interface FloorLeg {
  said: Uint8Array;
  fresh: boolean;
  pair: FloorLeg | undefined;
}

const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);
/** Legs whose pair has not come, by all of their UUID but its last digit. */
const waiting = new Map<string, FloorLeg>();

const server = createServer({ pauseOnConnect: true });
acceptShared(server, (accepted) => {
  const leg: FloorLeg = { said: new Uint8Array(0), fresh: false, pair: undefined };
  const socket = accepted.open((bytes) => hear(leg, bytes));
  socket.setNoDelay(true);
  socket.resume();
  const descriptor = socket instanceof SharedSocket ? socket.descriptor : undefined;
  const slot = ticker.quietestSlot();
  const member = {
    tick: () => {
      const said = leg.pair?.fresh === true ? leg.pair.said : SILENCE;
      if (leg.pair !== undefined) {
        leg.pair.fresh = false;
      }
      if (descriptor === undefined) {
        socket.write(said);
      } else if (socket.writable) {
        writeSync(descriptor, said);
      }
    },
    failed: (error: unknown) => {
      // The generator closes its legs without a word; the reset may be met here before the stream tells of it.
      if (!GONE.has(codeOf(error))) {
        throw error;
      }
      socket.destroy();
    },
  };
  ticker.add(member, slot);
  socket.on('error', () => {});
  socket.on('close', () => ticker.remove(member, slot));
});
server.listen(Number(process.argv[2]), '127.0.0.1', BACKLOG);

/** Takes whole messages, as they come over loopback. */
function hear(leg: FloorLeg, bytes: Uint8Array): void {
  for (let at = 0; bytes.length - at >= HEADER_BYTES; ) {
    const end = at + HEADER_BYTES + (((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0));
    if (bytes[at] === KIND_UUID) {
      findPair(leg, bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + UUID_BYTES));
    } else {
      if (leg.said.length !== end - at) {
        leg.said = new Uint8Array(end - at);
      }
      leg.said.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      leg.fresh = true;
    }
    at = end;
  }
}

function findPair(leg: FloorLeg, uuid: Uint8Array): void {
  const call = Buffer.from(uuid).toString('hex').slice(0, -1);
  const pair = waiting.get(call);
  if (pair === undefined) {
    waiting.set(call, leg);
  } else {
    waiting.delete(call);
    leg.pair = pair;
    pair.pair = leg;
  }
}
