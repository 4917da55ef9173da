/**
 * A vosk-server on loopback that speaks the wire of its `websocket/asr_server.py`: a configuration without an answer,
 * then one JSON reply per message, `{"eof" : 1}` and `{"reset" : 1}` compared as strings, and a recogniser that ends a
 * result at each pause it hears, revises its last word, and counts times from the connection's first sample. It
 * does not recognise: a script says what it hears. What a connection was sent is kept for the test.
 */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AnswerGate } from './answer-gate.ts';
import { Changes } from './changes.ts';

/** A word the recogniser will hear; times are ms from the first sample of what it has been sent. */
export interface ScriptedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** How sure it is, 0 to 1; default 1. */
  readonly confidence?: number;
  /** What it takes the word for until 200 ms after its end. */
  readonly atFirst?: string;
}

/** What goes wrong with one connection. */
export type VoskFault =
  /** The handshake is refused with an HTTP status. */
  | { readonly type: 'status'; readonly status: number }
  /** The handler dies as soon as it runs (code 1011), as with a Python package that does not fit. */
  | { readonly type: 'dies-at-once' }
  /** The server takes no notice of anything after this many messages with an answer. */
  | { readonly type: 'silent'; readonly afterMessages: number }
  /** The handler dies after this many messages: close code 1011. */
  | { readonly type: 'dies'; readonly afterMessages: number }
  /** The network dies after this many messages: no close frame. */
  | { readonly type: 'drops'; readonly afterMessages: number }
  /** Every answer after this many is this instead. */
  | { readonly type: 'answers'; readonly afterMessages: number; readonly message: string | Buffer }
  /** The C++ server: takes every text for audio, the configuration and the end included, and answers each. */
  | { readonly type: 'cpp' }
  /** The connection closes orderly, but without a last result. */
  | { readonly type: 'no-final' };

export interface VoskStandInOptions {
  /** What is heard in the samples of one recogniser so far; default nothing. */
  readonly hear?: (pcm: Int16Array) => readonly ScriptedWord[];
  /** The same for each recogniser anew, for what keeps notes of what it heard; in place of `hear`. */
  readonly listen?: () => (pcm: Int16Array) => readonly ScriptedWord[];
  /** What goes wrong with the connection of this number, from 0; default nothing. */
  readonly fault?: (connection: number) => VoskFault | undefined;
  /** Whether it knows `{"reset" : 1}`, which servers from before December 2023 do not. Default true. */
  readonly knowsReset?: boolean;
}

/** One connection as the server saw it; the server writes on. */
export interface VoskConnectionRecord {
  readonly configs: unknown[];
  /** Samples of each binary message. */
  readonly chunkSamples: number[];
  oddMessages: number;
  ended: boolean;
  closed: boolean;
}

/** Silence after a word that ends a result, in ms. */
const ENDPOINT_MS = 500;
/** A word is sure this long after its end, in ms. */
const SURE_MS = 200;

export class VoskStandIn {
  readonly connections: VoskConnectionRecord[] = [];
  readonly #options: VoskStandInOptions;
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #changes = new Changes();
  readonly #answers = new AnswerGate();
  #count = 0;

  /** Opens one on a free port of 127.0.0.1. */
  static async open(options: VoskStandInOptions = {}): Promise<VoskStandIn> {
    const standIn = new VoskStandIn(options);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  private constructor(options: VoskStandInOptions) {
    this.#options = options;
    this.#server = createServer();
    this.#server.on('upgrade', (request, socket: Duplex, head) => {
      const number = this.#count;
      this.#count += 1;
      const fault = options.fault?.(number);
      if (fault?.type === 'status') {
        socket.end(`HTTP/1.1 ${fault.status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
        return;
      }
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, fault));
    });
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `ws://127.0.0.1:${address.port}` : '';
  }

  /** Resolves once `condition` holds, looked at whenever anything happens. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  /** Takes messages and answers none until {@link answerAgain}, as a server that is behind. */
  holdAnswers(): void {
    this.#answers.hold();
  }

  answerAgain(): void {
    this.#answers.open();
  }

  async close(): Promise<void> {
    for (const client of this.#webSockets.clients) {
      client.terminate();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket, fault: VoskFault | undefined): void {
    const record: VoskConnectionRecord = {
      configs: [],
      chunkSamples: [],
      oddMessages: 0,
      ended: false,
      closed: false,
    };
    this.connections.push(record);
    socket.on('error', () => {});
    socket.on('close', () => {
      record.closed = true;
      this.#changes.tell();
    });
    if (fault?.type === 'dies-at-once') {
      socket.close(1_011);
      return;
    }
    const recogniser = new Recogniser(this.#options.listen?.() ?? this.#options.hear ?? (() => []));
    let answered = 0;
    const answer = (reply: string, last = false): void => {
      this.#answers.pass(() => {
        const after = fault !== undefined && 'afterMessages' in fault && answered >= fault.afterMessages;
        answered += 1;
        if (after && fault.type === 'dies') {
          socket.close(1_011);
        } else if (after && fault.type === 'drops') {
          socket.terminate();
        } else if (!after || fault.type !== 'silent') {
          const ending = last && fault?.type === 'no-final';
          if (!ending) {
            socket.send(after && fault.type === 'answers' ? fault.message : reply);
          }
          if (last) {
            socket.close(1_000);
          }
        }
        this.#changes.tell();
      });
    };
    socket.on('message', (data: Buffer, isBinary) => {
      const text = isBinary ? undefined : data.toString();
      if (text === undefined || fault?.type === 'cpp') {
        record.chunkSamples.push(Math.floor(data.length / 2));
        record.oddMessages += data.length % 2;
        answer(recogniser.accept(data));
      } else if (text.includes('config')) {
        try {
          const { config } = JSON.parse(text);
          record.configs.push(config);
          recogniser.configure(config);
        } catch {
          socket.close(1_011);
        }
      } else if (text === '{"eof" : 1}') {
        record.ended = true;
        answer(recogniser.final(), true);
      } else if (text === '{"reset" : 1}' && this.#options.knowsReset !== false) {
        answer(recogniser.final());
      } else {
        // Any other text is given to the decoder as audio, which throws.
        socket.close(1_011);
      }
      this.#changes.tell();
    });
  }
}

/** What KaldiRecognizer keeps between messages. */
class Recogniser {
  readonly #hear: (pcm: Int16Array) => readonly ScriptedWord[];
  #pcm = new Int16Array(0);
  #rateHz = 8_000;
  #words = true;
  #alternatives = 0;
  /** Audio accounted for by results given, in ms. */
  #doneMs = 0;
  #running = false;

  constructor(hear: (pcm: Int16Array) => readonly ScriptedWord[]) {
    this.#hear = hear;
  }

  configure(config: Record<string, unknown>): void {
    // The rate of a recogniser that has been made stays.
    if (!this.#running && typeof config.sample_rate === 'number') {
      this.#rateHz = config.sample_rate;
    }
    this.#words = config.words === undefined ? this.#words : config.words === true;
    this.#alternatives = Number(config.max_alternatives ?? this.#alternatives);
  }

  /** Takes audio; the reply is a result at a pause, else a partial. */
  accept(bytes: Buffer): string {
    const samples = Math.floor(bytes.length / 2);
    const pcm = new Int16Array(this.#pcm.length + samples);
    pcm.set(this.#pcm);
    for (let i = 0; i < samples; i += 1) {
      pcm[this.#pcm.length + i] = bytes.readInt16LE(i * 2);
    }
    this.#pcm = pcm;
    this.#running = true;
    const heard = this.#heard();
    const last = heard.at(-1);
    if (last !== undefined && this.#nowMs >= last.endMs + ENDPOINT_MS) {
      return this.#result(heard);
    }
    const guesses = heard.map((word) =>
      this.#nowMs < word.endMs + SURE_MS ? (word.atFirst ?? word.text) : word.text,
    );
    return `{\n  "partial" : ${JSON.stringify(guesses.join(' '))}\n}`;
  }

  /** The last result; the next audio begins afresh. */
  final(): string {
    if (!this.#running) {
      return '{"text": ""}';
    }
    this.#running = false;
    return this.#result(this.#heard());
  }

  get #nowMs(): number {
    return (this.#pcm.length * 1_000) / this.#rateHz;
  }

  /** Words since the last result that have been said by now. */
  #heard(): readonly ScriptedWord[] {
    return this.#hear(this.#pcm).filter(
      (word) => word.startMs >= this.#doneMs && word.startMs < this.#nowMs && word.endMs <= this.#nowMs,
    );
  }

  #result(words: readonly ScriptedWord[]): string {
    this.#doneMs = this.#nowMs;
    const text = words.map((word) => word.text).join(' ');
    const result = words.map((word) => ({
      conf: word.confidence ?? 1,
      end: word.endMs / 1_000,
      start: word.startMs / 1_000,
      word: word.text,
    }));
    if (this.#alternatives > 0) {
      return JSON.stringify({ alternatives: [{ confidence: 1, result, text }] });
    }
    return JSON.stringify(this.#words && words.length > 0 ? { result, text } : { text });
  }
}
