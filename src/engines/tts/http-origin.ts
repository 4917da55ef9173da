/**
 * Requests to one provider whose answers are read while they arrive. Made with node:http and not with fetch,
 * because fetch closes a connection that is idle for 4 s, which people's pauses are: the next segment would pay
 * for a new TCP and TLS handshake, 100 ms and more across an ocean. And a body in parts is written as it is,
 * without a copy.
 *
 * What a provider or Node says of a failure may repeat the key or the text, so no message here holds it.
 */

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { AppError, asError, codeOf } from '../../base/errors.ts';

export interface HttpAsk {
  readonly method: 'GET' | 'POST';
  /** The path below the address, with its query: `/v1/models`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in parts; not copied, so it must not change until the answer has come. */
  readonly body?: readonly Uint8Array[];
}

/** Codes of errors that say that nobody is there. */
const NOT_THERE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

/** Codes that say that the other side is not whom it should be, or does not speak TLS. */
const NOT_TRUSTED = /CERT|TLS|SSL|SIGNATURE|EPROTO/;

/** Connections that are kept open without use; a call speaks on one at a time. */
const IDLE_CONNECTIONS = 32;

/** How long they are kept, in ms: routers on the way forget a silent connection without a word, after minutes. */
const IDLE_MS = 55_000;

/** Thrown when the server closed a kept connection in the moment we chose it: nobody failed, a new one will do. */
const STALE = new Error('stale connection');

export class HttpOrigin {
  /** Scheme, host and port, for messages: user and password that the address may hold are left out. */
  readonly origin: string;
  readonly #engine: string;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  /**
   * @param engine the name that messages begin with.
   * @param address `http://host:8000`, perhaps with a path.
   * @throws AppError `bad-option` when this is no address.
   */
  constructor(engine: string, address: string) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
      throw new AppError(
        'bad-option',
        `${engine}: the address of its server must look like http://host:8000`,
      );
    }
    this.#engine = engine;
    this.#url = new URL(address);
    this.origin = this.#url.origin;
    const options = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Resolves with the head of the answer, whatever its status. The caller reads its body to the end or destroys
   * it; `signal` ends that too.
   * @throws AppError `engine-start-failed` when nobody answers, `engine-died` when the connection closes without an
   * answer, `engine-refused` when the request cannot be written; the signal's reason when it aborts first.
   */
  async send(ask: HttpAsk, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#attempt(ask, this.#agent, signal);
    } catch (error) {
      if (error !== STALE) {
        throw error;
      }
      return await this.#attempt(ask, false, signal);
    }
  }

  /** Closes the connections nobody uses; those in use end with their requests. */
  close(): void {
    this.#agent.destroy();
  }

  /** @param agent false for a connection of its own. */
  #attempt(ask: HttpAsk, agent: HttpAgent | false, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const parts = ask.body ?? [];
      const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
      const send = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
      let request: ReturnType<typeof requestHttp>;
      try {
        request = send({
          agent,
          protocol: this.#url.protocol,
          hostname: this.#url.hostname.replace(/^\[|\]$/g, ''),
          port: this.#url.port,
          path: this.#url.pathname.replace(/\/+$/, '') + ask.path,
          ...(this.#url.username === '' ? {} : { auth: credentials(this.#url) }),
          method: ask.method,
          headers: { ...ask.headers, ...(ask.body === undefined ? {} : { 'content-length': length }) },
        });
      } catch {
        throw new AppError(
          'engine-refused',
          `${this.#engine}: its key or voice holds a character that cannot be sent; write it again without line breaks`,
        );
      }
      let answer: IncomingMessage | undefined;
      const onAbort = (): void => {
        (answer ?? request).destroy(asError(signal.reason));
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', onAbort));
      request.once('response', (response) => {
        answer = response;
        // Who reads the body hears of its errors; when nobody does, they are nobody's.
        response.on('error', () => {});
        resolve(response);
      });
      request.on('error', (error) => {
        const code = codeOf(error);
        reject(request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(code) ? STALE : this.#failure(code));
      });
      for (const part of parts) {
        request.write(part);
      }
      request.end();
    });
  }

  #failure(code: string): AppError {
    if (NOT_THERE.test(code)) {
      return new AppError(
        'engine-start-failed',
        `${this.#engine}: nothing answers at ${this.origin} (${code}); start the server or mend its address`,
      );
    }
    if (NOT_TRUSTED.test(code)) {
      return new AppError(
        'engine-start-failed',
        `${this.#engine}: no secure connection to ${this.origin} (${code}); see whether it has https and a valid certificate`,
      );
    }
    return code.startsWith('HPE_')
      ? new AppError(
          'engine-bad-answer',
          `${this.#engine}: what answers at ${this.origin} is no web server (${code})`,
        )
      : new AppError(
          'engine-died',
          `${this.#engine}: ${this.origin} ended the connection without an answer (${code})`,
        );
  }
}

/**
 * The whole body of an answer.
 * @throws AppError `engine-bad-answer` when it is longer than `limitBytes` or breaks off; the signal's reason when
 * that is why.
 */
export async function readAll(
  engine: string,
  answer: IncomingMessage,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer) {
      bytes += part.length;
      if (bytes > limitBytes) {
        throw new AppError('engine-bad-answer', `${engine}: the answer is longer than ${limitBytes} bytes`);
      }
      parts.push(part);
    }
  } catch (error) {
    throw bodyFailure(engine, error, signal);
  }
  return Buffer.concat(parts);
}

/** What was thrown while a body was read, as the error to pass on. */
export function bodyFailure(engine: string, thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) {
    return signal.reason;
  }
  const code = codeOf(thrown);
  // What is no error of a socket or a parser is a mistake of ours, to be seen as it is.
  return thrown instanceof AppError || code === 'unknown'
    ? thrown
    : new AppError('engine-bad-answer', `${engine}: the answer broke off (${code})`);
}

/** The JSON value of `bytes`; undefined when it is none. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The member `name` of anything; undefined when there is none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function credentials(url: URL): string {
  return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
}
