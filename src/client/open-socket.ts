/** A connection to a server, made as Asterisk makes it: TCP_NODELAY, and 2 s at most. */

import { connect, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';

const CONNECT_LIMIT_MS = 2_000;

/**
 * The socket has no listeners yet: who opened it adds them before it waits for anything else. @throws the system's
 * error.
 */
export function openSocket(host: string, port: number, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const limit = clock.at(clock.nowMs() + CONNECT_LIMIT_MS, () => {
      socket.destroy(new Error(`no answer within ${CONNECT_LIMIT_MS} ms`));
    });
    socket.once('error', (error) => {
      limit.cancel();
      reject(error);
    });
    socket.once('connect', () => {
      limit.cancel();
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
