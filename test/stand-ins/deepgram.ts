/**
 * Deepgram on loopback: `/v1/listen` for Nova and `/v2/listen` for Flux on a real WebSocket server, with the
 * handshake's refusals, results computed from a script at the pace of the audio, and what goes wrong in practice.
 * https://developers.deepgram.com/reference/speech-to-text/listen-streaming
 */

import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { DeepgramEar, type DeepgramScript } from './deepgram-ear.ts';
import { FluxTalker } from './deepgram-flux.ts';
import { NovaTalker } from './deepgram-nova.ts';
import { wrongQuery } from './deepgram-query.ts';

/** What goes wrong with every connection while it is set. */
export type DeepgramFault =
  /** The handshake is refused; Deepgram's own are 400, 401, 402, 403, 429 and 5xx. */
  | {
      readonly type: 'refuse';
      readonly status: number;
      readonly code?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The handshake is never answered. */
  | { readonly type: 'hang' }
  /** Nothing is ever said. */
  | { readonly type: 'silent' }
  /** The connection is closed after so much audio. Code 1006 is the socket's end without a word. */
  | { readonly type: 'close'; readonly afterMs: number; readonly code: number; readonly reason: string }
  /** After so much audio comes text that is no message. */
  | { readonly type: 'garbage'; readonly afterMs: number; readonly text: string };

export interface DeepgramStandInOptions {
  /** The key that is let in; default `stand-in-key`. */
  readonly apiKey?: string;
  /** The most terms that are taken; default 100. */
  readonly mostTerms?: number;
  /** What is heard; default nothing. */
  readonly script?: DeepgramScript;
  /** Audio between two interim results, in ms; default 250. */
  readonly interimEveryMs?: number;
  /** Audio after which a result is settled although nobody paused, in ms; default 4,000. */
  readonly settleEveryMs?: number;
  /** What a result takes that is not settled, in ms of real time; default 0. */
  readonly interimDelayMs?: number;
  /** What a settled result takes, and a Flux turn's end, in ms of real time; default 0. */
  readonly finalDelayMs?: number;
  /** The least unsettled audio for which a Finalize is answered, in ms; default 0. */
  readonly finalizeLeastMs?: number;
  /** How much too far a settled result reaches in which nothing is heard, in ms; default 0. */
  readonly overreachMs?: number;
  /**
   * Connections whose settled results, and ends of Flux turns, have lost their words, counted from the first; default
   * 0.
   */
  readonly forgetful?: number;
  /** Whether each message is sent twice; default false. */
  readonly repeats?: boolean;
  /** Silence after which Flux says that a turn may be over, in ms; default 200. */
  readonly eagerEndMs?: number;
  /** Silence after which Flux is sure, in ms; default 400. `eot_timeout_ms` holds anyway. */
  readonly endOfTurnMs?: number;
  /** Whether Flux's words have times; default true. */
  readonly fluxWordTimes?: boolean;
  /** How long a connection may send neither audio nor KeepAlive, in ms of real time; default 10,000. */
  readonly idleLimitMs?: number;
  readonly fault?: DeepgramFault;
}

/** A handshake, as it came. */
export interface DeepgramRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** What came on one connection. */
export interface DeepgramConnection {
  /** Text messages, each with the audio heard before it, in ms. */
  readonly messages: readonly { readonly type: string; readonly atMs: number }[];
  /** Audio, in ms. */
  readonly heardMs: number;
  /** The lengths of binary messages, in ms. */
  readonly chunksMs: readonly number[];
  readonly closed: boolean;
}

/** What answers on one connection, by one of the protocols. */
export interface Talker {
  /** The connection is open. */
  greet(): void;
  /** The ear has heard more. */
  heard(): void;
  /** A text message came. */
  told(type: string): void;
}

/** How a {@link Talker} speaks. */
export interface TalkerLine {
  /** Whether what is settled has no words. */
  readonly forgets: boolean;
  /** Says `message` after `delayMs`, in the order of the calls. */
  say(message: unknown, delayMs: number): void;
  /** Closes after what has been said; no code closes without one. */
  close(code?: number, reason?: string): void;
}

export interface DeepgramStandIn {
  /** `ws://127.0.0.1:PORT`. */
  readonly url: string;
  /** Every handshake, refused ones included. */
  readonly requests: readonly DeepgramRequest[];
  readonly connections: readonly DeepgramConnection[];
  /** What goes wrong from now on, on the connections there are too; undefined ends it. */
  fault: DeepgramFault | undefined;
  /** Resolves when `condition` holds; it is asked whenever something came. */
  until(condition: () => boolean): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export async function startDeepgram(options: DeepgramStandInOptions = {}): Promise<DeepgramStandIn> {
  const standIn = new StandIn(options);
  await standIn.start();
  return standIn;
}

class StandIn implements DeepgramStandIn {
  readonly requests: DeepgramRequest[] = [];
  readonly connections: Connection[] = [];
  fault: DeepgramFault | undefined;
  readonly #options: DeepgramStandInOptions;
  readonly #server = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #streams = new Set<Duplex>();
  readonly #activity = new EventEmitter();
  #url = '';

  constructor(options: DeepgramStandInOptions) {
    this.#options = options;
    this.fault = options.fault;
    this.#activity.setMaxListeners(0);
    this.#server.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address: AddressInfo | string | null = this.#server.address();
    this.#url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  async until(condition: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(120_000);
    while (!condition()) {
      await once(this.#activity, 'activity', { signal });
    }
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) {
      stream.destroy();
    }
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, 'close');
    }
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#streams.add(stream);
    stream.on('error', () => {});
    stream.once('close', () => this.#streams.delete(stream));
    const url = new URL(request.url ?? '/', 'ws://stand-in');
    this.requests.push({ path: url.pathname, query: url.searchParams, headers: request.headers });
    this.#activity.emit('activity');
    if (this.fault?.type === 'hang') {
      return;
    }
    if (this.fault?.type === 'refuse') {
      const { status, code, retryAfterSeconds } = this.fault;
      refuse(stream, status, code ?? 'REFUSED', `the stand-in refuses with ${status}`, retryAfterSeconds);
      return;
    }
    const path = url.pathname;
    if (path !== '/v1/listen' && path !== '/v2/listen') {
      refuse(stream, 404, 'NOT_FOUND', path);
      return;
    }
    if (!this.#isLetIn(request)) {
      refuse(stream, 401, 'INVALID_AUTH', `Invalid credentials: ${request.headers.authorization ?? ''}`);
      return;
    }
    const wrong = wrongQuery(path, url.searchParams, this.#options.mostTerms ?? 100);
    if (wrong !== undefined) {
      refuse(stream, 400, 'INVALID_QUERY_PARAMETER', wrong);
      return;
    }
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      this.connections.push(
        new Connection(
          socket,
          path,
          url.searchParams,
          this.connections.length,
          this.#options,
          () => this.fault,
          () => this.#activity.emit('activity'),
        ),
      );
      this.#activity.emit('activity');
    });
  }

  /** The key comes in a header, or from browsers as a subprotocol. */
  #isLetIn(request: IncomingMessage): boolean {
    const key = this.#options.apiKey ?? 'stand-in-key';
    const protocols = request.headers['sec-websocket-protocol']?.split(/, */) ?? [];
    return (
      request.headers.authorization === `Token ${key}` || (protocols[0] === 'token' && protocols[1] === key)
    );
  }
}

function refuse(
  stream: Duplex,
  status: number,
  code: string,
  message: string,
  retryAfterSeconds?: number,
): void {
  const requestId = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';
  const body = JSON.stringify({ err_code: code, err_msg: message, request_id: requestId });
  stream.end(
    [
      `HTTP/1.1 ${status} Refused`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `dg-error: ${message}`,
      `dg-request-id: ${requestId}`,
      ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

class Connection implements DeepgramConnection, TalkerLine {
  readonly messages: { readonly type: string; readonly atMs: number }[] = [];
  readonly chunksMs: number[] = [];
  closed = false;
  readonly forgets: boolean;
  readonly #socket: WebSocket;
  readonly #ear: DeepgramEar;
  readonly #talker: Talker;
  readonly #options: DeepgramStandInOptions;
  readonly #fault: () => DeepgramFault | undefined;
  readonly #bytesPerMs: number;
  readonly #waiting: { readonly dueMs: number; readonly act: () => void }[] = [];
  #speaking: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastActiveMs = performance.now();
  /** When what has been said will have been sent. */
  #saidMs = 0;
  #garbled = false;

  constructor(
    socket: WebSocket,
    path: '/v1/listen' | '/v2/listen',
    query: URLSearchParams,
    number: number,
    options: DeepgramStandInOptions,
    fault: () => DeepgramFault | undefined,
    onActivity: () => void,
  ) {
    const rateHz = Number(query.get('sample_rate'));
    this.#socket = socket;
    this.#options = options;
    this.forgets = number < (options.forgetful ?? 0);
    this.#fault = fault;
    this.#bytesPerMs = rateHz / 500;
    const silence: DeepgramScript = { type: 'bursts', choose: () => undefined };
    this.#ear = new DeepgramEar(options.script ?? silence, number, rateHz);
    this.#talker =
      path === '/v1/listen'
        ? new NovaTalker(this, this.#ear, query, options)
        : new FluxTalker(this, this.#ear, query, options);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      clearTimeout(this.#speaking);
      clearTimeout(this.#idle);
      onActivity();
    });
    socket.on('message', (data, isBinary) => {
      if (Buffer.isBuffer(data) && !this.closed) {
        this.#receive(data, isBinary);
        onActivity();
      }
    });
    this.#watchIdle();
    this.#talker.greet();
  }

  get heardMs(): number {
    return this.#ear.heardMs;
  }

  say(message: unknown, delayMs: number): void {
    if (this.#fault()?.type === 'silent') {
      return;
    }
    const text = JSON.stringify(message);
    this.#inOrder(delayMs, () => {
      this.#socket.send(text);
      if (this.#options.repeats === true) {
        this.#socket.send(text);
      }
    });
  }

  close(code?: number, reason?: string): void {
    this.#inOrder(0, () => this.#socket.close(code, reason));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      const type = typeOf(data.toString('utf8'));
      this.messages.push({ type, atMs: this.heardMs });
      // A KeepAlive keeps alive what has begun.
      if (type !== 'KeepAlive' || this.chunksMs.length > 0) {
        this.#lastActiveMs = performance.now();
      }
      this.#talker.told(type);
      return;
    }
    if (data.length === 0 || data.length % 2 !== 0) {
      this.#socket.close(1008, 'DATA-0000');
      return;
    }
    this.#lastActiveMs = performance.now();
    this.chunksMs.push(data.length / this.#bytesPerMs);
    this.#ear.hear(data);
    this.#talker.heard();
    const fault = this.#fault();
    if (fault?.type === 'close' && this.heardMs >= fault.afterMs) {
      if (fault.code === 1006) {
        this.#socket.terminate();
      } else {
        this.close(fault.code, fault.reason);
      }
    }
    if (fault?.type === 'garbage' && this.heardMs >= fault.afterMs && !this.#garbled) {
      this.#garbled = true;
      this.#inOrder(0, () => this.#socket.send(fault.text));
    }
  }

  #inOrder(delayMs: number, act: () => void): void {
    this.#saidMs = Math.max(this.#saidMs, performance.now() + delayMs);
    this.#waiting.push({ dueMs: this.#saidMs, act });
    this.#speak();
  }

  /** Says what is due; one timer waits for the rest, so that nothing overtakes. */
  #speak(): void {
    clearTimeout(this.#speaking);
    for (let next = this.#waiting[0]; next !== undefined && !this.closed; next = this.#waiting[0]) {
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#speaking = setTimeout(() => this.#speak(), Math.ceil(waitMs));
        return;
      }
      this.#waiting.shift();
      next.act();
    }
  }

  #watchIdle(): void {
    const limitMs = this.#options.idleLimitMs ?? 10_000;
    this.#idle = setTimeout(
      () => {
        if (performance.now() - this.#lastActiveMs >= limitMs - 1) {
          this.#socket.close(1011, 'NET-0001');
        } else {
          this.#watchIdle();
        }
      },
      this.#lastActiveMs + limitMs - performance.now(),
    );
  }
}

/** The type of a text message; of what is no message, the text. */
function typeOf(text: string): string {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : text;
  } catch {
    return text;
  }
}
