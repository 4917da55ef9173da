/**
 * OpenAI's gpt-realtime-translate: speech in, speech in the other language out, over one WebSocket per leg. It keeps
 * the speaker's manner of speaking, takes no glossary, and says nothing for what is already in the listener's
 * language.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, asError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { loadMediaModules } from '../../../media/dsp/wasm.ts';
import { OpenStreams } from '../../open-streams.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { authorization } from '../../wire/authorization.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../speech-translator.ts';
import { PING_MS, TranslatorStream } from '../translator-stream.ts';
import { OpenaiRealtimeDialect, sessionError } from './openai-realtime-dialect.ts';
import { outputLanguage, understands } from './openai-realtime-languages.ts';
import { decodeEvent, encodeSession } from './openai-realtime-wire.ts';

/** How long setting up a session may take, once connected. */
const SETUP_LIMIT_MS = 5_000;

const HINTS = {
  key: 'check OPENAI_API_KEY, and that its project may use the model',
  credit: "raise the quota in OpenAI's console",
  missing: 'check the address and the model',
  busy: "lower the number of calls or raise the account's limit",
};

export interface OpenaiRealtimeSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where translation sessions are; default `wss://api.openai.com/v1/realtime/translations`. */
  readonly url?: string;
  /** Default `gpt-realtime-translate`. */
  readonly model?: string;
}

export class OpenaiRealtimeEngine implements SpeechTranslator {
  readonly name = 'openai-realtime';
  readonly speaks = true;
  readonly #settings: OpenaiRealtimeSettings;
  readonly #streams = new OpenStreams<TranslatorStream>(this.name);

  constructor(settings: OpenaiRealtimeSettings) {
    this.#settings = settings;
  }

  async supports(from: Language, to: Language): Promise<Support> {
    if (!understands(from)) {
      return unsupported(
        `openai-realtime does not understand ${from}, so it cannot translate ${from} to ${to}`,
      );
    }
    if (outputLanguage(to) === undefined) {
      return unsupported(`openai-realtime does not speak ${to}, so it cannot translate ${from} to ${to}`);
    }
    return SUPPORTED;
  }

  open(options: SpeechTranslatorOptions, signal: AbortSignal): Promise<SpeechTranslatorStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  close(): Promise<void> {
    return this.#streams.close();
  }

  async #open(options: SpeechTranslatorOptions, signal: AbortSignal): Promise<TranslatorStream> {
    const { clock, apiKey } = this.#settings;
    const language = outputLanguage(options.to);
    if (language === undefined) {
      throw new AppError('language-unsupported', `openai-realtime does not speak ${options.to}`);
    }
    const headers = { authorization: authorization(this.name, 'Bearer', apiKey) };
    const modules = await loadMediaModules();
    const socket = await ProviderSocket.open(
      {
        name: this.name,
        url: this.#url(),
        headers,
        clock,
        hints: HINTS,
        pingMs: PING_MS,
      },
      signal,
    );
    try {
      const late = `${this.name} did not set up a session within ${SETUP_LIMIT_MS} ms`;
      await withDeadline(clock, SETUP_LIMIT_MS, late, signal, () => configure(socket, language));
    } catch (error) {
      void socket.close();
      throw error;
    }
    const stream = new TranslatorStream(socket, new OpenaiRealtimeDialect(modules), clock, options.onEvent);
    stream.start();
    return stream;
  }

  #url(): string {
    const { url = 'wss://api.openai.com/v1/realtime/translations', model = 'gpt-realtime-translate' } =
      this.#settings;
    if (!URL.canParse(url)) {
      throw new AppError('engine-start-failed', `${this.name}: its address is not one (wss://...)`);
    }
    const address = new URL(url);
    address.searchParams.set('model', model);
    return address.href;
  }
}

/** Says what the session is for and waits until the provider has agreed. */
function configure(socket: ProviderSocket, language: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.listen({
      onText: (text) => {
        try {
          const event = decodeEvent(text);
          if (event.type === 'configured') {
            resolve();
          } else if (event.type === 'error') {
            reject(setupError(sessionError(event)));
          }
        } catch (error) {
          reject(asError(error));
        }
      },
      onLost: reject,
    });
    socket.send(encodeSession(language));
  });
}

/** A session that is not taken as it is asked for will not be the next time. */
function setupError(error: AppError): AppError {
  return error.code === 'engine-bad-answer' ? new AppError('engine-refused', error.message) : error;
}
