/** A way to a server on loopback whose connections a test can break, as a network or a restarted proxy does. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class BreakableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param url of the server: `http://127.0.0.1:8088`. */
  static async open(url: string): Promise<BreakableProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new BreakableProxy(() => connect(Number(port), hostname));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(target: () => Socket) {
    this.#server = createServer((socket) => {
      const other = target();
      for (const [one, two] of [
        [socket, other],
        [other, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.#sockets.delete(one);
          two.destroy();
        });
        one.pipe(two);
      }
    });
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  /** Ends every connection; new ones are let through. */
  break(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  async close(): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
