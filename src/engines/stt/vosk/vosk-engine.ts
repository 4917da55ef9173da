/**
 * Speech recognition by vosk-server, self-hosted: partials while one speaks, modest hardware, no key. A server
 * has one model; which language that is, only the operator knows. Names and words of the trade are ignored: Vosk can
 * only be limited to phrases, not given hints.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { VoskConnection } from './vosk-connection.ts';
import { type VoskServers, voskServerFor } from './vosk-servers.ts';
import { VoskStream } from './vosk-stream.ts';

export interface VoskSettings {
  readonly clock: Clock;
  /** Servers by language, as `parseVoskUrls` reads them. */
  readonly servers: VoskServers;
  /**
   * The most audio that waits per stream beyond 1 s on its way, in ms; default 6,000, so that the 5 s a leg
   * remembers can be recognised again at once after a broken stream.
   */
  readonly backlogLimitMs?: number;
  /** How long a server may take to be ready for a connection, in ms; default 5,000. */
  readonly startTimeoutMs?: number;
  /** How long a server may owe an answer, in ms; default 5,000. */
  readonly answerTimeoutMs?: number;
}

export class VoskEngine implements SttEngine {
  readonly name = 'vosk';
  /** What Vosk settles, it settles at its own pauses only: too late to cut by, so partials must agree instead. */
  readonly capabilities: SttCapabilities = { stable: false, wordTimes: true, lowestWireRateHz: 8_000 };
  readonly #settings: VoskSettings;
  readonly #streams = new Set<VoskStream>();
  #closing: Promise<void> | undefined;

  constructor(settings: VoskSettings) {
    this.#settings = settings;
  }

  /** A server cannot be asked for its language: what has a server is supported. */
  supports(language: Language): Promise<Support> {
    return Promise.resolve(
      voskServerFor(this.#settings.servers, language) === undefined
        ? unsupported(`vosk has no server for ${language}; add one to VOSK_URL: ${language}=ws://HOST:2700`)
        : SUPPORTED,
    );
  }

  async open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    signal.throwIfAborted();
    this.#refuseWhenClosed();
    const { clock, servers, backlogLimitMs, startTimeoutMs, answerTimeoutMs } = this.#settings;
    const url = voskServerFor(servers, options.language);
    if (url === undefined) {
      throw new AppError('language-unsupported', `vosk has no server for ${options.language}`);
    }
    const streamOptions = {
      url,
      clock,
      startTimeoutMs: startTimeoutMs ?? 5_000,
      answerTimeoutMs: answerTimeoutMs ?? 5_000,
      backlogLimitMs: backlogLimitMs ?? 6_000,
      onEvent: options.onEvent,
    };
    const connection = await VoskConnection.open(streamOptions, signal);
    if (this.#closing !== undefined) {
      await connection.close();
      this.#refuseWhenClosed();
    }
    const stream: VoskStream = new VoskStream(connection, streamOptions, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#streams].map((stream) => stream.close())).then(() => {});
    return this.#closing;
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw new AppError('closed', 'vosk: the engine has been closed');
    }
  }
}
