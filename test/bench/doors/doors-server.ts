/**
 * A server with one door, for the bench of doors: `node doors-server.js PORT LEGS audiosocket|rtp`. Legs over RTP are
 * told of on PORT, where somebody has to take the part of ARI: a line of JSON for each, answered with the port to send
 * to.
 */

import { createServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { ArrangedSeating } from '../../../src/call/seating/arranged-seating.ts';
import { SuffixSeating } from '../../../src/call/seating/suffix-seating.ts';
import { RTP_FORMATS } from '../../../src/protocol/rtp/payloads.ts';
import { audioSocketDoor } from '../../../src/server/doors/audiosocket/audiosocket-door.ts';
import type { DoorOpener } from '../../../src/server/doors/door.ts';
import { openRtpLegs, type RtpLegs } from '../../../src/server/doors/rtp/rtp-legs.ts';
import { DragomanServer } from '../../../src/server/dragoman-server.ts';
import { PLAN } from '../../call/scripted-legs.ts';

const HOST = '127.0.0.1';
const BACKLOG = 511;
const UUID_TIMEOUT_MS = 5_000;
const WAIT_LIMIT_MS = 600_000;
const DOOR = { host: HOST, languages: ['en', 'es'], rejoinMs: 0 } as const;

const TOLD = z.object({ uuid: z.string(), port: z.number(), format: z.enum(RTP_FORMATS) });

const [port = 0, maxLegs = 0] = process.argv.slice(2, 4).map(Number);

const DOORS: Readonly<Record<string, DoorOpener>> = {
  audiosocket: audioSocketDoor({ ...DOOR, port, allow: undefined, maxLegs, uuidTimeoutMs: UUID_TIMEOUT_MS }),
  rtp: async (deps) => {
    const legs = await openRtpLegs({ ...DOOR, port: 0, supervised: () => true }, deps);
    createServer((socket) => hear(socket, legs)).listen(port, HOST, BACKLOG);
    return { name: 'rtp', counts: {}, parts: [legs], close: () => legs.close() };
  },
};

const door = DOORS[process.argv[4] ?? ''];
if (door === undefined) {
  throw new TypeError('there are two doors: audiosocket and rtp');
}
const plan = { ...PLAN, mode: 'passthrough', announce: false } as const;
await DragomanServer.open(
  {
    doors: [door],
    maxLegs,
    mediaThreads: Math.max(1, availableParallelism() - 1),
    spareMediaThreads: 0,
    uuidTimeoutMs: UUID_TIMEOUT_MS,
    waitLimitMs: WAIT_LIMIT_MS,
    rehearsedLegs: 0,
    workerUrl: new URL('../../../workers/media-thread.js', import.meta.url),
  },
  {
    clock: systemClock,
    log: silentLog,
    seating: new ArrangedSeating(plan, new SuffixSeating(plan)),
    interpreters: () => undefined,
    announcements: () => undefined,
  },
);

/** The legs end with the process, as the generator's do. */
function hear(socket: Socket, legs: RtpLegs): void {
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => {
    const { uuid, format, port: from } = TOLD.parse(JSON.parse(line));
    legs.open({ uuid, format, remote: { host: HOST, port: from }, facts: {} });
    socket.write(`${legs.address.port}\n`);
  });
}
