/**
 * A DeepL Voice API on loopback that speaks its wire: a session by `POST /v3/voice/realtime`, then a WebSocket with the
 * one-time token. It hears bursts of speech by their level and answers each with the next line of its script, tentative
 * first and concluded after silence. It keeps the API's limits as the specification states them.
 * https://developers.deepl.com/api-reference/voice
 */

import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Clock, Timer } from '../../src/base/clock.ts';
import { ProviderSessions } from './provider-sessions.ts';
import { type BurstEdge, SpeechBursts } from './speech-bursts.ts';

/** What is said in one burst, and its translation in the pieces in which it is concluded. */
export interface VoiceLine {
  readonly source: string;
  readonly target: readonly string[];
}

export type DeeplVoiceFault =
  /** The request for a session is answered with this status; its message quotes the key. */
  | { readonly type: 'status'; readonly status: number }
  /** The request for a session is taken and never answered. */
  | { readonly type: 'stall' }
  /** The request for a session is answered with this. */
  | { readonly type: 'answer'; readonly body: string }
  /** The token handed out has been used. */
  | { readonly type: 'used-token' }
  /** The WebSocket is never opened. */
  | { readonly type: 'no-upgrade' }
  /** Audio is taken and nothing is ever said to it. */
  | { readonly type: 'deaf' }
  /** What is said is concluded in the source language and not translated. */
  | { readonly type: 'untranslated' };

export interface DeeplVoiceStandInOptions {
  readonly clock: Clock;
  /** The script; a burst past its end is answered with nothing. */
  readonly lines: readonly VoiceLine[];
  /** The key that is let in; default `stand-in-key`. */
  readonly apiKey?: string;
  /** Silence after which a burst is concluded, in ms of audio; default 500. */
  readonly concludeAfterMs?: number;
  /** How long a session lives without data, in ms; default 30,000. */
  readonly idleLimitMs?: number;
}

const CHUNK = z.object({ source_media_chunk: z.object({ data: z.string() }) });
const END = z.object({ end_of_source_media: z.object({}) });
const REQUEST = z.object({
  source_media_content_type: z.literal('audio/pcm;encoding=s16le;rate=16000'),
  source_language: z.string(),
  source_language_mode: z.enum(['auto', 'fixed']),
  target_languages: z.array(z.string()).min(1).max(5),
  message_format: z.literal('json'),
  formality: z.enum(['default', 'formal', 'more', 'informal', 'less']).optional(),
  glossary_id: z.string().optional(),
});

/** Longest chunk: a second. */
const CHUNK_LIMIT_MS = 1_000;
/** How far audio may be ahead of twice the time that has passed, in ms. */
const AHEAD_LIMIT_MS = 1_000;

export class DeeplVoiceStandIn {
  fault: DeeplVoiceFault | undefined;
  /** The requests for sessions that were let in. */
  readonly requests: z.infer<typeof REQUEST>[] = [];
  /** Audio that has come, in ms, by session. */
  readonly heardMs: number[] = [];
  /** What clients said last before they left. */
  readonly farewells: string[] = [];
  readonly #options: DeeplVoiceStandInOptions;
  readonly #asked = new EventEmitter();
  readonly #tokens = new Set<string>();
  #sessions: ProviderSessions | undefined;
  #line = 0;

  private constructor(options: DeeplVoiceStandInOptions) {
    this.#options = options;
  }

  static async start(options: DeeplVoiceStandInOptions): Promise<DeeplVoiceStandIn> {
    const standIn = new DeeplVoiceStandIn(options);
    standIn.#sessions = await ProviderSessions.listen({
      admit: (request) => standIn.#admit(request),
      onSession: (socket) => standIn.#serve(socket),
      onRequest: (request, response) => {
        void standIn.#answer(request, response);
      },
    });
    return standIn;
  }

  get sessions(): ProviderSessions {
    if (this.#sessions === undefined) {
      throw new Error('the stand-in has not started');
    }
    return this.#sessions;
  }

  get url(): string {
    return `http://${this.sessions.host}`;
  }

  /** Resolves when the next request or upgrade has come. */
  async asked(): Promise<void> {
    await once(this.#asked, 'asked');
  }

  /** Ends all sessions as the API does, with a message that quotes what was said. */
  sendError(errorCode: number, reasonCode: number): void {
    this.sessions.send(
      JSON.stringify({
        error: {
          request_type: 'source_media_chunk',
          error_code: errorCode,
          reason_code: reasonCode,
          error_message: `cannot go on after "${this.#options.lines[0]?.source}"`,
        },
      }),
    );
    this.sessions.end(1000);
  }

  async close(): Promise<void> {
    await this.sessions.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = this.#options.apiKey ?? 'stand-in-key';
    let body = '';
    for await (const chunk of request) {
      body += String(chunk);
    }
    this.#asked.emit('asked');
    const { fault } = this;
    if (fault?.type === 'stall') {
      return;
    }
    const reply = (status: number, json: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(json);
    };
    if (fault?.type === 'status') {
      reply(fault.status, JSON.stringify({ message: `no: ${request.headers.authorization}` }));
      return;
    }
    if (fault?.type === 'answer') {
      reply(200, fault.body);
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v3/voice/realtime') {
      reply(404, '{"message":"Not found"}');
      return;
    }
    if (request.headers.authorization !== `DeepL-Auth-Key ${key}`) {
      reply(403, JSON.stringify({ message: `Forbidden: ${request.headers.authorization}` }));
      return;
    }
    const asked = REQUEST.safeParse(JSON.parse(body));
    if (!asked.success) {
      reply(400, '{"message":"Bad request"}');
      return;
    }
    this.requests.push(asked.data);
    const token = randomUUID();
    if (fault?.type !== 'used-token') {
      this.#tokens.add(token);
    }
    const streaming_url = `ws://${this.sessions.host}/v3/voice/realtime/connect`;
    reply(200, JSON.stringify({ streaming_url, token, session_id: randomUUID() }));
  }

  #admit(request: IncomingMessage): number | 'hang' | undefined {
    this.#asked.emit('asked');
    if (this.fault?.type === 'no-upgrade') {
      return 'hang';
    }
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname !== '/v3/voice/realtime/connect') {
      return 404;
    }
    // A token is good for one connection.
    return this.#tokens.delete(url.searchParams.get('token') ?? '') ? undefined : 401;
  }

  #serve(socket: WebSocket): void {
    const { clock, concludeAfterMs = 500, idleLimitMs = 30_000 } = this.#options;
    const session = this.heardMs.push(0) - 1;
    const openedMs = clock.nowMs();
    const bursts = new SpeechBursts(16_000, concludeAfterMs);
    const say = (message: unknown): void => socket.send(JSON.stringify(message));
    const refuse = (errorCode: number, reasonCode: number): void => {
      say({
        error: { request_type: 'source_media_chunk', error_code: errorCode, reason_code: reasonCode },
      });
      socket.close(1008);
    };
    let idle: Timer | undefined;
    let rest: readonly unknown[] = [];
    let beganMs = 0;
    const live = (): void => {
      idle?.cancel();
      idle = clock.at(clock.nowMs() + idleLimitMs, () => refuse(408, 4080001));
    };
    live();
    socket.once('close', () => idle?.cancel());
    socket.on('message', (data, isBinary) => {
      const message: unknown = isBinary ? undefined : JSON.parse(String(data));
      live();
      if (END.safeParse(message).success) {
        this.farewells.push('end_of_source_media');
        return;
      }
      const chunk = CHUNK.safeParse(message);
      const bytes = Buffer.from(chunk.success ? chunk.data.source_media_chunk.data : '', 'base64');
      const lengthMs = bytes.length / 32;
      if (!chunk.success || lengthMs === 0 || lengthMs > CHUNK_LIMIT_MS || bytes.length % 2 !== 0) {
        refuse(400, 4000403);
        return;
      }
      const heardMs = (this.heardMs[session] ?? 0) + lengthMs;
      this.heardMs[session] = heardMs;
      if (heardMs > 2 * (clock.nowMs() - openedMs) + AHEAD_LIMIT_MS) {
        refuse(429, 4290001);
        return;
      }
      if (this.fault?.type === 'deaf') {
        return;
      }
      for (const later of rest) {
        say(later);
      }
      rest = [];
      for (const edge of bursts.push(samplesOf(bytes))) {
        const line = this.#options.lines[this.#line];
        if (line !== undefined) {
          beganMs = edge.type === 'began' ? edge.atMs : beganMs;
          const [now, later] = this.#messages(edge, line, beganMs);
          for (const each of now) {
            say(each);
          }
          rest = later;
          this.#line += edge.type === 'ended' ? 1 : 0;
        }
      }
    });
  }

  /** What is said at an edge, and what at the next chunk. */
  #messages(
    { type, atMs }: BurstEdge,
    { source, target }: VoiceLine,
    beganMs: number,
  ): readonly [readonly unknown[], readonly unknown[]] {
    const span = { start_time: beganMs, end_time: atMs };
    const [language, to] = [this.requests.at(-1)?.source_language, this.requests.at(-1)?.target_languages[0]];
    if (type === 'began') {
      const text = source.slice(0, Math.ceil(source.length / 2));
      return [
        [{ source_transcript_update: { concluded: [], tentative: [{ language, text, ...span }] } }],
        [],
      ];
    }
    const heard = {
      source_transcript_update: { concluded: [{ language, text: source, ...span }], tentative: [] },
    };
    if (this.fault?.type === 'untranslated') {
      return [[heard], []];
    }
    const pieces = target.map((text) => ({ text, ...span }));
    const update = (concluded: unknown, tentative: unknown): unknown => ({
      target_transcript_update: { language: to, concluded, tentative },
    });
    return [[heard, update(pieces.slice(0, 1), pieces.slice(1))], [update(pieces.slice(1), [])]];
  }
}

function samplesOf(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
}
