/** A way to a server of this machine that a test cuts, as a network does: neither side is told anything but that it is over. */

import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from './ports.ts';

export class CutLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  /** @param to the port of the server. */
  static async open(to: number): Promise<CutLine> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      const other = connect(to, '127.0.0.1');
      for (const [one, way] of [
        [socket, other],
        [other, socket],
      ] as const) {
        sockets.add(one);
        one.on('error', () => {}).on('close', () => way.destroy());
        one.pipe(way);
      }
    });
    return new CutLine(server, sockets, await listen(server));
  }

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = port;
  }

  /** Ends what is connected now; whoever connects anew comes through. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    this.#sockets.clear();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
