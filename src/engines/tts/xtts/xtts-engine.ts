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
import { AppError, codeOf } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { SPEECHES_LIMIT } from '../../wire/limits.ts';
import { Once } from '../../wire/once.ts';
import { RefusalError } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, IncomingSpeech, noSpeech, SPEECH_LIMIT_BYTES } from '../incoming-speech.ts';
import { loadedVoice } from '../loaded-voice.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { SpeechPace } from '../speech-pace.ts';
import { partsOf } from '../text-parts.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { VoiceCloner } from '../voice-cloner.ts';
import type { BodyStart } from './latents.ts';
import { type PoolOutcome, ServerPool } from './server-pool.ts';
import { XttsCloner } from './xtts-cloner.ts';
import { longestCharacters, xttsLanguage } from './xtts-languages.ts';
import { XTTS_HZ, XttsServer } from './xtts-server.ts';
import { XttsVoices } from './xtts-voices.ts';

/** Servers that must be free for something to be synthesised that may not be wanted: it may keep one for seconds. */
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
  readonly cloner: VoiceCloner;
  readonly #settings: XttsSettings;
  readonly #loadLimitMs: number;
  readonly #servers: readonly XttsServer[];
  readonly #pool: ServerPool<XttsServer>;
  readonly #voices: XttsVoices;
  readonly #underWay = new UnderWay(this.name, SPEECHES_LIMIT);
  /** What the model speaks, in its own tags. */
  readonly #languages = new Once(() => this.#askAny((server, signal) => server.languages(signal)));

  /** @throws AppError `bad-option` when there is no server, or one whose address is none. */
  constructor(settings: XttsSettings) {
    if (settings.servers.length === 0) {
      throw new AppError(
        'bad-option',
        'xtts: it needs the address of a server, such as http://localhost:8000',
      );
    }
    const { clock, waitingLimit = 64, restMs = 5_000, loadLimitMs = 60_000 } = settings;
    this.#settings = settings;
    this.#loadLimitMs = loadLimitMs;
    this.#servers = settings.servers.map((address) => new XttsServer(address, clock, loadLimitMs));
    this.#pool = new ServerPool(this.#servers, { clock, waitingLimit, restMs });
    this.#voices = new XttsVoices({
      studioSpeakers: () => this.#askAny((server, signal) => server.studioSpeakers(signal)),
      cloneSpeaker: (wav) => this.#clone(wav, this.#underWay.closed),
      loaded: (load) => loadedVoice(this.name, load, clock, this.#underWay.closed),
    });
    this.cloner = new XttsCloner({
      cloneSpeaker: (wav, signal) => this.#clone(wav, signal),
      forget: (ref) => this.#voices.forget(ref),
    });
  }

  /** One server is kept for what is certainly wanted. */
  get hasRoom(): boolean {
    return this.#pool.free >= LEAST_FREE;
  }

  get voicesKept(): number {
    return this.#voices.kept;
  }

  /** It stumbles over digits in some languages and leaves them out in others. */
  reads(): Reads {
    return 'words';
  }

  /** Also fetches the studio speakers, which a call should not have to wait for. */
  async supports(language: Language): Promise<Support> {
    let tags: readonly string[];
    try {
      tags = await this.#languages.get();
    } catch (error) {
      return unanswered(error);
    }
    // Who speaks with a cloned voice needs no studio speakers; who needs them hears of the failure when speaking.
    await this.#voices.warm().catch(() => {});
    return tags.includes(xttsLanguage(language))
      ? SUPPORTED
      : unsupported(`the XTTS model does not speak ${language}; it speaks ${tags.join(', ')}`);
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    if (!hasWords(request.text)) {
      return noSpeech(XTTS_HZ);
    }
    const stop = AbortSignal.any([signal, this.#underWay.closed]);
    const start = await this.#voiceOf(request, stop);
    const server = await this.#pool.take(stop);
    if (stop.aborted) {
      this.#pool.giveBack(server, 'served');
      throw stop.reason;
    }
    const speech = new IncomingSpeech(this.name, request.text);
    // Not the signal of the segment: what is abandoned goes on.
    this.#underWay
      .run(this.#underWay.closed, (closed) => this.#speak(server, start, request, speech, signal, closed))
      .catch((error: unknown) => {
        if (this.#underWay.closed.aborted) {
          speech.abandon(error);
        } else {
          speech.fail(error);
        }
      });
    return speech.begun;
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  /** Speaks on `server` and gives it back once it is free. */
  async #speak(
    server: XttsServer,
    start: BodyStart,
    request: TtsRequest,
    speech: IncomingSpeech,
    signal: AbortSignal,
    closed: AbortSignal,
  ): Promise<void> {
    const { clock, drainLimitMs = 10_000 } = this.#settings;
    const late = new AbortController();
    const pace = new SpeechPace(
      this.name,
      clock,
      () => speech.soundMs,
      (error) => late.abort(error),
    );
    let drained: Timer | undefined;
    const abandon = (): void => {
      speech.abandon(signal.reason);
      drained = clock.at(clock.nowMs() + drainLimitMs, () => late.abort(undrained(drainLimitMs)));
    };
    const cut = AbortSignal.any([closed, late.signal]);
    signal.addEventListener('abort', abandon, { once: true });
    let outcome: PoolOutcome = 'served';
    try {
      await speech.read(this.#sound(server, start, request, cut), new AnySampleStream(this.name, XTTS_HZ));
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      pace.close();
      drained?.cancel();
      signal.removeEventListener('abort', abandon);
      this.#pool.giveBack(server, outcome);
    }
  }

  /**
   * The sound of a text, part by part where it is longer than the model takes.
   * @throws AppError `text-unspeakable` when a server that is there has none for a part; as the server does.
   */
  async *#sound(
    server: XttsServer,
    start: BodyStart,
    { text, language }: TtsRequest,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, undefined> {
    const tag = xttsLanguage(language);
    for (const part of partsOf(text, language, longestCharacters(tag))) {
      const answer = await server.speak(start, part, tag, signal);
      let sounds = false;
      try {
        for await (const bytes of answer.pieces(SPEECH_LIMIT_BYTES)) {
          sounds ||= bytes.length > 0;
          yield bytes;
        }
      } catch (error) {
        signal.throwIfAborted();
        // A model that fails on a text breaks its answer off, as a server does that dies; only one of them still
        // answers.
        const broke = !sounds && codeOf(error) !== 'engine-timeout';
        throw broke && (await this.#isWell(server)) ? unspeakable(server, error) : error;
      }
      if (!sounds) {
        throw unspeakable(server);
      }
    }
  }

  async #isWell(server: XttsServer): Promise<boolean> {
    try {
      await this.#limited(server, (signal) => server.languages(signal));
      return true;
    } catch {
      // What it failed with is told by who asked for speech.
      return false;
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
  async #clone(wav: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    this.#underWay.closed.throwIfAborted();
    const server = await this.#pool.take(AbortSignal.any([signal, this.#underWay.closed]));
    let outcome: PoolOutcome = 'served';
    try {
      return await this.#limited(server, (stop) => server.cloneSpeaker(wav, AbortSignal.any([stop, signal])));
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      this.#pool.giveBack(server, outcome);
    }
  }

  /** Asks the servers one after the other until one answers; throws what the last one did. */
  async #askAny<T>(ask: (server: XttsServer, signal: AbortSignal) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const server of this.#pool.inOrder) {
      try {
        return await this.#limited(server, (signal) => ask(server, signal));
      } catch (error) {
        this.#underWay.closed.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  #limited<T>(server: XttsServer, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = `xtts: ${server.host} is not done within ${this.#loadLimitMs} ms; see whether it works`;
    return this.#underWay.run(this.#underWay.closed, (closed) =>
      withDeadline(this.#settings.clock, this.#loadLimitMs, late, closed, ask),
    );
  }
}

function unspeakable(server: XttsServer, cause?: unknown): AppError {
  return new AppError('text-unspeakable', `xtts: ${server.host} has no sound for this text`, cause);
}

/** What an error says of the server that it came from. */
function outcomeOf(error: unknown): PoolOutcome {
  if (codeOf(error) === 'text-unspeakable') {
    return 'silent';
  }
  // A refusal is an answer; what is no sound at all comes from something else that has the server's address.
  return error instanceof RefusalError && error.code === 'engine-refused' ? 'served' : 'failed';
}

/** The error of an abandoned segment past its limit. */
function undrained(limitMs: number): AppError {
  return new AppError('engine-timeout', `xtts: what nobody wants is not done ${limitMs} ms later`);
}
