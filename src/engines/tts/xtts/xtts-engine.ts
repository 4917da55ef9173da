/**
 * Speech synthesis with XTTS v2 on servers of one's own (coqui's xtts-streaming-server), in 17 languages and in
 * any voice there is a recording of. A server does one segment at a time, so there is a pool of them.
 *
 * An abandoned segment keeps its server: the server may not notice that nobody listens and synthesises on, and a
 * second request would then spoil both. So the rest of the answer is read and thrown away, which tells when the
 * server is free; only past `drainLimitMs` is the connection cut and the server left to rest.
 *
 * The weights of XTTS v2 are for non-commercial use (Coqui Public Model License).
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, codeOf, messageOf } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { bodyFailure } from '../http-origin.ts';
import { hasWords, IncomingSpeech, noSpeech, SPEECH_LIMIT_MS } from '../incoming-speech.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { refuseWhenClosed, tooSlow } from '../speech-request.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { BodyStart } from './latents.ts';
import { ServerPool } from './server-pool.ts';
import { XTTS_HZ, XttsServer } from './xtts-server.ts';
import { XttsVoices } from './xtts-voices.ts';

/** Servers that must be free for something to be synthesised that may not be wanted: it may keep one busy for seconds. */
const LEAST_FREE = 2;

export interface XttsSettings {
  readonly clock: Clock;
  /** Addresses of servers with the same model, at least one: `http://gpu1:8000`. */
  readonly servers: readonly string[];
  /** The most segments that wait for a server; default 64. */
  readonly waitingLimit?: number;
  /** How long a server rests after a failure, in ms; default 5,000. */
  readonly restMs?: number;
  /** How long the rest of an abandoned segment is waited for, in ms; default 10,000. */
  readonly drainLimitMs?: number;
  /** How long a server may take to list its speakers or to clone one, in ms; default 60,000. */
  readonly loadLimitMs?: number;
}

export class XttsEngine implements TtsEngine {
  readonly name = 'xtts';
  readonly #settings: XttsSettings;
  readonly #servers: readonly XttsServer[];
  readonly #pool: ServerPool<XttsServer>;
  readonly #voices: XttsVoices;
  readonly #scope = new Scope(() => {});
  #languages: Promise<readonly string[]> | undefined;

  /** @throws AppError `bad-option` when there is no server, or one whose address is none. */
  constructor(settings: XttsSettings) {
    if (settings.servers.length === 0) {
      throw new AppError(
        'bad-option',
        'xtts: it needs the address of a server, such as http://localhost:8000',
      );
    }
    const { clock, waitingLimit = 64, restMs = 5_000 } = settings;
    this.#settings = settings;
    this.#servers = settings.servers.map((address) => new XttsServer(address));
    this.#pool = new ServerPool(this.#servers, { clock, waitingLimit, restMs });
    this.#voices = new XttsVoices({
      studioSpeakers: () => this.#askAny((server, signal) => server.studioSpeakers(signal)),
      cloneSpeaker: (wav) => this.#clone(wav),
    });
  }

  /** Also fetches the studio speakers, which a call should not have to wait for. */
  /** One server is kept for what is certainly wanted. */
  get hasRoom(): boolean {
    return this.#pool.free >= LEAST_FREE;
  }

  async supports(language: Language): Promise<Support> {
    let tags: readonly string[];
    try {
      tags = await this.#listLanguages();
    } catch (error) {
      return unsupported(messageOf(error));
    }
    // Who speaks with a cloned voice needs no studio speakers; who needs them hears of the failure when speaking.
    await this.#voices.warm().catch(() => {});
    return tags.includes(xttsLanguage(language))
      ? SUPPORTED
      : unsupported(`the XTTS model does not speak ${language}; it speaks ${tags.join(', ')}`);
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    refuseWhenClosed(this.name, this.#scope);
    if (!hasWords(request.text)) {
      return noSpeech(XTTS_HZ);
    }
    const stop = AbortSignal.any([signal, this.#scope.signal]);
    const start = await this.#voiceOf(request, stop);
    const server = await this.#pool.take(stop);
    if (stop.aborted) {
      this.#pool.giveBack(server, 'served');
      throw stop.reason;
    }
    const speech = new IncomingSpeech(this.name);
    this.#scope.run((closed) => this.#speak(server, start, request, speech, signal, closed));
    return speech.begun;
  }

  async close(): Promise<void> {
    await this.#scope.close();
    for (const server of this.#servers) {
      server.close();
    }
  }

  /** Speaks on `server` and gives it back once it is free. Never rejects: `speech` hears of failures. */
  async #speak(
    server: XttsServer,
    start: BodyStart,
    request: TtsRequest,
    speech: IncomingSpeech,
    signal: AbortSignal,
    closed: AbortSignal,
  ): Promise<void> {
    const { clock, drainLimitMs = 10_000 } = this.#settings;
    const timers: Timer[] = [];
    const late = new AbortController();
    const cutAfter = (delayMs: number): void => {
      timers.push(clock.at(clock.nowMs() + delayMs, () => late.abort(tooSlow(this.name))));
    };
    const abandon = (): void => {
      speech.fail(signal.reason);
      cutAfter(drainLimitMs);
    };
    const cut = AbortSignal.any([closed, late.signal]);
    cutAfter(SPEECH_LIMIT_MS);
    signal.addEventListener('abort', abandon, { once: true });
    let outcome: 'served' | 'failed' = 'served';
    try {
      const answer = await server.speak(start, request.text, xttsLanguage(request.language), cut);
      await speech.read(answer, new AnySampleStream(this.name, XTTS_HZ));
    } catch (error) {
      const failure = bodyFailure(this.name, error, cut);
      speech.fail(failure);
      outcome = codeOf(failure) === 'engine-refused' ? 'served' : 'failed';
    } finally {
      for (const timer of timers) {
        timer.cancel();
      }
      signal.removeEventListener('abort', abandon);
      this.#pool.giveBack(server, outcome);
    }
  }

  #voiceOf(request: TtsRequest, signal: AbortSignal): Promise<BodyStart> {
    // The load has the engine's signal and limit: a segment that gives up leaves it to those who wait with it.
    const late = 'xtts: the voice was not there in time; see whether the servers answer';
    return withDeadline(this.#settings.clock, this.#loadLimitMs, late, signal, () =>
      this.#voices.find(request.voice),
    );
  }

  /** Clones on a server of the pool, in its turn: it computes on the same device as speech. */
  async #clone(wav: Buffer): Promise<Buffer> {
    const server = await this.#pool.take(this.#scope.signal);
    let outcome: 'served' | 'failed' = 'served';
    try {
      return await this.#limited(server, (signal) => server.cloneSpeaker(wav, signal));
    } catch (error) {
      outcome = codeOf(error) === 'engine-refused' ? 'served' : 'failed';
      throw error;
    } finally {
      this.#pool.giveBack(server, outcome);
    }
  }

  /** The list, asked for once; a failure is not remembered. */
  #listLanguages(): Promise<readonly string[]> {
    if (this.#languages === undefined) {
      const asked = this.#askAny((server, signal) => server.languages(signal));
      this.#languages = asked;
      asked.catch(() => {
        this.#languages = undefined;
      });
    }
    return this.#languages;
  }

  /** Asks the servers one after the other until one answers; throws what the last one did. */
  async #askAny<T>(ask: (server: XttsServer, signal: AbortSignal) => Promise<T>): Promise<T> {
    refuseWhenClosed(this.name, this.#scope);
    let failure: unknown;
    for (const server of this.#pool.inOrder) {
      try {
        return await this.#limited(server, (signal) => ask(server, signal));
      } catch (error) {
        this.#scope.signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  #limited<T>(server: XttsServer, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = `xtts: ${server.origin} does not answer within ${this.#loadLimitMs} ms; see whether it works`;
    return withDeadline(this.#settings.clock, this.#loadLimitMs, late, this.#scope.signal, ask);
  }

  get #loadLimitMs(): number {
    return this.#settings.loadLimitMs ?? 60_000;
  }
}

/** The model's tag for `language`: without its region, but Chinese has one. */
function xttsLanguage(language: Language): string {
  const base = baseLanguage(language);
  return base === 'zh' ? 'zh-cn' : base;
}
