/** A server that takes connections and says nothing, as one does that hangs or whose firewall swallows what it says. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '../support/ports.ts';

export class SilentServer {
  /** `127.0.0.1:40123`. */
  readonly address: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #seen: { connections: number };

  static async open(): Promise<SilentServer> {
    const sockets = new Set<Socket>();
    const seen = { connections: 0 };
    const server = createServer((socket) => {
      seen.connections += 1;
      sockets.add(socket);
      // What it is sent it reads, and who leaves is let go.
      socket.resume();
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    });
    return new SilentServer(server, await listen(server), sockets, seen);
  }

  private constructor(server: Server, port: number, sockets: Set<Socket>, seen: { connections: number }) {
    this.address = `127.0.0.1:${port}`;
    this.#server = server;
    this.#sockets = sockets;
    this.#seen = seen;
  }

  /** Connections so far. */
  get connections(): number {
    return this.#seen.connections;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
