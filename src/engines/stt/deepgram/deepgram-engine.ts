/**
 * Speech recognition by Deepgram, in its cloud or self-hosted. Nova models settle text as it is heard; Flux models
 * also say when a speaker is likely to be done. A stream that fails is over: reconnecting is the business of whoever
 * opened it.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { Tally } from '../../../base/tally.ts';
import { OpenStreams } from '../../open-streams.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { authorization } from '../../wire/authorization.ts';
import { RefusalError, refusalKind } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type { MadeUp } from '../made-up.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { UtteranceStream } from '../utterance-stream.ts';
import { DEEPGRAM_HINTS, endError, refusalReason } from './deepgram-errors.ts';
import { bothLanguages, deepgramLanguage, modelFamily } from './deepgram-languages.ts';
import { DeepgramRecogniser } from './deepgram-recogniser.ts';
import { FluxHearing } from './flux-hearing.ts';
import { LeftOut } from './left-out.ts';
import { type ListenRequest, listenAddress, listenRequest } from './listen-request.ts';
import { NovaHearing } from './nova-hearing.ts';
import { UtteranceTimeline } from './utterance-timeline.ts';

/** Deepgram's cloud in North America; `wss://api.eu.deepgram.com` is the one in Europe. */
export const DEEPGRAM_URL_DEFAULT = 'wss://api.deepgram.com';

/** The model that hears the most languages. */
export const DEEPGRAM_MODEL_DEFAULT = 'nova-3';

export interface DeepgramSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where the service is, as `wss://`, `ws://`, `https://` or `http://`; default {@link DEEPGRAM_URL_DEFAULT}. */
  readonly url?: string;
  /**
   * `nova-3`, `nova-2` or one of their variants, `flux-general-en` or `flux-general-multi`; default
   * {@link DEEPGRAM_MODEL_DEFAULT}.
   */
  readonly model?: string;
  /** How long opening a stream may take, in ms; default 5,000. */
  readonly openTimeoutMs?: number;
  /** How long after the end of an utterance its final may take, in ms; default 5,000. */
  readonly answerTimeoutMs?: number;
  /** The most audio a socket may hold before more waits, in ms; default 2,000. */
  readonly inFlightLimitMs?: number;
  /**
   * The most audio that waits beyond that, in ms; past it the oldest is dropped. Default 4,000, so that 5 s of speech
   * that a new stream is given at once are not.
   */
  readonly backlogLimitMs?: number;
}

export class DeepgramEngine implements SttEngine {
  readonly name = 'deepgram';
  readonly madeUp = new Tally<MadeUp>();
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 8_000 };
  readonly #settings: DeepgramSettings;
  readonly #url: string;
  readonly #model: string;
  readonly #streams = new OpenStreams<UtteranceStream>(this.name);

  /** @throws AppError `bad-option` for a URL that is none and for a model that is not known. */
  constructor(settings: DeepgramSettings) {
    this.#settings = settings;
    this.#url = webSocketUrl(settings.url ?? DEEPGRAM_URL_DEFAULT);
    this.#model = settings.model ?? DEEPGRAM_MODEL_DEFAULT;
    if (modelFamily(this.#model) === undefined) {
      throw new AppError(
        'bad-option',
        `deepgram: there is no model "${this.#model}"; write nova-3, nova-2, flux-general-en or flux-general-multi`,
      );
    }
  }

  /** Known without asking: neither the key nor the network is tried. */
  supports(language: Language): Promise<Support> {
    const known = deepgramLanguage(this.#model, language) !== undefined;
    return Promise.resolve(known ? SUPPORTED : unsupported(this.#lacking(language)));
  }

  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  close(): Promise<void> {
    return this.#streams.close();
  }

  async #open(options: SttStreamOptions, signal: AbortSignal): Promise<UtteranceStream> {
    const { clock, inFlightLimitMs, backlogLimitMs } = this.#settings;
    const answerTimeoutMs = this.#settings.answerTimeoutMs ?? 5_000;
    const language = deepgramLanguage(this.#model, options.language);
    if (language === undefined) {
      throw new AppError('language-unsupported', this.#lacking(options.language));
    }
    const both = bothLanguages(this.#model, options.language, options.alsoLanguage);
    const { terms = [], onTermsRefused } = options;
    const about = { model: this.#model, language, both };
    const request = listenRequest({ ...about, terms });
    const socket = await this.#connect(request, signal).catch(async (error: unknown) => {
      if (terms.length === 0 || !(error instanceof RefusalError) || refusalKind(error) !== 'request') {
        throw error;
      }
      // How Deepgram counts terms is its own matter: a call without them is better than none.
      const withoutTerms = await this.#connect(listenRequest({ ...about, terms: [] }), signal);
      onTermsRefused?.(error);
      return withoutTerms;
    });
    const timeline = new UtteranceTimeline();
    const leftOut = new LeftOut(this.madeUp);
    const hearing =
      request.protocol === 'v1'
        ? new NovaHearing(timeline, language, leftOut, () => socket.send('{"type":"Finalize"}'))
        : new FluxHearing(timeline, language, leftOut);
    const limits = { answerTimeoutMs, inFlightLimitMs: inFlightLimitMs ?? 2_000 };
    return UtteranceStream.start(
      {
        name: this.name,
        clock,
        onEvent: options.onEvent,
        chunkMs: hearing.chunkMs,
        backlogLimitMs: backlogLimitMs ?? 4_000,
        answerTimeoutMs,
      },
      (stream) => new DeepgramRecogniser(stream, socket, { clock, timeline, hearing, ...limits }),
    );
  }

  #connect(request: ListenRequest, signal: AbortSignal): Promise<ProviderSocket> {
    const { clock, apiKey, openTimeoutMs } = this.#settings;
    return ProviderSocket.open(
      {
        name: this.name,
        url: listenAddress(this.#url, request),
        headers: { authorization: authorization(this.name, 'Token', apiKey) },
        clock,
        openLimitMs: openTimeoutMs ?? 5_000,
        hints: DEEPGRAM_HINTS,
        reason: refusalReason,
        ended: endError,
      },
      signal,
    );
  }

  #lacking(language: Language): string {
    return `deepgram's ${this.#model} does not hear ${language}; choose another model with DEEPGRAM_MODEL (nova-3 hears the most languages), or another engine with --stt`;
  }
}

/** @throws AppError `bad-option` when `text` is no address of a server. */
function webSocketUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = url?.protocol.replace(/^http/, 'ws');
  if (url === undefined || (protocol !== 'ws:' && protocol !== 'wss:')) {
    throw new AppError(
      'bad-option',
      `deepgram: "${text}" is no address; write one such as ${DEEPGRAM_URL_DEFAULT}`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${protocol}//${url.host}${path}`;
}
