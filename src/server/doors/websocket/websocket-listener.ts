/**
 * One TCP listener for all that comes by WebSocket: paths, each with what takes its connections, and pages. It turns
 * away whom a path is not for before there is a connection: strangers' pages, wrong tokens, too many, too slow. No
 * compression: sound does not shrink, and each connection would cost memory.
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { Secret } from '../../../base/secret.ts';
import { SparseLog } from '../../../base/sparse-log.ts';
import { Tally } from '../../../base/tally.ts';
import { AnswerTurns } from '../../http/answer-turns.ts';
import { Guard } from '../../http/guard.ts';
import { cannotListen } from '../cannot-listen.ts';
import type { DoorAddress } from '../door.ts';
import { openListener } from '../open-listener.ts';
import { WaitingRoom } from '../waiting-room.ts';
import { mayEnter } from './access-token.ts';
import {
  CLOSE,
  type FirstMessage,
  MOST_FRAGMENTS,
  MOST_MESSAGE_BYTES,
  MOST_PARTS,
  PeerSocket,
} from './peer-socket.ts';

/** How long a connection may take to ask for something, in ms. */
const HANDSHAKE_LIMIT_MS = 5_000;
/** How long the owners of connections may take to end them, in ms; a switchboard takes 2 s. */
const CLOSE_LIMIT_MS = 3_000;
/** Connections that have not said yet what they want; a burst of 200 calls comes from one Asterisk. */
const MOST_ASKING = 512;
/** Pages, and words to who is turned away; a leg that comes in needs none of them. */
const MOST_ANSWERS_A_SECOND = 100;
/** All headers of a request, in bytes. */
const MOST_HEADER_BYTES = 8_192;
export interface WebSocketListenerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Names it is reached by besides `localhost`, its addresses, and the name of the machine. */
  readonly names: readonly string[];
  /** Who opens a WebSocket must bring it; undefined: nobody must. */
  readonly token: Secret | undefined;
  /** How long a WebSocket may take to say who it is where its address does not, in ms. */
  readonly uuidTimeoutMs: number;
  /** Connections at once that have not said yet what they want; default 512. */
  readonly mostAsking?: number;
}

/** What somebody asks for who opens a WebSocket. */
export interface SocketRequest {
  /** Without the query: `/translate/7777`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Why a connection is turned away before there is one. */
export interface Turned {
  readonly status: 400 | 403 | 404 | 503;
  /** A short name to count by. */
  readonly reason: string;
  /** What is wrong and what to do, for who asks. */
  readonly message: string;
}

/** A path where WebSockets are taken. */
export interface SocketPath {
  /** `/media`; one that ends with `/` stands for everything below it. */
  readonly path: string;
  /** The subprotocol that is agreed on if it is offered. */
  readonly protocol: string;
  /** The longest message that is taken there, in bytes; default 64 KiB. */
  readonly mostMessageBytes?: number;
  /** Why this request is turned away; undefined: it is not. */
  readonly turned: (request: SocketRequest) => Turned | undefined;
  /** What has to come from a connection, or it is nobody's yet; undefined: nothing, its address says who it is. */
  readonly begunBy?: (request: SocketRequest) => FirstMessage | undefined;
  /** Takes a connection, which is open; it attaches to it at once. */
  readonly accept: (socket: PeerSocket, request: SocketRequest) => void;
}

/** A page, or a part of one, for whoever asks. */
export interface Page {
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** Beside those that every page has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class WebSocketListener {
  readonly counts = {
    connectionsAccepted: 0,
    /** Connections turned away, by reason. */
    connectionsRefused: new Tally<string>(),
  };
  readonly #options: WebSocketListenerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #turnedAway: SparseLog<string>;
  readonly #guard: Guard;
  /** Of pages, and of who is turned away. */
  readonly #turns: AnswerTurns;
  readonly #server: Server;
  /** By the longest message that they take. */
  readonly #sockets = new Map<number, WebSocketServer>();
  readonly #paths: SocketPath[] = [];
  readonly #pages = new Map<string, Page>();
  /** Connections that are nobody's yet. */
  readonly #asking: WaitingRoom<Duplex>;
  /** Those of them that have a WebSocket. */
  readonly #asked = new WeakSet<Duplex>();
  readonly #open = new Set<PeerSocket>();
  #closing = false;

  private constructor(options: WebSocketListenerOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#asking = new WaitingRoom(options.mostAsking ?? MOST_ASKING);
    this.#clock = clock;
    this.#log = log;
    this.#turnedAway = new SparseLog(log, clock);
    this.#guard = new Guard(options);
    this.#turns = new AnswerTurns(MOST_ANSWERS_A_SECOND, clock);
    this.#server = createServer({ maxHeaderSize: MOST_HEADER_BYTES });
    this.#server.on('connection', (socket: Socket) => this.#welcome(socket));
    this.#server.on('request', (request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => {
      this.counts.connectionsRefused.add('bad-request');
      socket.destroy();
    });
  }

  /** @throws AppError `address-in-use` or `address-refused`, saying what to do. */
  static async open(options: WebSocketListenerOptions, clock: Clock, log: Log): Promise<WebSocketListener> {
    const listener = new WebSocketListener(options, clock, log);
    await listener.#listen();
    return listener;
  }

  /** With the port it really has. */
  get address(): DoorAddress {
    const bound = this.#server.address();
    const { host, port } = this.#options;
    return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
  }

  /** Takes WebSockets at a path from now on. */
  serve(path: SocketPath): void {
    this.#paths.push(path);
  }

  /** Shows a page from now on. */
  show(page: Page): void {
    this.#pages.set(page.path, page);
  }

  /**
   * Takes no more connections; resolves when those that are open have ended, which their owners have 3 s for.
   * Idempotent.
   */
  async close(): Promise<void> {
    this.#closing = true;
    for (const socket of this.#asking.guests) {
      socket.destroy();
    }
    const limit = this.#clock.at(this.#clock.nowMs() + CLOSE_LIMIT_MS, () => {
      for (const socket of this.#open) {
        socket.close(CLOSE.goingAway, 'the server is closing');
      }
    });
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    limit.cancel();
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return openListener(
      this.#server,
      { host, port },
      (error) => cannotListen(error, { flag: '--ws', host, port, mayBeOff: true }),
      (error) => this.#log.error({ error }, 'the WebSocket listener could not accept a connection'),
    );
  }

  #welcome(socket: Socket): void {
    socket.setNoDelay(true);
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const out = this.#asking.enter(socket, socket.remoteAddress);
    if (out !== undefined) {
      const reason = 'too-many-newcomers';
      this.counts.connectionsRefused.add(reason);
      this.#turnedAway.warn(
        reason,
        { reason },
        'too many connections have not said what they want: the oldest was closed',
      );
      out.destroy();
    }
    this.#limit(socket, HANDSHAKE_LIMIT_MS, () => {
      // One that has its WebSocket by now has a limit of its own.
      if (!this.#asked.has(socket) && this.#asking.leave(socket)) {
        this.counts.connectionsRefused.add('handshake-timeout');
        socket.destroy();
      }
    });
    socket.once('close', () => this.#asking.leave(socket));
  }

  #limit(socket: Duplex, limitMs: number, over: () => void): void {
    const limit = this.#clock.at(this.#clock.nowMs() + limitMs, over);
    socket.once('close', () => limit.cancel());
  }

  /** A request that is for a page. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { path } = splitUrl(request.url);
    const refusal = this.#guard.refusal(request.headers.host, request.headers.origin);
    if (this.#tooOften(request.socket)) {
      return;
    }
    const page = request.method === 'GET' || request.method === 'HEAD' ? this.#pages.get(path) : undefined;
    response.setHeader('connection', 'close');
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (refusal !== undefined || page === undefined) {
      const known = this.#pathOf(path) !== undefined;
      response.statusCode = refusal !== undefined ? 403 : known ? 426 : 404;
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end(`${refusal ?? (known ? 'open a WebSocket here' : 'there is nothing here')}\n`);
      return;
    }
    for (const [name, value] of Object.entries(page.headers ?? {})) {
      response.setHeader(name, value);
    }
    response.setHeader('content-type', page.type);
    response.end(page.body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without it an end that comes in mid-handshake would end the process.
    socket.on('error', () => socket.destroy());
    const { path, query } = splitUrl(request.url);
    const { host, origin, authorization } = request.headers;
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const handler = this.#pathOf(path);
    const refusal = this.#guard.refusal(host, origin);
    if (refusal !== undefined) {
      this.#turnAway(request, socket, { status: 403, reason: 'not-allowed', message: refusal });
    } else if (!mayEnter(this.#options.token, { authorization, protocols, query })) {
      const message = 'the token is missing or another: send it as "Authorization: Bearer TOKEN"';
      this.#turnAway(request, socket, { status: 401, reason: 'wrong-token', message });
    } else if (handler === undefined) {
      this.#turnAway(request, socket, {
        status: 404,
        reason: 'no-such-path',
        message: 'there is nothing here',
      });
    } else {
      const asked = { path, query };
      const turned = handler.turned(asked);
      if (turned === undefined) {
        this.#takeIn(request, socket, head, handler, asked);
      } else {
        this.#turnAway(request, socket, turned);
      }
    }
  }

  #takeIn(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    handler: SocketPath,
    asked: SocketRequest,
  ): void {
    this.#socketsOf(handler).handleUpgrade(request, socket, head, (opened) => {
      const peer = new PeerSocket(opened, request.socket, this.#clock);
      this.#open.add(peer);
      opened.once('close', () => this.#open.delete(peer));
      const first = handler.begunBy?.(asked);
      if (first === undefined) {
        this.#asking.leave(socket);
        this.counts.connectionsAccepted += 1;
        handler.accept(peer, asked);
        return;
      }
      this.#asked.add(socket);
      this.#limit(socket, this.#options.uuidTimeoutMs, () => {
        if (this.#asking.leave(socket)) {
          const reason = 'no-uuid';
          this.counts.connectionsRefused.add(reason);
          this.#turnedAway.warn(reason, { remote: peer.address, reason }, 'a WebSocket never said who it is');
          peer.fail(reason);
        }
      });
      peer.awaitFirst(first, () => this.#begin(socket, peer, handler, asked));
    });
  }

  /** A connection has said something: it has as much right to be here as one whose address says who it is. */
  #begin(socket: Duplex, peer: PeerSocket, handler: SocketPath, asked: SocketRequest): void {
    if (!this.#asking.leave(socket)) {
      return;
    }
    const turned = handler.turned(asked);
    if (turned === undefined) {
      this.counts.connectionsAccepted += 1;
      handler.accept(peer, asked);
    } else {
      this.counts.connectionsRefused.add(turned.reason);
      peer.close(CLOSE.tryLater, turned.reason);
    }
  }

  #turnAway(
    request: IncomingMessage,
    socket: Duplex,
    { status, reason, message }: Omit<Turned, 'status'> & { readonly status: Turned['status'] | 401 },
  ): void {
    this.counts.connectionsRefused.add(reason);
    if (this.#tooOften(socket)) {
      return;
    }
    this.#turnedAway.warn(
      reason,
      { remote: request.socket.remoteAddress, reason, explanation: message },
      'a WebSocket was refused',
    );
    const body = `${message}\n`;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
        `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  /** Cuts off who asks more often than can be answered without anybody's sound being late. */
  #tooOften(socket: Duplex): boolean {
    const tooOften = !this.#turns.takeNow();
    if (tooOften) {
      socket.destroy();
    }
    return tooOften;
  }

  #socketsOf({ mostMessageBytes: maxPayload = MOST_MESSAGE_BYTES }: SocketPath): WebSocketServer {
    const sockets =
      this.#sockets.get(maxPayload) ??
      new WebSocketServer({
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload,
        // Spread, because the types of `ws` do not know them yet.
        ...{ maxFragments: MOST_FRAGMENTS, maxBufferedChunks: MOST_PARTS },
        handleProtocols: (offered, request) => {
          const { protocol } = this.#pathOf(splitUrl(request.url).path) ?? {};
          return protocol !== undefined && offered.has(protocol) ? protocol : false;
        },
      });
    this.#sockets.set(maxPayload, sockets);
    return sockets;
  }

  #pathOf(asked: string): SocketPath | undefined {
    return this.#paths.find(({ path }) => path === asked || (path.endsWith('/') && asked.startsWith(path)));
  }
}

function splitUrl(url = '/'): SocketRequest {
  const [path = '/', ...query] = url.split('?');
  return { path, query: new URLSearchParams(query.join('?')) };
}
