/**
 * Server-Sent Events on one response. The reader may be slow: what it does not take waits in memory up to a
 * limit, and past it the reader is dropped, because captions that come late by minutes help nobody.
 */

import type { ServerResponse } from 'node:http';

/** Bytes that may wait for one reader: hundreds of captions. */
const MOST_WAITING_BYTES = 262_144;

export class EventStream {
  readonly #response: ServerResponse;

  /** Sends the head of the response at once. */
  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // What people say is not for caches; proxies must not hold events back.
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
  }

  /** Calls `listener` once, when the reader is gone or the stream has ended. */
  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** Sends one event, written as the wire has it; keeps the bytes until they are sent. */
  send(event: Uint8Array): void {
    this.#write(event);
  }

  /** Sends a line that readers skip and people see; `text` is one line. */
  comment(text: string): void {
    this.#write(`: ${text}\n\n`);
  }

  /** Ends the stream after what was sent. Idempotent. */
  end(): void {
    this.#response.end();
  }

  #write(bytes: string | Uint8Array): void {
    if (this.#response.destroyed || this.#response.writableEnded) {
      return;
    }
    this.#response.write(bytes);
    if (this.#response.writableLength > MOST_WAITING_BYTES) {
      this.#response.destroy();
    }
  }
}
