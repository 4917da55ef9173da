/**
 * Speech recognition by vosk-server, self-hosted: partials while one speaks, modest hardware, no key. A server
 * has one model; which language that is, only the operator knows. Names and words of the trade are ignored: Vosk can
 * only be limited to phrases, not given hints.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { Tally } from '../../../base/tally.ts';
import { OpenStreams } from '../../open-streams.ts';
import { type ServersByLanguage, serverFor } from '../../servers-by-language.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { MadeUp } from '../made-up.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { UtteranceStream } from '../utterance-stream.ts';
import { VoskConnection } from './vosk-connection.ts';
import { VOSK_CHUNK_MS, VoskRecogniser } from './vosk-recogniser.ts';

export interface VoskSettings {
  readonly clock: Clock;
  /** Servers by language, as `parseVoskUrls` reads them. */
  readonly servers: ServersByLanguage;
  /**
   * The most audio that waits per stream beyond 1 s on its way, in ms; default 20,000, so that an utterance can be
   * recognised again after a broken stream, however slowly.
   */
  readonly backlogLimitMs?: number;
  /** How long a server may take to be ready for a connection, in ms; default 5,000. */
  readonly startTimeoutMs?: number;
  /** How long a server may owe an answer, in ms, of which there is one for each 100 ms of sound; default 3,000. */
  readonly answerTimeoutMs?: number;
}

export class VoskEngine implements SttEngine {
  readonly name = 'vosk';
  /** No `stable` comes: what Vosk settles, it settles at its own pauses only, too late to cut by. */
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 8_000 };
  readonly madeUp = new Tally<MadeUp>();
  readonly #settings: VoskSettings;
  readonly #streams = new OpenStreams<UtteranceStream>(this.name);

  constructor(settings: VoskSettings) {
    this.#settings = settings;
  }

  /** A server cannot be asked for its language: what has a server is supported. */
  supports(language: Language): Promise<Support> {
    return Promise.resolve(
      serverFor(this.#settings.servers, language) === undefined
        ? unsupported(`vosk has no server for ${language}; add one to VOSK_URL: ${language}=ws://HOST:2700`)
        : SUPPORTED,
    );
  }

  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  close(): Promise<void> {
    return this.#streams.close();
  }

  async #open({ language, onEvent }: SttStreamOptions, signal: AbortSignal): Promise<UtteranceStream> {
    const { clock, servers, backlogLimitMs, startTimeoutMs } = this.#settings;
    const answerTimeoutMs = this.#settings.answerTimeoutMs ?? 3_000;
    const url = serverFor(servers, language);
    if (url === undefined) {
      throw new AppError('language-unsupported', `vosk has no server for ${language}`);
    }
    const options = { url, clock, startTimeoutMs: startTimeoutMs ?? 5_000, answerTimeoutMs };
    const connection = await VoskConnection.open(options, signal);
    return UtteranceStream.start(
      {
        name: this.name,
        clock,
        onEvent,
        chunkMs: VOSK_CHUNK_MS,
        backlogLimitMs: backlogLimitMs ?? 20_000,
        answerTimeoutMs,
      },
      (stream) => new VoskRecogniser(stream, connection, { ...options, madeUp: this.madeUp }),
    );
  }
}
