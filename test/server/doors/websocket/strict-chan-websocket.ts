/**
 * Asterisk's side of `/media`, as strict as chan_websocket of 22.10 is: it asks for the subprotocol `media` and takes
 * no other, plays one frame for each tick and never catches up, throws away what is no whole frame, and reads no
 * command of more than 128 bytes.
 */

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually, within } from '../../../support/waiting.ts';

const LIMIT_MS = 20_000;
/** Frames that wait at most; what comes then is dropped without a word. */
const MOST_FRAMES = 1_000;
const XOFF_FRAMES = 900;
const XON_FRAMES = 800;
const MOST_COMMAND_BYTES = 128;

export interface StrictChannelOptions {
  readonly format?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly unbuffered?: boolean;
  /** Told when the connection is gone. */
  readonly ended?: () => void;
}

export class StrictChanWebSocket {
  /** What each tick played; undefined where nothing was there, and the phone heard nothing. */
  readonly played: (Buffer | undefined)[] = [];
  /** What Asterisk would have written into its log about us. */
  readonly complaints: string[] = [];
  readonly commands: string[] = [];
  closedWith: number | undefined;
  readonly #socket: WebSocket;
  readonly #frameBytes: number;
  readonly #queue: Buffer[] = [];
  #stopped = false;

  private constructor(socket: WebSocket, frameBytes: number) {
    this.#socket = socket;
    this.#frameBytes = frameBytes;
    socket.on('message', (data, isBinary) => {
      if (data instanceof Buffer) {
        isBinary ? this.#take(data) : this.#obey(data);
      }
    });
    socket.on('close', (code) => {
      this.closedWith = code;
    });
    socket.on('error', () => {});
  }

  /** Connects, and says what the channel is. */
  static async connect(url: string, options: StrictChannelOptions = {}): Promise<StrictChanWebSocket> {
    const { format = 'slin16', variables = {}, unbuffered, ended = () => {} } = options;
    const socket = new WebSocket(url, ['media']);
    socket.once('close', ended);
    await within('Asterisk is let in', LIMIT_MS, once(socket, 'open'));
    if (socket.protocol !== 'media') {
      throw new Error(`Header mismatch: ${socket.protocol}`);
    }
    const frameBytes = format === 'slin' ? 320 : 640;
    const channel = new StrictChanWebSocket(socket, frameBytes);
    channel.tell({
      event: 'MEDIA_START',
      connection_id: 'dragoman',
      channel: 'WebSocket/dragoman/0x7f0c6c013fb0',
      channel_id: '1795878947.1',
      format,
      optimal_frame_size: frameBytes,
      ptime: 20,
      channel_variables: variables,
      ...(unbuffered === undefined ? {} : { unbuffered }),
    });
    return channel;
  }

  tell(event: object): void {
    this.#socket.send(JSON.stringify(event));
  }

  /** A packet of the phone. */
  say(pcm: Uint8Array): void {
    this.#socket.send(pcm);
  }

  /** 20 ms of Asterisk's own clock. */
  tick(): void {
    this.played.push(this.#queue.shift());
    if (this.#stopped && this.#queue.length < XON_FRAMES) {
      this.#stopped = false;
      this.tell({ event: 'MEDIA_XON', channel_id: '1795878947.1' });
    }
  }

  get queuedFrames(): number {
    return this.#queue.length;
  }

  /** Resolves when so many frames wait. */
  async untilQueued(frames: number): Promise<void> {
    await eventually(
      () => `${frames} frames wait in Asterisk, and not ${this.#queue.length}`,
      LIMIT_MS,
      () => this.#queue.length === frames,
    );
  }

  async until(what: string, ask: () => boolean): Promise<void> {
    await eventually(() => `${what}; commands: ${this.commands}`, LIMIT_MS, ask);
  }

  end(): void {
    this.#socket.terminate();
  }

  #take(message: Buffer): void {
    for (let at = 0; at < message.length; at += this.#frameBytes) {
      const frame = message.subarray(at, at + this.#frameBytes);
      if (frame.length < this.#frameBytes) {
        this.complaints.push(`${frame.length} bytes are no frame`);
      } else if (this.#queue.length >= MOST_FRAMES) {
        this.complaints.push('a frame too many');
      } else {
        this.#queue.push(frame);
      }
    }
    if (this.#queue.length >= XOFF_FRAMES && !this.#stopped) {
      this.#stopped = true;
      this.tell({ event: 'MEDIA_XOFF', channel_id: '1795878947.1' });
    }
  }

  #obey(text: Buffer): void {
    const { command } = JSON.parse(text.toString('utf8'));
    this.commands.push(command);
    if (text.length > MOST_COMMAND_BYTES) {
      this.complaints.push('a command of more than 128 bytes');
    } else if (command === 'GET_STATUS') {
      this.tell({
        event: 'STATUS',
        channel_id: '1795878947.1',
        queue_length: this.#queue.length,
        media_paused: false,
      });
    } else if (command === 'HANGUP') {
      this.#socket.close(1000);
    } else {
      this.complaints.push(`no such command: ${command}`);
    }
  }
}
