/**
 * A connection to a server under test, made as Asterisk makes it: TCP_NODELAY, and 2 s at most.
 */

import { connect, type Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';

const CONNECT_LIMIT_MS = 2_000;

/** @throws the system's error when nobody accepts. */
export function openSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const limit = systemClock.at(systemClock.nowMs() + CONNECT_LIMIT_MS, () => {
      socket.destroy(new Error(`no connection within ${CONNECT_LIMIT_MS} ms`));
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
