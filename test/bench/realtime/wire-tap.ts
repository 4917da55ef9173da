/**
 * A WebSocket relay between the server and the recogniser's stand-in that notes when what went by. It is the recogniser
 * to the server, so its own way costs the recogniser time, not the server.
 */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { type Burst, DeepgramEar } from '../../stand-ins/deepgram-ear.ts';
import type { SttFacts } from './live-facts.ts';

/** The ear tells of a stretch of sound when it has heard this much of it. */
const TOLD_AFTER_MS = 40;

type Open<Facts> = {
  -readonly [Key in keyof Facts]: Facts[Key] extends readonly (infer One)[] ? One[] : Facts[Key];
};

export interface WireTapOptions {
  readonly nowMs: () => number;
  /** Where to pass things on: `ws://127.0.0.1:PORT`. */
  readonly upstreamUrl: string;
  /** Which turn a stretch of sound is; undefined when it is none. */
  readonly turnOf: (burst: Burst) => { readonly call: number; readonly turn: number } | undefined;
}

export class WireTap {
  /** One for each connection. */
  readonly facts: Open<SttFacts>[] = [];
  readonly #options: WireTapOptions;
  readonly #server: WebSocketServer;

  private constructor(options: WireTapOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    this.#server.on('connection', (socket, request) => this.#relay(socket, request));
  }

  static async open(options: WireTapOptions): Promise<WireTap> {
    const tap = new WireTap(options);
    await once(tap.#server, 'listening');
    return tap;
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  close(): void {
    for (const socket of this.#server.clients) {
      socket.terminate();
    }
    this.#server.close();
  }

  #relay(socket: WebSocket, request: IncomingMessage): void {
    const { nowMs, upstreamUrl } = this.#options;
    const facts = this.#begin(new URL(request.url ?? '/', upstreamUrl));
    const ear = this.#earOf(facts);
    const upstream = new WebSocket(upstreamUrl + (request.url ?? ''), {
      headers: { authorization: request.headers.authorization ?? '' },
      perMessageDeflate: false,
    });
    /** What came before the way up was open. */
    const early: (() => void)[] = [];
    upstream.on('open', () => {
      for (const pass of early.splice(0)) {
        pass();
      }
    });
    socket.on('message', (data, binary) => {
      if (binary && Buffer.isBuffer(data)) {
        facts.arrivedMs.push(nowMs());
        ear.hear(data);
        facts.endsMs.push(ear.heardMs);
      }
      const pass = (): void => upstream.send(data, { binary });
      if (upstream.readyState === WebSocket.CONNECTING) {
        early.push(pass);
      } else if (upstream.readyState === WebSocket.OPEN) {
        pass();
      }
    });
    upstream.on('message', (data, binary) => {
      const settled = readAnswer(data);
      if (settled !== undefined) {
        facts.answers.push({ sentMs: nowMs(), settled });
      }
      socket.send(data, { binary });
    });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => other.terminate());
      one.on('close', () => other.close());
    }
  }

  #begin(url: URL): Open<SttFacts> {
    const facts: Open<SttFacts> = {
      language: url.searchParams.get('language') ?? '',
      arrivedMs: [],
      endsMs: [],
      turns: [],
      answers: [],
    };
    this.facts.push(facts);
    return facts;
  }

  /** Listens along, to know where in the connection's audio each turn begins. */
  #earOf(facts: Open<SttFacts>): DeepgramEar {
    const ear: DeepgramEar = new DeepgramEar(
      {
        type: 'bursts',
        choose: (burst) => {
          const turn = this.#options.turnOf(burst);
          if (turn !== undefined) {
            facts.turns.push({ ...turn, fromMs: ear.heardMs - TOLD_AFTER_MS });
          }
          return undefined;
        },
      },
      this.facts.length - 1,
      16_000,
    );
    return ear;
  }
}

/** Whether a result is settled; undefined for what says nothing: no result, or one of silence that may change. */
function readAnswer(data: RawData): boolean | undefined {
  const message: unknown = JSON.parse(data.toString());
  if (!isResult(message)) {
    return undefined;
  }
  const hasWords = (message.channel.alternatives[0]?.transcript ?? '') !== '';
  return hasWords || message.is_final ? message.is_final : undefined;
}

interface Result {
  readonly is_final: boolean;
  readonly channel: { readonly alternatives: readonly { readonly transcript: string }[] };
}

function isResult(message: unknown): message is Result {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'Results';
}
