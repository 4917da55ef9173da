/**
 * One text over ElevenLabs' Text-to-Dialogue socket, which is how the models of the fourth generation stream: they do
 * not take `stream-input`, and HTTP is not promised for them. A connection has one voice, registered when it opens. It
 * speaks one text and is over: `close_socket` is what surely has everything spoken that was sent, while nobody says what
 * ends a turn without it. There is no message that cancels: who wants no more closes.
 * https://elevenlabs.io/docs/eleven-api/guides/how-to/websockets/realtime-tdd
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError, asError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { member, parseJson } from '../../wire/json.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import { SpeechPieces } from '../speech-pieces.ts';
import { refusalHints, refusedMessage, speechRefusal } from './elevenlabs-wire.ts';

/** A chunk is some seconds of sound in base64; 48,000 Hz * 2 bytes * 4 / 3 is 128 KB a second. */
const MOST_MESSAGE_BYTES = 2_097_152;

const NAME = 'elevenlabs';

export interface DialogueVoice {
  readonly voice: string;
  /** The rate of its sound in Hz. */
  readonly rateHz: number;
}

export interface DialogueLineOptions extends DialogueVoice {
  readonly clock: Clock;
  /** The address of the provider, as of HTTP. */
  readonly url: string;
  readonly apiKey: Secret;
  readonly model: string;
}

export class DialogueLine {
  readonly #socket: ProviderSocket;
  readonly #options: DialogueLineOptions;
  readonly #sound = new SpeechPieces<Buffer>();
  #lost = false;

  private constructor(socket: ProviderSocket, options: DialogueLineOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Connects and registers the voice. @throws as {@link ProviderSocket.open}. */
  static async open(options: DialogueLineOptions, signal: AbortSignal): Promise<DialogueLine> {
    const { clock, url, apiKey, model, voice, rateHz } = options;
    const query = new URLSearchParams({ model_id: model, output_format: `pcm_${rateHz}` });
    const base = url.replace(/^http/, 'ws').replace(/\/+$/, '');
    const socket = await ProviderSocket.open(
      {
        name: NAME,
        url: `${base}/v1/text-to-dialogue/stream-input?${query}`,
        headers: { 'xi-api-key': apiKey.reveal() },
        clock,
        hints: refusalHints(voice),
        mostMessageBytes: MOST_MESSAGE_BYTES,
      },
      signal,
    );
    const line = new DialogueLine(socket, options);
    socket.listen({ onText: (text) => line.#receive(text), onLost: (error) => line.#lose(error) });
    socket.send(JSON.stringify({ voices: [voice] }));
    return line;
  }

  /** Whether it is over before it has spoken. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Says `text`, once; the sound comes as {@link pieces} until `signal` aborts, when it is for the caller to close. */
  speak(text: string, signal: AbortSignal): void {
    const abandon = (): void => this.#sound.abandon(asError(signal.reason));
    signal.addEventListener('abort', abandon, { once: true });
    void this.#socket.ended.then(() => signal.removeEventListener('abort', abandon));
    if (signal.aborted) {
      abandon();
      return;
    }
    this.#socket.send(JSON.stringify({ inputs: [{ text, voice_id: this.#options.voice }] }));
    this.#socket.send(JSON.stringify({ close_socket: true }));
  }

  /** The sound in bytes, cut anywhere. @throws AppError when it breaks off; the signal's reason. */
  pieces(): AsyncIterable<Buffer> {
    return this.#sound;
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  #receive(text: string): void {
    const message = parseJson(text);
    const { voice } = this.#options;
    const { host } = new URL(this.#options.url);
    const refused = refusedMessage(message);
    if (refused !== undefined) {
      this.#socket.fail(speechRefusal({ name: NAME, host }, refused, voice));
      return;
    }
    const audio = member(message, 'audio');
    if (typeof audio === 'string') {
      this.#sound.push(Buffer.from(audio, 'base64'));
    } else if (typeof message !== 'object' || message === null) {
      this.#socket.fail(new AppError('engine-bad-answer', `${NAME}: ${host} sends what is no message`));
    }
    if (member(message, 'is_final') === true) {
      this.#sound.complete();
      void this.close();
    }
  }

  /** The first end counts: what has been spoken to its end is not lost. */
  #lose(error: Error): void {
    this.#lost = true;
    this.#sound.fail(error);
  }
}
