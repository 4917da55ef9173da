/**
 * DeepL Voice: speech in, text in the other language out, over one WebSocket per leg. The text never changes once it is
 * concluded and is spoken by a synthesis engine. A session that is lost is not taken up again: its token could be
 * exchanged for another, but the caller opens a new stream sooner than what was said could be told apart.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { OpenStreams } from '../open-streams.ts';
import { authorization, httpRefusal } from '../provider-errors.ts';
import { ProviderSocket } from '../provider-socket.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../speech-translator.ts';
import { TranslatorStream } from '../translator-stream.ts';
import { DeeplVoiceDialect } from './deepl-voice-dialect.ts';
import { deeplSource, deeplTarget } from './deepl-voice-languages.ts';
import { decodeSession, encodeRequest, type SessionRequest } from './deepl-voice-wire.ts';

/** How long asking for a session may take. */
const REQUEST_LIMIT_MS = 5_000;

export type DeeplVoiceFormality = 'default' | 'formal' | 'more' | 'informal' | 'less';

export interface DeeplVoiceSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where the API is; default `https://api.deepl.com`. */
  readonly url?: string;
  /** How the listener is addressed, where the language has a choice; default the language's own. */
  readonly formality?: DeeplVoiceFormality;
  /** A glossary of the account; default none. */
  readonly glossaryId?: string;
}

export class DeeplVoiceEngine implements SpeechTranslator {
  readonly name = 'deepl-voice';
  readonly speaks = false;
  readonly #settings: DeeplVoiceSettings;
  readonly #url: string;
  readonly #streams = new OpenStreams(this.name);

  constructor(settings: DeeplVoiceSettings) {
    this.#settings = settings;
    this.#url = settings.url ?? 'https://api.deepl.com';
  }

  async supports(from: Language, to: Language): Promise<Support> {
    if (deeplSource(from) === undefined) {
      return unsupported(`deepl-voice does not understand ${from}, so it cannot translate ${from} to ${to}`);
    }
    if (deeplTarget(to) === undefined) {
      return unsupported(`deepl-voice does not translate ${from} to ${to}`);
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
    const { clock, formality, glossaryId } = this.#settings;
    const source = deeplSource(options.from);
    const target = deeplTarget(options.to);
    if (source === undefined || target === undefined) {
      throw new AppError(
        'language-unsupported',
        `deepl-voice does not translate ${options.from} to ${options.to}`,
      );
    }
    const url = await this.#session(
      {
        source,
        target,
        ...(formality === undefined ? {} : { formality }),
        ...(glossaryId === undefined ? {} : { glossaryId }),
      },
      signal,
    );
    const socket = await ProviderSocket.open({ name: this.name, url, headers: {}, clock }, signal);
    const stream = new TranslatorStream(socket, new DeeplVoiceDialect(), clock, options.onEvent);
    stream.start();
    return stream;
  }

  /** Asks for a session; the address returned can be used once. */
  async #session(request: SessionRequest, signal: AbortSignal): Promise<string> {
    const late = `${this.name} gave no session within ${REQUEST_LIMIT_MS} ms`;
    const { status, body } = await withDeadline(
      this.#settings.clock,
      REQUEST_LIMIT_MS,
      late,
      signal,
      (inner) => this.#post(encodeRequest(request), inner),
    );
    if (status !== 200) {
      throw httpRefusal(this.name, status);
    }
    return decodeSession(body, this.#url.startsWith('https:'));
  }

  async #post(
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const headers = {
      authorization: authorization(this.name, 'DeepL-Auth-Key', this.#settings.apiKey),
      'content-type': 'application/json',
    };
    try {
      const response = await fetch(new URL('/v3/voice/realtime', this.#url), {
        method: 'POST',
        headers,
        body,
        // A redirect would carry the key to wherever it points.
        redirect: 'error',
        signal,
      });
      return { status: response.status, body: await response.text() };
    } catch (error) {
      signal.throwIfAborted();
      throw new AppError('engine-start-failed', `${this.name} cannot be reached; check the network`, error);
    }
  }
}
