/**
 * What Hume's Expression Measurement hears in a voice, over one WebSocket a person. It is billed by the sound that is
 * sent, so only speech is, and an open connection costs nothing. A provider that is slow loses sound, not the call.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type { EmotionReader, EmotionReaderOptions, EmotionStream } from '../emotion-reader.ts';
import { emotionWord } from '../emotion-words.ts';
import { decodeMessage, HUME_PATH, HUME_URL, PASSING_ERRORS } from './hume-wire.ts';

/** As long as its documentation advises: 100 ms. */
const CHUNK_SAMPLES = SPEECH_HZ / 10;
/** Sound that waits in the socket past this, in bytes, is late: 1 s. */
const MOST_WAITING_BYTES = SPEECH_HZ * 2;
/** A dead connection is noticed after twice this, in ms. */
const PING_MS = 20_000;

const HINTS: RefusalHints = {
  key: 'check HUME_API_KEY',
  missing: 'Expression Measurement is in limited release: ask Hume for access',
};

export interface HumeSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Default the service's own. */
  readonly url?: string;
}

export class HumeReader implements EmotionReader {
  readonly name = 'hume';
  readonly #settings: HumeSettings;

  constructor(settings: HumeSettings) {
    this.#settings = settings;
  }

  async open(options: EmotionReaderOptions, signal: AbortSignal): Promise<EmotionStream> {
    const { clock, apiKey, url = HUME_URL } = this.#settings;
    const socket = await ProviderSocket.open(
      {
        name: this.name,
        url: new URL(HUME_PATH, url).href,
        headers: { 'X-Hume-Api-Key': apiKey.reveal() },
        clock,
        hints: HINTS,
        pingMs: PING_MS,
      },
      signal,
    );
    return new HumeStream(socket, options);
  }
}

class HumeStream implements EmotionStream {
  readonly #socket: ProviderSocket;
  readonly #options: EmotionReaderOptions;
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #filled = 0;

  constructor(socket: ProviderSocket, options: EmotionReaderOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.listen({ onText: (text) => this.#take(text), onLost: (error) => options.lost(error) });
  }

  write(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length; ) {
      const part = pcm.subarray(at, at + CHUNK_SAMPLES - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === CHUNK_SAMPLES) {
        this.#send();
      }
    }
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  #send(): void {
    if (this.#socket.bufferedBytes < MOST_WAITING_BYTES) {
      this.#socket.send(new Uint8Array(this.#chunk.buffer));
      // The socket keeps what it sends.
      this.#chunk = new Int16Array(CHUNK_SAMPLES);
    }
    this.#filled = 0;
  }

  #take(text: string): void {
    const message = decodeMessage(text);
    switch (message?.type) {
      case 'measurement.result':
        this.#options.heard(emotionWord(message.expressions));
        break;
      case 'error':
        if (!PASSING_ERRORS.has(message.code)) {
          this.#socket.fail(
            new AppError('engine-bad-answer', 'hume ended the session for a fault of its own'),
          );
        }
        break;
      case 'session.created':
      case 'unknown':
        break;
      case undefined:
        this.#socket.fail(new AppError('engine-bad-answer', 'hume sent what is no JSON; check HUME_URL'));
        break;
    }
  }
}
