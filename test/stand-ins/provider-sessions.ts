/**
 * The WebSocket side of a stand-in: a server on loopback whose sockets can be made to fail in the ways of a network,
 * and a way to wait until everything sent so far, either way, has arrived.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';

export interface SessionsOptions {
  /** The HTTP status that refuses an upgrade, or undefined to let it in, or `hang` to leave it without an answer. */
  readonly admit: (request: IncomingMessage) => number | 'hang' | undefined;
  /** A client is in. */
  readonly onSession: (socket: WebSocket, request: IncomingMessage) => void;
  /** Any other request; default 404. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
}

export class ProviderSessions {
  /** Sessions that are open. */
  readonly open = new Set<WebSocket>();
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  #frozen = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen({ admit, onSession, onRequest }: SessionsOptions): Promise<ProviderSessions> {
    const webSockets = new WebSocketServer({ noServer: true });
    const server = createServer((request, response) => {
      if (onRequest === undefined) {
        response.writeHead(404).end();
      } else {
        onRequest(request, response);
      }
    });
    const sessions = new ProviderSessions(server);
    server.on('connection', (socket) => {
      sessions.#sockets.add(socket);
      socket.once('close', () => sessions.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => {
      const status = admit(request);
      if (status === 'hang') {
        return;
      }
      if (status !== undefined) {
        socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        sessions.open.add(webSocket);
        webSocket.once('close', () => sessions.open.delete(webSocket));
        webSocket.on('error', () => {});
        onSession(webSocket, request);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return sessions;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  /** Says the same to all sessions. */
  send(text: string): void {
    for (const socket of this.open) {
      socket.send(text);
    }
  }

  /** Ends all sessions with a close code, or without a word. */
  end(code: number | 'dropped'): void {
    for (const socket of this.open) {
      if (code === 'dropped') {
        socket.terminate();
      } else {
        socket.close(code);
      }
    }
  }

  /** Goes dead: what clients send is neither read nor answered, and the connections stay. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.open) {
      socket.pause();
    }
  }

  /** Resolves when everything sent so far has arrived here, and what it was answered has arrived at clients. */
  async roundTrip(): Promise<void> {
    for (let i = 0; i < 2; i += 1) {
      await turnOfLoop();
      if (!this.#frozen) {
        await Promise.all([...this.open].map(pong));
      }
    }
    await turnOfLoop();
  }

  async close(): Promise<void> {
    for (const socket of this.open) {
      socket.terminate();
    }
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Resolves when the client has answered a ping, or is gone. */
function pong(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('pong', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('pong', done);
    socket.on('close', done);
    if (socket.readyState === socket.OPEN) {
      socket.ping();
    } else if (socket.readyState === socket.CLOSED) {
      done();
    }
  });
}
