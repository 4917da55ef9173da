/** Ports of loopback. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below those that Linux gives to outgoing connections and phones take for RTP: nobody gets one of these by chance. */
const PORTS = { from: 20_000, to: 32_000 };

/** What was handed out by this process: no two of its programs are told the same. */
const given = new Set<number>();

/** Begins to listen on a free port. @returns the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

/** The port that a server listens on. @throws Error when it listens on none. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('this server listens on no port');
  }
  return address.port;
}

/** A port that is free for TCP and UDP, for a program that is told where to listen. */
export function freePort(): Promise<number> {
  return freeNeighbours(1);
}

/** The same for several, no two of which are one. */
export function freePorts(count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

/** The lowest of so many free ports that follow each other. SIP and RTP take pairs. */
export async function freeNeighbours(count: number): Promise<number> {
  for (;;) {
    const lowest = PORTS.from + count * Math.floor((Math.random() * (PORTS.to - PORTS.from)) / count);
    const ports = Array.from({ length: count }, (_, index) => lowest + index);
    if (ports.some((port) => given.has(port))) {
      continue;
    }
    for (const port of ports) {
      given.add(port);
    }
    const free = await Promise.all(ports.flatMap((port) => [isFree(port), isFreeForUdp(port)]));
    if (!free.includes(false)) {
      return lowest;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
