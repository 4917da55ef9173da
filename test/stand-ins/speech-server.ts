/**
 * An HTTP server on loopback that speaks: what the stand-ins of synthesis servers share, faults included. What is
 * asked and how it is refused is theirs.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { Changes } from './changes.ts';
import { chunksOf } from './speech-sound.ts';

export interface SpeakingOptions {
  readonly clock?: Clock;
  /** From the request to the first sound, in ms, or a function that draws it; default 0. */
  readonly firstByteMs?: number | (() => number);
  /** Time to make a second of speech, in seconds, after the first chunk; default 0, all at once. */
  readonly realTimeFactor?: number;
  /** How long a text sounds, in ms; default 60 ms a character. */
  readonly durationMs?: (text: string) => number;
  /** Silence before the first sound, in ms; default 40. */
  readonly leadingSilenceMs?: number;
  /** Speech in one chunk, in ms. */
  readonly chunkMs?: number;
  /** What a text sounds like, in place of a voice that says nothing; it is as long as it is, without silence before. */
  readonly soundOf?: (text: string, rateHz: number) => Int16Array;
}

/** What goes wrong with one request. */
export type SpeechFault =
  /** Answers this at once; `body` is sent as it is. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly body?: string;
      readonly contentType?: string;
      readonly retryAfterS?: number;
    }
  /** Never answers. */
  | { readonly type: 'silence' }
  /** Closes the connection without an answer. */
  | { readonly type: 'reset' }
  /** Says 200, and the body has nothing in it. */
  | { readonly type: 'empty' }
  /** The connection closes in the middle of the body. */
  | { readonly type: 'broken'; readonly afterChunks: number }
  /** The body is no chunked body any more. */
  | { readonly type: 'garbled'; readonly afterChunks: number }
  /** Nothing more comes until {@link SpeechServer.release}. */
  | { readonly type: 'stall'; readonly afterChunks: number };

/** How one text is spoken. */
export interface Speaking {
  readonly text: string;
  readonly rateHz: number;
  readonly contentType: string;
  readonly fault: SpeechFault | undefined;
  /** Bytes before the sound. */
  readonly header?: Buffer;
  /** Whether it goes on when nobody listens any more. */
  readonly goesOn?: boolean;
}

type Handler = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;

export class SpeechServer {
  /** Connections that were made. */
  connections = 0;
  /** Answers whose reader went away before their end. */
  abandoned = 0;
  readonly #options: SpeakingOptions;
  readonly #server: Server;
  readonly #closed = new AbortController();
  readonly #faults: SpeechFault[] = [];
  #url = '';
  #standing: SpeechFault | undefined;
  #stalled: (() => void)[] = [];
  readonly #changes = new Changes();

  private constructor(options: SpeakingOptions, handle: Handler) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      this.#serve(request, response, handle).catch(() => response.destroy());
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  static async listen(options: SpeakingOptions, handle: Handler): Promise<SpeechServer> {
    const server = new SpeechServer(options, handle);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    const address: AddressInfo | string | null = server.#server.address();
    server.#url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    return server;
  }

  /** Where it is, or was. */
  get url(): string {
    return this.#url;
  }

  /** Spoils the next requests for speech, one each. */
  spoilNext(...faults: readonly SpeechFault[]): void {
    this.#faults.push(...faults);
  }

  /** Spoils every request for speech from now on; undefined ends that. */
  spoilAll(fault: SpeechFault | undefined): void {
    this.#standing = fault;
  }

  /** The fault of the request that is being answered. */
  takeFault(): SpeechFault | undefined {
    return this.#faults.shift() ?? this.#standing;
  }

  /** Resolves when `condition` holds, which is looked at when a request comes, ends or stalls. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  /** Answers that stall now. */
  get stalled(): number {
    return this.#stalled.length;
  }

  /** Lets answers that stall go on. */
  release(): void {
    for (const resume of this.#stalled.splice(0)) {
      resume();
    }
  }

  /** Answers with speech; resolves when it has been made. */
  async speak(response: ServerResponse, speaking: Speaking): Promise<void> {
    const { clock = systemClock, firstByteMs = 0, realTimeFactor = 0, chunkMs = 200 } = this.#options;
    const { durationMs = sixtyMsACharacter, leadingSilenceMs = 40, soundOf } = this.#options;
    const { fault, rateHz } = speaking;
    const { signal } = this.#closed;
    if (fault?.type === 'status') {
      const { retryAfterS } = fault;
      const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
      respond(response, fault.status, fault.body ?? '', fault.contentType, headers);
      return;
    }
    if (fault?.type === 'reset') {
      response.socket?.destroy();
      return;
    }
    const gone = new AbortController();
    let brokenOff = false;
    response.once('close', () => {
      gone.abort();
      this.abandoned += response.writableFinished || brokenOff ? 0 : 1;
      this.#changes.tell();
    });
    if (fault?.type === 'silence') {
      await once(gone.signal, 'abort');
      return;
    }
    response.writeHead(200, { 'content-type': speaking.contentType });
    response.flushHeaders();
    const waitMs = typeof firstByteMs === 'function' ? firstByteMs() : firstByteMs;
    if (waitMs > 0) {
      await clock.sleep(waitMs, signal);
    }
    if (fault?.type === 'empty') {
      response.end();
      return;
    }
    if (speaking.header !== undefined) {
      response.write(speaking.header);
    }
    const sound = { rateHz, durationMs: durationMs(speaking.text), leadingSilenceMs, chunkMs };
    const chunks =
      soundOf === undefined ? [...chunksOf(sound)] : piecesOf(soundOf(speaking.text, rateHz), sound);
    // A text of fewer chunks is spoiled after its last.
    const spoiledAt = fault === undefined ? undefined : Math.min(fault.afterChunks, chunks.length);
    for (let made = 0; made <= chunks.length; made += 1) {
      if (made === spoiledAt && fault?.type === 'stall') {
        await new Promise<void>((resolve) => {
          this.#stalled.push(resolve);
          this.#changes.tell();
        });
      } else if (made === spoiledAt && fault !== undefined) {
        brokenOff = true;
        breakOff(response, fault.type === 'garbled' ? 'garbled' : 'broken');
        return;
      }
      if (gone.signal.aborted && speaking.goesOn !== true) {
        return;
      }
      const chunk = chunks[made] ?? Buffer.alloc(0);
      if (made > 0 && realTimeFactor > 0) {
        await clock.sleep((chunk.length * 500 * realTimeFactor) / rateHz, signal);
      }
      if (!gone.signal.aborted && !response.write(chunk)) {
        await once(response, 'drain', { signal: gone.signal }).catch(() => {});
      }
    }
    response.end();
  }

  /** Answers with JSON, whole or as the fault has it that is due. */
  async answer(response: ServerResponse, json: string | Buffer): Promise<void> {
    const fault = this.takeFault();
    const half = Buffer.from(json).subarray(0, Math.floor(json.length / 2));
    if (fault === undefined) {
      respond(response, 200, json);
      return;
    }
    switch (fault.type) {
      case 'status':
        respond(response, fault.status, fault.body ?? '', fault.contentType);
        break;
      case 'reset':
        response.socket?.destroy();
        break;
      case 'silence':
        await once(response, 'close');
        this.abandoned += 1;
        break;
      case 'empty':
        respond(response, 200, '');
        break;
      default:
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(half);
        breakOff(response, fault.type === 'garbled' ? 'garbled' : 'broken');
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the stand-in has been closed'));
    this.release();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part);
    }
    const answered = handle(request, Buffer.concat(parts), response);
    this.#changes.tell();
    await answered;
    this.#changes.tell();
  }
}

/** Answers with a text, JSON unless told otherwise. */
export function respond(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  contentType = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': contentType, ...headers });
  response.end(body);
}

function breakOff(response: ServerResponse, type: 'broken' | 'garbled'): void {
  // What was written before goes first.
  response.write('', () => {
    if (type === 'garbled') {
      response.socket?.write('this is no chunk\r\n');
    } else {
      response.socket?.end();
    }
  });
}

/** A sound in chunks. */
function piecesOf(
  pcm: Int16Array,
  { rateHz, chunkMs }: { readonly rateHz: number; readonly chunkMs: number },
) {
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const chunkBytes = Math.round((chunkMs * rateHz) / 1_000) * 2;
  return Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
}

function sixtyMsACharacter(text: string): number {
  return text.length * 60;
}
