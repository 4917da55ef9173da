/**
 * The WebSocket that an Asterisk opens for one call (`connection_type = per_call_config`), with the rules that 22.10 has:
 * it offers the subprotocol `ari`, says who it is by Basic, tells first that the application is registered, does one request after the other, keeps what it has to tell
 * while it is not connected, and connects again at once when it breaks; when it cannot, the call is back in its dialplan.
 */

import { once } from 'node:events';
import { WebSocket } from 'ws';

/** As Asterisk makes it of an Ethernet address, and has it in each event. */
const ASTERISK_ID = '02:fc:00:00:00:01';

export interface CallSocketOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** How often it is tried again, as reconnect_attempts. */
  readonly attempts?: number;
}

/** Between two tries; far less than a real one's, since it is real time. */
const INTERVAL_MS = 5;

export interface CallSocketDeps {
  /** Does a request, as over HTTP. */
  readonly request: (
    method: string,
    path: string,
    body: Readonly<Record<string, unknown>>,
  ) => Promise<{ readonly status: number; readonly body?: unknown }>;
  /** Nobody is there, for as long as it is tried. */
  readonly failed: () => void;
}

export class StrictCallSocket {
  readonly app: string;
  readonly #options: CallSocketOptions;
  readonly #deps: CallSocketDeps;
  readonly #queue: string[] = [];
  #socket: WebSocket | undefined;
  #closing = false;
  /** Requests are done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(app: string, options: CallSocketOptions, deps: CallSocketDeps) {
    this.app = app;
    this.#options = options;
    this.#deps = deps;
  }

  /** Connects; false when nobody takes it. */
  async connect(): Promise<boolean> {
    const { attempts = 3 } = this.#options;
    for (let attempt = 0; attempt <= attempts && !this.#closing; attempt += 1) {
      if (await this.#tried()) {
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
    return false;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(text: string): void {
    if (this.connected) {
      this.#socket?.send(text);
    } else {
      this.#queue.push(text);
    }
  }

  /** The network breaks it. */
  terminate(): void {
    this.#socket?.terminate();
  }

  /** Its call is over. */
  close(): void {
    this.#closing = true;
    this.#socket?.close(1000);
  }

  async #tried(): Promise<boolean> {
    const { url, username = 'asterisk', password } = this.#options;
    const login = Buffer.from(`${username}:${password}`).toString('base64');
    const headers = password === undefined ? {} : { authorization: `Basic ${login}` };
    const socket = new WebSocket(url, ['ari'], { headers });
    try {
      await once(socket, 'open');
    } catch {
      return false;
    }
    if (socket.protocol !== 'ari') {
      socket.terminate();
      return false;
    }
    socket.on('error', () => {});
    socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    socket.on('close', () => void this.#again());
    this.#socket = socket;
    socket.send(
      JSON.stringify({ type: 'ApplicationRegistered', application: this.app, asterisk_id: ASTERISK_ID }),
    );
    for (const text of this.#queue.splice(0)) {
      socket.send(text);
    }
    return true;
  }

  async #again(): Promise<void> {
    this.#socket = undefined;
    if (this.#closing) {
      return;
    }
    if (!(await this.connect()) && !this.#closing) {
      this.#deps.failed();
    }
  }

  #take(message: Readonly<Record<string, unknown>>): void {
    const { type, request_id: id, method, uri, message_body: text, content_type: kind } = message;
    const answer = async (): Promise<void> => {
      const readable = type === 'RESTRequest' && (text === undefined || kind === 'application/json');
      const body = text === undefined ? {} : JSON.parse(String(text));
      const { status, body: said } = readable
        ? await this.#deps.request(String(method), `/${uri}`, body)
        : { status: 400 };
      this.send(
        JSON.stringify({
          ...{ type: 'RESTResponse', application: this.app, transaction_id: message.transaction_id },
          ...{ request_id: id, status_code: status, reason_phrase: 'so', uri },
          ...(said === undefined
            ? {}
            : { content_type: 'application/json', message_body: JSON.stringify(said) }),
        }),
      );
    };
    this.#turn = this.#turn.then(answer);
  }
}
