/**
 * So many connections at once, shared out by address: when there are as many as there may be, whoever comes from an address
 * that has fewer than another takes the place of that one's newest.
 */

import type { Server, Socket } from 'node:net';
import { FairRoom } from './fair-room.ts';

/** Has `server` keep at most `most` connections. */
export function shareConnections(server: Server, most: number): void {
  const room = new FairRoom<Socket>(most);
  server.on('connection', (socket: Socket) => {
    const out = room.enter(socket, socket.remoteAddress);
    out?.destroy();
    if (out !== socket) {
      socket.once('close', () => room.leave(socket));
    }
  });
}
