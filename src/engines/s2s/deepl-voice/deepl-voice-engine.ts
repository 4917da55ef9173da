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
import { OpenStreams } from '../../open-streams.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { authorization } from '../../wire/authorization.ts';
import { HttpOrigin, jsonBody } from '../../wire/http.ts';
import { refusal } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../speech-translator.ts';
import { PING_MS, TranslatorStream } from '../translator-stream.ts';
import { DeeplVoiceDialect } from './deepl-voice-dialect.ts';
import { deeplSource, deeplTarget } from './deepl-voice-languages.ts';
import { decodeSession, type SessionRequest, sessionRequest } from './deepl-voice-wire.ts';

/** How long asking for a session may take. */
const REQUEST_LIMIT_MS = 5_000;

const HINTS = {
  key: 'check the key, and that its plan includes the Voice API',
  credit: "raise the quota in DeepL's console",
  missing: 'check the address',
  request: 'check the languages and the glossary',
  busy: "lower the number of calls or raise the plan's limit",
};

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
  readonly #origin: HttpOrigin;
  readonly #streams = new OpenStreams<TranslatorStream>(this.name);

  constructor(settings: DeeplVoiceSettings) {
    this.#settings = settings;
    this.#url = settings.url ?? 'https://api.deepl.com';
    this.#origin = new HttpOrigin({ name: this.name, url: this.#url, clock: settings.clock });
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

  async close(): Promise<void> {
    await this.#streams.close();
    await this.#origin.close();
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
    const socket = await ProviderSocket.open(
      {
        name: this.name,
        url,
        headers: {},
        clock,
        hints: HINTS,
        pingMs: PING_MS,
      },
      signal,
    );
    const stream = new TranslatorStream(socket, new DeeplVoiceDialect(), clock, options.onEvent);
    stream.start();
    return stream;
  }

  /** Asks for a session; the address returned can be used once. */
  async #session(request: SessionRequest, signal: AbortSignal): Promise<string> {
    const late = `${this.name} gave no session within ${REQUEST_LIMIT_MS} ms`;
    const { body, headers } = jsonBody(sessionRequest(request));
    const key = authorization(this.name, 'DeepL-Auth-Key', this.#settings.apiKey);
    const ask = {
      method: 'POST',
      path: '/v3/voice/realtime',
      headers: { ...headers, authorization: key },
      body,
    } as const;
    return withDeadline(this.#settings.clock, REQUEST_LIMIT_MS, late, signal, async (inner) => {
      const answer = await this.#origin.send(ask, inner);
      const told = await answer.readAll();
      if (answer.status !== 200) {
        throw refusal({ name: this.name, host: this.#origin.host }, answer, HINTS);
      }
      return decodeSession(told.toString(), this.#url.startsWith('https:'));
    });
  }
}
