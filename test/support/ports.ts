/** Ports of loopback. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { codeOf } from '../../src/base/errors.ts';

/** Below those that Linux gives to outgoing connections and phones take for RTP: nobody gets one of these by chance. */
const PORTS = { from: 20_000, to: 32_000 };

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
    const claimed = await Promise.all(ports.map(isClaimed));
    if (claimed.includes(false)) {
      continue;
    }
    const free = await Promise.all(ports.flatMap((port) => [isFree(port), isFreeForUdp(port)]));
    if (!free.includes(false)) {
      return lowest;
    }
  }
}

/**
 * Takes a port for as long as this process lives: between looking and listening no other test, here or in another
 * process, is told the same. The name is one of the kernel's, without a file, which goes with who has it.
 */
function isClaimed(port: number): Promise<boolean> {
  const claim = createServer();
  return new Promise((resolve) => {
    // Where there are no such names, looking has to do.
    claim.once('error', (error) => resolve(codeOf(error) !== 'EADDRINUSE'));
    claim.listen(`\0dragoman-test-port-${port}`, () => {
      claim.unref();
      resolve(true);
    });
  });
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
