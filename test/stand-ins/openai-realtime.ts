/**
 * OpenAI's Realtime translation sessions on loopback, in their wire. Like the model, it works in frames of 200 ms: each
 * frame of input lets it give at most one frame of output, some time behind, so what it has to say only comes while it
 * is fed. It hears bursts of speech by their level and answers each with the next line of its script.
 * https://developers.openai.com/api/reference/resources/realtime/translation-server-events
 */

import { EventEmitter, once } from 'node:events';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { ProviderSessions } from './provider-sessions.ts';
import { SpeechBursts } from './speech-bursts.ts';

/** What is said in one burst, its translation, and how long that sounds. */
export interface RealtimeLine {
  readonly source: string;
  readonly target: string;
  /** A multiple of 200 ms; 0 for speech that is in the listener's language already. */
  readonly soundMs: number;
}

/** What was understood of the sound itself, and how it is said in the other language. */
export interface RealtimeSaid {
  readonly source: string;
  readonly target: string;
  /** At 24 kHz. */
  readonly pcm: Int16Array;
}

export type OpenaiRealtimeFault =
  /** The upgrade is refused with this status. */
  | { readonly type: 'status'; readonly status: number }
  /** The upgrade is never answered. */
  | { readonly type: 'no-upgrade' }
  /** The session is never set up. */
  | { readonly type: 'no-session' }
  /** Setting up is answered with an error; its message quotes the key. */
  | { readonly type: 'refused'; readonly kind: string; readonly code: string }
  /** Audio is taken and nothing is ever said to it. */
  | { readonly type: 'deaf' };

export interface OpenaiRealtimeStandInOptions {
  /** The script; a burst past its end is answered with nothing. */
  readonly lines: readonly RealtimeLine[];
  /** Understands the sound of one session, 200 ms at 24 kHz at a time, beside the script. Default nothing. */
  readonly interpreter?: () => (pcm: Int16Array) => readonly RealtimeSaid[];
  /** The key that is let in; default `stand-in-key`. */
  readonly apiKey?: string;
  /** How long after the beginning of a burst its translation begins, in ms of audio; default 1,000. */
  readonly lagMs?: number;
  /** Whether frames in which nothing is said are given as silence; default not at all. */
  readonly silentFrames?: boolean;
}

const CLIENT_EVENT = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('session.update'),
    session: z.object({
      audio: z.object({
        input: z.object({
          transcription: z.object({ model: z.string() }),
          noise_reduction: z.object({ type: z.enum(['near_field', 'far_field']) }),
        }),
        output: z.object({ language: z.string() }),
      }),
    }),
  }),
  z.object({ type: z.literal('session.input_audio_buffer.append'), audio: z.string() }),
  z.object({ type: z.literal('session.close') }),
]);

const LANGUAGES = new Set(['es', 'pt', 'fr', 'ja', 'ru', 'zh', 'de', 'ko', 'hi', 'id', 'vi', 'it', 'en']);
const FRAME_MS = 200;
/** 200 ms at 24 kHz, two bytes a sample. */
const FRAME_BYTES = 9_600;

interface Session {
  readonly interpret: (pcm: Int16Array) => readonly RealtimeSaid[];
  readonly bursts: SpeechBursts;
  input: Buffer;
  frames: number;
  /** Answers by the frame at which they begin. */
  due: { readonly frame: number; readonly line: RealtimeLine }[];
  /** Frames of output that wait: text that goes with them, and whether they sound. */
  output: { readonly text: string }[];
}

export class OpenaiRealtimeStandIn {
  fault: OpenaiRealtimeFault | undefined;
  /** How sessions were set up: model and output language. */
  readonly setUp: string[] = [];
  /** Audio that has come, in ms, over all sessions. */
  heardMs = 0;
  /** The loudest sample that has come. */
  peak = 0;
  readonly farewells: string[] = [];
  readonly #options: OpenaiRealtimeStandInOptions;
  readonly #asked = new EventEmitter();
  #sessions: ProviderSessions | undefined;
  #line = 0;
  #events = 0;

  private constructor(options: OpenaiRealtimeStandInOptions) {
    this.#options = options;
  }

  static async start(options: OpenaiRealtimeStandInOptions): Promise<OpenaiRealtimeStandIn> {
    const standIn = new OpenaiRealtimeStandIn(options);
    standIn.#sessions = await ProviderSessions.listen({
      admit: ({ url = '', headers }) => standIn.#admit(url, headers.authorization),
      onSession: (socket, { url = '' }) => standIn.#serve(socket, modelOf(url)),
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
    return `ws://${this.sessions.host}/v1/realtime/translations`;
  }

  /** Resolves when the next upgrade or the next request to set up a session has come. */
  async asked(): Promise<void> {
    await once(this.#asked, 'asked');
  }

  /** Reports an error to all sessions; its message quotes what was said. */
  sendError(kind: string, code: string): void {
    this.sessions.send(this.#event('error', { error: this.#error(kind, code) }));
  }

  /** Says an event to all sessions. */
  send(type: string, fields: object): void {
    this.sessions.send(this.#event(type, fields));
  }

  async close(): Promise<void> {
    await this.sessions.close();
  }

  #admit(url: string, authorization: string | undefined): number | 'hang' | undefined {
    this.#asked.emit('asked');
    const { fault } = this;
    if (fault?.type === 'no-upgrade') {
      return 'hang';
    }
    if (fault?.type === 'status') {
      return fault.status;
    }
    if (!url.startsWith('/v1/realtime/translations?')) {
      return 404;
    }
    return authorization === `Bearer ${this.#options.apiKey ?? 'stand-in-key'}` ? undefined : 401;
  }

  #serve(socket: WebSocket, model: string): void {
    const session: Session = {
      interpret: this.#options.interpreter?.() ?? (() => []),
      bursts: new SpeechBursts(24_000, 500),
      input: Buffer.alloc(0),
      frames: 0,
      due: [],
      output: [],
    };
    const say = (type: string, fields: object): void => socket.send(this.#event(type, fields));
    say('session.created', { session: { id: 'sess_1', type: 'translation', model } });
    socket.on('message', (data) => {
      const parsed = CLIENT_EVENT.safeParse(JSON.parse(String(data)));
      if (!parsed.success) {
        say('error', { error: this.#error('invalid_request_error', 'invalid_event') });
        return;
      }
      const event = parsed.data;
      switch (event.type) {
        case 'session.update': {
          const { language } = event.session.audio.output;
          this.#asked.emit('asked');
          this.#update(say, model, language);
          break;
        }
        case 'session.input_audio_buffer.append':
          session.input = Buffer.concat([session.input, Buffer.from(event.audio, 'base64')]);
          while (session.input.length >= FRAME_BYTES) {
            const frame = session.input.subarray(0, FRAME_BYTES);
            session.input = session.input.subarray(FRAME_BYTES);
            this.#frame(session, frame, say);
          }
          break;
        case 'session.close':
          this.farewells.push('session.close');
          say('session.closed', {});
          break;
      }
    });
  }

  #update(say: (type: string, fields: object) => void, model: string, language: string): void {
    const { fault } = this;
    if (fault?.type === 'no-session') {
      return;
    }
    if (fault?.type === 'refused') {
      say('error', { error: this.#error(fault.kind, fault.code) });
    } else if (!LANGUAGES.has(language)) {
      say('error', { error: this.#error('invalid_request_error', 'invalid_value') });
    } else {
      this.setUp.push(`${model} ${language}`);
      say('session.updated', { session: { id: 'sess_1', model, audio: { output: { language } } } });
    }
  }

  /** Hears 200 ms and says as much, if there is anything to say. */
  #frame(session: Session, bytes: Buffer, say: (type: string, fields: object) => void): void {
    const { lines, lagMs = 1_000, silentFrames = false } = this.#options;
    const pcm = Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
    session.frames += 1;
    this.heardMs += FRAME_MS;
    this.peak = pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), this.peak);
    if (this.fault?.type === 'deaf') {
      return;
    }
    for (const said of session.interpret(pcm)) {
      const elapsed_ms = session.frames * FRAME_MS;
      say('session.input_transcript.delta', { delta: ` ${said.source}`, elapsed_ms });
      say('session.output_transcript.delta', { delta: ` ${said.target}`, elapsed_ms });
      say('session.output_audio.delta', soundDelta(bytesOf(said.pcm), elapsed_ms));
    }
    for (const { type } of session.bursts.push(pcm)) {
      const line = lines[this.#line];
      if (type === 'began' && line !== undefined) {
        this.#line += 1;
        session.due.push({ frame: session.frames + lagMs / FRAME_MS, line });
        for (const delta of fragmentsOf(line.source)) {
          say('session.input_transcript.delta', { delta, elapsed_ms: session.frames * FRAME_MS });
        }
      }
    }
    while (session.due[0] !== undefined && session.due[0].frame <= session.frames) {
      const line = session.due.shift()?.line;
      if (line !== undefined && line.soundMs > 0) {
        const texts = fragmentsOf(line.target);
        const frames = line.soundMs / FRAME_MS;
        // All of the text is out with the last frame at the latest.
        session.output.push(
          ...Array.from({ length: frames }, (_, i) => ({
            text: i < frames - 1 ? (texts[i] ?? '') : texts.slice(i).join(''),
          })),
        );
      }
    }
    const spoken = session.output.shift();
    const elapsed_ms = session.frames * FRAME_MS;
    if (spoken !== undefined && spoken.text !== '') {
      say('session.output_transcript.delta', { delta: spoken.text, elapsed_ms });
    }
    if (spoken !== undefined || silentFrames) {
      say('session.output_audio.delta', soundDelta(audioOf(spoken === undefined ? 0 : 8_000), elapsed_ms));
    }
  }

  #event(type: string, fields: object): string {
    this.#events += 1;
    return JSON.stringify({ event_id: `event_${this.#events}`, type, ...fields });
  }

  #error(kind: string, code: string): object {
    const message = `no: ${this.#options.apiKey ?? 'stand-in-key'} said "${this.#options.lines[0]?.source}"`;
    return { type: kind, code, message, param: null, event_id: null };
  }
}

function modelOf(url: string): string {
  return new URL(url, 'ws://127.0.0.1').searchParams.get('model') ?? '';
}

function soundDelta(sound: Buffer, elapsed_ms: number): object {
  return {
    delta: sound.toString('base64'),
    ...{ sample_rate: 24_000, channels: 1, format: 'pcm16' },
    elapsed_ms,
  };
}

function bytesOf(pcm: Int16Array): Buffer {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

/** Text as the model gives it: each fragment brings its own space. */
function fragmentsOf(text: string): readonly string[] {
  return text.split(/(?= )/);
}

/** 200 ms of a square wave at 24 kHz. */
function audioOf(level: number): Buffer {
  const bytes = Buffer.alloc(FRAME_BYTES);
  for (let i = 0; i < FRAME_BYTES / 2; i += 1) {
    bytes.writeInt16LE(i % 48 < 24 ? level : -level, 2 * i);
  }
  return bytes;
}
