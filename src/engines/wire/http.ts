/**
 * Requests to one provider, the same for all of them: connections are kept through people's pauses, no redirect is
 * followed (it would carry the key), the head of an answer and each piece of its body have a deadline, a body has a
 * limit, and whoever asks can stop at any moment. Node's own fetch closes a connection after 4 s without use: the next
 * segment would pay for a new TCP and TLS handshake, 100 ms and more across an ocean.
 *
 * What a provider or the client says of a failure may repeat the key or the text, so no message here holds it.
 */

import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, errors } from 'undici';
import { type Clock, turnOfLoop } from '../../base/clock.ts';
import { AppError, asError, codeOf } from '../../base/errors.ts';
import { afterPatience } from '../../base/patience.ts';
import { AnswerWatch } from './answer-watch.ts';
import { type AnswerHead, Exchange } from './exchange.ts';
import {
  ANSWER_LIMIT_BYTES,
  CONNECTIONS_LIMIT,
  HEAD_LIMIT_MS,
  KEEP_ALIVE_MS,
  REFUSAL_LIMIT_BYTES,
  SILENCE_LIMIT_MS,
} from './limits.ts';
import { type RefusedAnswer, reasonWord } from './refusal.ts';

export interface HttpAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path below the address, with its query: `/v1/models`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in parts; not copied, so it must not change until the answer has come. */
  readonly body?: readonly Uint8Array[];
  /**
   * Whether it makes something: on a connection that turns out to be gone it is not sent again, since it may have
   * arrived. Default false.
   */
  readonly makes?: boolean;
  /** How long the head of the answer may take, in ms; default 30,000. */
  readonly headLimitMs?: number;
  /** How long nothing may come in the middle of the answer, in ms; default 30,000. Infinity: as long as it likes. */
  readonly silenceLimitMs?: number;
}

export interface HttpOriginOptions {
  /** The engine's name, for messages. */
  readonly name: string;
  /** `http://host:8000`, perhaps with a path, a user and a password. */
  readonly url: string;
  readonly clock: Clock;
  /** What to do when nobody answers, as it ends a message; default to start the server or mend its address. */
  readonly unreachableHint?: string;
  /** The most connections at once; who finds none waits in line. Default 128. */
  readonly connections?: number;
}

/** Codes of errors that say that nobody is there. */
const NOT_THERE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/** Codes that say that the other side is not whom it should be, or does not speak TLS. */
const NOT_TRUSTED = /CERT|TLS|SSL|SIGNATURE|EPROTO/;

/** Codes of what cannot be written into a request. */
const NOT_SENDABLE = /^(UND_ERR_INVALID_ARG|ERR_INVALID_CHAR|ERR_INVALID_ARG_VALUE)$/;

/** Codes that say that a connection ended before an answer came. */
const ENDED = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;

export class HttpOrigin {
  /** The engine's name, for messages. */
  readonly name: string;
  /** Host and port, for messages. */
  readonly host: string;
  readonly #options: HttpOriginOptions;
  readonly #url: URL;
  readonly #agent: Agent;
  /** The ends of connections that had carried an answer before. */
  readonly #endsOfKept = new WeakSet<Error>();
  /** Set while the connection of an answer that has just ended is not free yet. */
  #freeing: Promise<void> | undefined;

  /** @throws AppError `bad-option` when the URL is none of http or https. */
  constructor(options: HttpOriginOptions) {
    const { name, url } = options;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new AppError('bad-option', `${name}: the address of its server must look like http://host:8000`);
    }
    this.#options = options;
    this.name = name;
    this.#url = new URL(url);
    this.host = this.#url.host;
    this.#agent = new Agent({
      connect: this.#connector(),
      connections: options.connections ?? CONNECTIONS_LIMIT,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Deadlines are ours, on our clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Resolves with the head of the answer, whatever its status. The caller reads its body to the end or discards it;
   * `signal` ends that too.
   * @throws AppError `engine-timeout` past its limit, `engine-start-failed` when nobody answers, `engine-died` when the
   * connection closes without an answer, `engine-bad-answer` when it is none of HTTP, `engine-refused` when the request
   * cannot be written; the signal's reason when it aborts first.
   */
  async send(ask: HttpAsk, signal: AbortSignal): Promise<HttpAnswer> {
    const { clock, name } = this.#options;
    const { headLimitMs = HEAD_LIMIT_MS, silenceLimitMs = SILENCE_LIMIT_MS } = ask;
    signal.throwIfAborted();
    const stop = new AbortController();
    const onAbort = (): void => {
      late.cancel();
      stop.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const release = (): void => signal.removeEventListener('abort', onAbort);
    const late = afterPatience(clock, clock.nowMs() + headLimitMs, () =>
      stop.abort(
        new AppError('engine-timeout', `${name}: ${this.host} does not answer within ${headLimitMs} ms`),
      ),
    );
    try {
      // A new connection would take longer than a turn of the loop.
      await this.#freeing;
      const { exchange, head } = await this.#request(ask, stop.signal);
      void exchange.over.then(() => {
        release();
        const freeing = turnOfLoop().then(() => {
          this.#freeing = this.#freeing === freeing ? undefined : this.#freeing;
        });
        this.#freeing = freeing;
      });
      return new HttpAnswer(head, { exchange, clock, stop, silenceLimitMs, server: `${name}: ${this.host}` });
    } catch (error) {
      release();
      stop.signal.throwIfAborted();
      throw this.#failure(error);
    } finally {
      late.cancel();
    }
  }

  /** Ends every request and closes every connection. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** A connection that its server closed in the moment we chose it is nobody's failure: it is gone, another will do. */
  async #request(ask: HttpAsk, signal: AbortSignal): Promise<Begun> {
    for (;;) {
      signal.throwIfAborted();
      const exchange = new Exchange(this.#agent, this.#requestOf(ask));
      const onAbort = (): void => exchange.abort(asError(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
      void exchange.over.then(() => signal.removeEventListener('abort', onAbort));
      try {
        return { exchange, head: await exchange.head };
      } catch (error) {
        const stale = error instanceof Error && ENDED.test(codeOf(error)) && this.#endsOfKept.has(error);
        if (!stale || ask.makes === true || signal.aborted) {
          throw error;
        }
      }
    }
  }

  #requestOf(ask: HttpAsk): Dispatcher.DispatchOptions {
    const { body } = ask;
    const length = body?.reduce((sum, part) => sum + part.byteLength, 0);
    return {
      origin: this.#url.origin,
      path: this.#url.pathname.replace(/\/+$/, '') + ask.path,
      method: ask.method,
      headers: {
        ...basicAuthorization(this.#url),
        ...ask.headers,
        ...(length === undefined ? {} : { 'content-length': String(length) }),
      },
      body: body === undefined ? null : (onlyOf(body) ?? Readable.from(body)),
    };
  }

  /** Opens connections as usual, and notes which of them had been used when they end. */
  #connector(): buildConnector.connector {
    const connect = buildConnector({});
    return (options, callback) =>
      connect(options, (...result) => {
        const [, socket] = result;
        socket?.prependListener('error', (error: Error) => {
          if (socket.bytesRead > 0) {
            this.#endsOfKept.add(error);
          }
        });
        callback(...result);
      });
  }

  #failure(error: unknown): unknown {
    const code = codeOf(error);
    const server = `${this.#options.name}: ${this.host}`;
    if (NOT_THERE.test(code)) {
      const { unreachableHint: hint = 'start the server or mend its address' } = this.#options;
      return new AppError('engine-start-failed', `${server} cannot be reached (${code}); ${hint}`);
    }
    if (NOT_TRUSTED.test(code)) {
      return new AppError(
        'engine-start-failed',
        `${server} gives no secure connection (${code}); see whether it has https and a valid certificate`,
      );
    }
    if (NOT_SENDABLE.test(code)) {
      return new AppError(
        'engine-refused',
        `${this.name}: its key or voice holds a character that cannot be sent; write it again without line breaks`,
      );
    }
    if (error instanceof errors.HTTPParserError) {
      return new AppError('engine-bad-answer', `${server} is no web server`);
    }
    // What is no error of a connection or a parser is a mistake of ours, to be seen as it is.
    return code === 'unknown'
      ? error
      : new AppError('engine-died', `${server} ended the connection without an answer (${code})`);
  }
}

/** A request whose answer has begun. */
interface Begun {
  readonly exchange: Exchange;
  readonly head: AnswerHead;
}

/** What an answer needs of the request it belongs to. */
interface AnswerSource {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly stop: AbortController;
  readonly silenceLimitMs: number;
  /** How messages begin. */
  readonly server: string;
}

/** An answer whose body has yet to come. */
export class HttpAnswer {
  readonly status: AnswerHead['status'];
  readonly headers: AnswerHead['headers'];
  readonly #source: AnswerSource;

  constructor({ status, headers }: AnswerHead, source: AnswerSource) {
    this.status = status;
    this.headers = headers;
    this.#source = source;
  }

  /**
   * The body while it arrives, all that came before it broke off included. Whoever stops reading ends the connection.
   * @throws AppError `engine-bad-answer` when it is longer than `limitBytes` or breaks off; `engine-timeout` when
   * nothing comes for the request's `silenceLimitMs`; the reason of the request's signal when it aborts first.
   */
  async *pieces(limitBytes: number): AsyncGenerator<Buffer, void, undefined> {
    const { exchange, clock, stop, silenceLimitMs, server } = this.#source;
    let dueMs: number | undefined;
    const expect = (): void => {
      dueMs = silenceLimitMs === Number.POSITIVE_INFINITY ? undefined : clock.nowMs() + silenceLimitMs;
      watch.look();
    };
    const watch = new AnswerWatch(
      clock,
      () => dueMs,
      () => {
        dueMs = undefined;
        stop.abort(new AppError('engine-timeout', `${server} sends nothing more for ${silenceLimitMs} ms`));
      },
    );
    let bytes = 0;
    try {
      for (;;) {
        expect();
        const piece = await exchange.next();
        if (piece === undefined) {
          return;
        }
        bytes += piece.length;
        if (bytes > limitBytes) {
          throw new AppError('engine-bad-answer', `${server} sends more than ${limitBytes} bytes`);
        }
        // The time that the reader takes is not the provider's.
        dueMs = undefined;
        yield piece;
      }
    } catch (error) {
      stop.signal.throwIfAborted();
      const code = codeOf(error);
      throw error instanceof AppError || (code === 'unknown' && !(error instanceof errors.HTTPParserError))
        ? error
        : new AppError('engine-bad-answer', `${server} broke off its answer (${code})`);
    } finally {
      watch.close();
      this.discard();
    }
  }

  /** The whole body. @throws as {@link pieces}. */
  async readAll(limitBytes = ANSWER_LIMIT_BYTES): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(limitBytes)) {
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /**
   * What is told of an answer that is a refusal; its body is read to the end, so that the connection can be used again.
   * @param words names of members that may hold a reason, the best first, as `reasonWord` takes them.
   */
  async refused(words: readonly string[]): Promise<RefusedAnswer> {
    const { status, headers } = this;
    try {
      return { status, headers, reason: reasonWord(await this.readAll(REFUSAL_LIMIT_BYTES), words) };
    } catch (error) {
      this.#source.stop.signal.throwIfAborted();
      // A body that breaks off or does not end: the status says most.
      if (error instanceof AppError) {
        return { status, headers };
      }
      throw error;
    }
  }

  /** Ends the connection, unless the answer has ended: nobody wants the rest of the body. */
  discard(): void {
    this.#source.exchange.abort(new AppError('closed', `${this.#source.server}: nobody reads its answer`));
  }
}

/** JSON as the body of a request, with the header that says so. */
export function jsonBody(value: unknown): Required<Pick<HttpAsk, 'body' | 'headers'>> {
  return { headers: { 'content-type': 'application/json' }, body: [Buffer.from(JSON.stringify(value))] };
}

/** The part of a body that has one: the client need not make a stream of it. */
function onlyOf(parts: readonly Uint8Array[]): Uint8Array | undefined {
  return parts.length === 1 ? parts[0] : undefined;
}

/** The user and the password that an address may hold. */
function basicAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
