/** Begins to listen for connections; what every door that listens over TCP does. */

import type { Server } from 'node:net';
import type { DoorAddress } from './door.ts';

/** Connections waiting to be accepted; a burst of 200 calls must fit. */
const BACKLOG = 511;

/**
 * Resolves when `server` listens.
 * @param explain says what to do when it cannot; it rejects with that.
 * @param failed hears of what goes wrong with connections from then on.
 */
export async function openListener(
  server: Server,
  { host, port }: DoorAddress,
  explain: (error: unknown) => Error,
  failed: (error: Error) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error)));
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', failed);
}
