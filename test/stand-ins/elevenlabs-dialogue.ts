/**
 * ElevenLabs' Text-to-Dialogue socket, as far as its clients can tell: one voice a connection, text that is held until
 * `close_socket`, sound as base64 in messages, errors as a message before the end; each open connection, silent or not,
 * takes a place of the plan's, and a silent one is ended.
 */

import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../../src/base/clock.ts';
import { Changes } from './changes.ts';
import { ProviderSessions } from './provider-sessions.ts';
import { chunksOf } from './speech-sound.ts';

export interface DialogueStandInOptions {
  /** Ends connections that say nothing for 20 s on it; default never. */
  readonly clock?: Clock;
  /** The key that is let in; default `sk_test`. */
  readonly apiKey?: string;
  /** Connections at once; default 100. */
  readonly concurrency?: number;
}

/** What goes wrong with the next text. */
export type DialogueFault =
  /** This word in place of sound, or after so many chunks of it. */
  | { readonly type: 'error'; readonly word: string; readonly afterChunks?: number }
  /** The connection breaks. */
  | { readonly type: 'dropped'; readonly afterChunks: number }
  /** Nothing more comes. */
  | { readonly type: 'stall'; readonly afterChunks: number }
  /** Something that is no JSON. */
  | { readonly type: 'nonsense' };

/** A connection. */
export interface DialogueAsked {
  readonly model: string | null;
  readonly outputFormat: string | null;
  /** Everything it was sent. */
  readonly messages: Readonly<Record<string, unknown>>[];
}

const VOICES = ['JBFqnCBsd6RMkjVDRZzb', 'EXAVITQu4vr4xnSDxMaL'];
const IDLE_MS = 20_000;

export class ElevenlabsDialogueStandIn {
  readonly asked: DialogueAsked[] = [];
  readonly #options: DialogueStandInOptions;
  readonly #changes = new Changes();
  readonly #faults: DialogueFault[] = [];
  #sessions: ProviderSessions | undefined;

  private constructor(options: DialogueStandInOptions) {
    this.#options = options;
  }

  static async start(options: DialogueStandInOptions = {}): Promise<ElevenlabsDialogueStandIn> {
    const standIn = new ElevenlabsDialogueStandIn(options);
    standIn.#sessions = await ProviderSessions.listen({
      admit: (request) => standIn.#admit(request),
      onSession: (socket, request) => standIn.#serve(socket, request),
    });
    return standIn;
  }

  /** As the address of HTTP. */
  get url(): string {
    return `http://${this.sessions.host}`;
  }

  get sessions(): ProviderSessions {
    if (this.#sessions === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#sessions;
  }

  spoilNext(...faults: readonly DialogueFault[]): void {
    this.#faults.push(...faults);
  }

  /** Resolves when `condition` holds, which is looked at when a connection opens, says something or closes. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  close(): Promise<void> {
    return this.sessions.close();
  }

  #admit({ url = '', headers }: IncomingMessage): number | undefined {
    const { apiKey = 'sk_test', concurrency = 100 } = this.#options;
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname !== '/v1/text-to-dialogue/stream-input') {
      return 404;
    }
    if (headers['xi-api-key'] !== apiKey) {
      return 401;
    }
    return this.sessions.open.size >= concurrency ? 429 : undefined;
  }

  #serve(socket: WebSocket, request: IncomingMessage): void {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const messages: Readonly<Record<string, unknown>>[] = [];
    const asked = {
      model: searchParams.get('model_id'),
      outputFormat: searchParams.get('output_format'),
      messages,
    };
    this.asked.push(asked);
    const { clock } = this.#options;
    const watch = (): Timer | undefined =>
      clock?.at(clock.nowMs() + IDLE_MS, () => socket.close(1008, 'input_timeout_exceeded'));
    let idle = watch();
    let text = '';
    let voice: string | undefined;
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      messages.push(message);
      idle?.cancel();
      idle = message.close_socket === true ? undefined : watch();
      if (voice === undefined) {
        voice = this.#register(socket, message);
      } else if (Array.isArray(message.inputs)) {
        for (const input of message.inputs) {
          if (input.voice_id !== voice) {
            refuse(socket, 'voice_not_registered', input.text);
          }
          text += input.text;
        }
      } else if (message.close_socket === true) {
        void this.#speak(socket, text, Number(asked.outputFormat?.slice('pcm_'.length)));
      }
      this.#changes.tell();
    });
    socket.once('close', () => {
      idle?.cancel();
      this.#changes.tell();
    });
    this.#changes.tell();
  }

  /** The voice of a connection's first message. */
  #register(socket: WebSocket, { voices }: Readonly<Record<string, unknown>>): string | undefined {
    const [voice, ...more] = Array.isArray(voices) ? voices : [];
    if (typeof voice !== 'string' || more.length > 0) {
      refuse(socket, 'invalid_voices', 'v4 Turbo takes one voice a connection');
    } else if (!VOICES.includes(voice)) {
      refuse(socket, 'voice_not_found', `A voice with the voice_id ${voice} was not found.`);
    } else {
      return voice;
    }
    return undefined;
  }

  /** Nobody listens any more: it stops. */
  async #speak(socket: WebSocket, text: string, rateHz: number): Promise<void> {
    const fault = this.#faults.shift();
    if (fault?.type === 'nonsense') {
      socket.send('<html>');
      return;
    }
    const sound = { rateHz, durationMs: text.length * 60, leadingSilenceMs: 40, chunkMs: 200 };
    let made = 0;
    for (const chunk of text === '' ? [] : chunksOf(sound)) {
      const isSpoiled = fault !== undefined && made === (fault.afterChunks ?? 0);
      if (isSpoiled || socket.readyState !== socket.OPEN) {
        break;
      }
      const alignment = { chars: [...text.slice(0, 9)], char_start_times_ms: [], char_durations_ms: [] };
      const audio = chunk.toString('base64');
      const message = { audio, alignment, is_final_audio_for_turn: false, is_final: null };
      await new Promise((resolve) => socket.send(JSON.stringify(message), resolve));
      made += 1;
    }
    if (fault?.type === 'error') {
      refuse(socket, fault.word, text);
    } else if (fault?.type === 'dropped') {
      // What was sent before goes first.
      socket.send('{"alignment":null}', () => socket.terminate());
    } else if (fault === undefined) {
      send(socket, { audio: null, is_final_audio_for_turn: true, is_final: null });
      send(socket, { audio: null, is_final: true });
      socket.close(1000);
    }
  }
}

function send(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

/** As the service does: a message that says why, and the end. */
function refuse(socket: WebSocket, word: string, message: string): void {
  send(socket, { message, error: word, code: 1008 });
  socket.close(1008);
}
