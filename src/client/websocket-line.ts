/** A leg's line by WebSocket, as an application would have it: binary messages of 20 ms at `/translate/EXTENSION`. */

import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { codeOf } from '../base/errors.ts';
import { FRAME_MS } from '../base/units.ts';
import { bytesOf } from '../media/dsp/sound.ts';
import type { LegLine, LineEvents } from './leg-line.ts';

const CONNECT_LIMIT_MS = 2_000;

/**
 * @param url with the extension; the rate and the session are added.
 * @throws AppError when nobody answers in time, and the system's or the server's own error.
 */
export async function webSocketLine(
  { url, rateHz, uuid }: { url: string; rateHz: number; uuid: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<LegLine> {
  const address = new URL(url);
  address.searchParams.set('rate', String(rateHz));
  address.searchParams.set('session', uuid);
  const socket = new WebSocket(address, { perMessageDeflate: false });
  try {
    await withDeadline(clock, CONNECT_LIMIT_MS, `no answer within ${CONNECT_LIMIT_MS} ms`, signal, () =>
      once(socket, 'open'),
    );
  } catch (error) {
    // What comes of ending it has been told.
    socket.on('error', () => {});
    socket.terminate();
    throw error;
  }
  return new WebSocketLine(socket, rateHz, clock);
}

class WebSocketLine implements LegLine {
  readonly connectedAtMs: number;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #rateHz: number;
  #events: LineEvents | undefined;
  #packets = 0;
  #timer: Timer | undefined;

  constructor(socket: WebSocket, rateHz: number, clock: Clock) {
    this.#socket = socket;
    this.#rateHz = rateHz;
    this.#clock = clock;
    this.connectedAtMs = clock.nowMs();
  }

  get packets(): number {
    return this.#packets;
  }

  begin(events: LineEvents): void {
    this.#events = events;
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('error', (error) => this.#events?.lost(codeOf(error)));
    this.#socket.on('close', (code) => this.#events?.lost(`close code ${code}`));
    this.#send();
  }

  sayHangup(): void {
    this.#socket.send(JSON.stringify({ type: 'session_end' }));
    this.#socket.close();
  }

  end(): void {
    this.#events = undefined;
    this.#timer?.cancel();
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.terminate();
    }
  }

  #receive(data: unknown, isBinary: boolean): void {
    if (!(data instanceof Uint8Array)) {
      return;
    }
    this.#events?.received();
    if (isBinary) {
      this.#events?.heard(data, this.#rateHz);
      return;
    }
    const message: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    if (typeof message === 'object' && message !== null && 'type' in message) {
      switch (message.type) {
        case 'session_end':
          this.#events?.hungUp();
          break;
        case 'error':
          this.#events?.broken('message' in message ? String(message.message) : 'the server sent an error');
          break;
      }
    }
  }

  #send(): void {
    const pcm = this.#events?.packet();
    if (pcm !== undefined) {
      this.#socket.send(bytesOf(pcm));
    }
    this.#packets += 1;
    if (this.#events !== undefined) {
      const dueMs = this.connectedAtMs + this.#packets * FRAME_MS;
      this.#timer = this.#clock.at(dueMs, () => this.#send());
    }
  }
}
