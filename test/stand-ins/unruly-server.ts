/**
 * A server on loopback that does to a WebSocket's opening handshake what no provider means to do: what stands between
 * us and one does. It keeps every request it got, so that a test can tell who was given a key.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Changes } from './changes.ts';

export type Unruliness =
  /** Sends the client elsewhere. */
  | { readonly type: 'redirect'; readonly status: number; readonly location: string }
  /** Never answers. */
  | { readonly type: 'hang' }
  /** Refuses, and explains itself without end. */
  | { readonly type: 'endless'; readonly status: number }
  /** Lets the client in, and reads nothing of what it sends. */
  | { readonly type: 'deaf' };

const WEB_SOCKETS = new WebSocketServer({ noServer: true });

export class UnrulyServer {
  readonly requests: IncomingMessage[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #changes = new Changes();
  #open = 0;

  /** @param onRequest answers requests that open no WebSocket; default none is answered. */
  static async listen(
    unruliness: Unruliness,
    onRequest: (host: string) => string = () => '{}',
  ): Promise<UnrulyServer> {
    const server = new UnrulyServer(unruliness, onRequest);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  private constructor(unruliness: Unruliness, onRequest: (host: string) => string) {
    this.#server = createServer((request, response) => {
      this.requests.push(request);
      response.setHeader('content-type', 'application/json');
      response.end(onRequest(this.host));
      this.#changes.tell();
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.requests.push(request);
      this.#open += 1;
      socket.on('error', () => {});
      socket.on('end', () => socket.end());
      socket.once('close', () => {
        this.#open -= 1;
        this.#changes.tell();
      });
      answer(unruliness, request, socket, head);
      this.#changes.tell();
    });
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  /** Connections of handshakes that are open. */
  get open(): number {
    return this.#open;
  }

  /** Handshakes that came. */
  get handshakes(): number {
    return this.requests.filter(({ headers }) => headers.upgrade !== undefined).length;
  }

  /** Resolves once `condition` holds, looked at whenever anything happens. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answer(unruliness: Unruliness, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  switch (unruliness.type) {
    case 'redirect':
      socket.end(
        `HTTP/1.1 ${unruliness.status} Elsewhere\r\nLocation: ${unruliness.location}\r\nContent-Length: 0\r\n\r\n`,
      );
      break;
    case 'endless': {
      socket.write(`HTTP/1.1 ${unruliness.status} No\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const explain = (): void => {
        while (!socket.destroyed && socket.write(`400\r\n${'x'.repeat(1_024)}\r\n`)) {
          // The kernel's buffer says when it is enough for now.
        }
      };
      socket.resume();
      socket.on('drain', explain);
      explain();
      break;
    }
    case 'hang':
      // The end of the connection is noticed.
      socket.resume();
      break;
    case 'deaf':
      WEB_SOCKETS.handleUpgrade(request, socket, head, (webSocket) => webSocket.pause());
      break;
  }
}
