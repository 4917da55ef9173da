/**
 * Machine translation by DeepL, through its own package. deepl-node cannot abort a request nor wait for less than a
 * second, so time limits are ours: a request that is no longer wanted runs on, unheard, until it is answered or the
 * package gives up on it, and such requests count among those under way.
 */

import type * as Deepl from 'deepl-node';
import type { DeepLClient, SourceLanguageCode, TargetLanguageCode, TranslateTextOptions } from 'deepl-node';
import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { HedgeBudget, hedged } from '../../hedge.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { MtEngine, MtRequest } from '../mt-engine.ts';
import { type DeeplRequestFacts, deeplFailure } from './deepl-failure.ts';
import { deeplSource, deeplTarget, hasFormality } from './languages.ts';

export interface DeeplSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where the API is, without a path; default by the key: the free API for one that ends in `:fx`. */
  readonly url?: string;
  /** How to address people, in languages that tell; default as DeepL thinks fit. */
  readonly formality?: 'default' | 'less' | 'more';
  /** Ids of glossaries by direction, `en:fr`; one with regions, `en:pt-BR`, goes before one without. */
  readonly glossaries?: ReadonlyMap<string, string>;
  /** How long one translation may take, in ms; default 1,500. */
  readonly deadlineMs?: number;
  /** After how long a request that is not answered is sent a second time, in ms; default 400. */
  readonly hedgeAfterMs?: number;
  /** The kind of model; default `latency_optimized`. */
  readonly modelType?: 'latency_optimized' | 'quality_optimized';
  /** The most requests under way, unwanted ones included; default 64. */
  readonly underWayLimit?: number;
}

/** The package and a client made with it. */
interface Loaded {
  readonly deepl: typeof Deepl;
  readonly client: DeepLClient;
}

/** One translation as the package takes it. */
interface Job {
  readonly text: string;
  readonly source: SourceLanguageCode;
  readonly target: TargetLanguageCode;
  readonly options: TranslateTextOptions;
  readonly facts: DeeplRequestFacts;
}

export class DeeplEngine implements MtEngine {
  readonly name = 'deepl';
  readonly #settings: DeeplSettings;
  readonly #deadlineMs: number;
  readonly #underWayLimit: number;
  readonly #host: string;
  readonly #budget = new HedgeBudget();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();
  #loading: Promise<Loaded> | undefined;

  constructor(settings: DeeplSettings) {
    this.#settings = settings;
    this.#deadlineMs = settings.deadlineMs ?? 1_500;
    this.#underWayLimit = settings.underWayLimit ?? 64;
    this.#host = hostOf(settings);
  }

  /** Asks nobody: whether the key is accepted shows when something is translated. */
  async supports(from: Language, to: Language): Promise<Support> {
    if (this.#settings.apiKey.reveal() === '') {
      return unsupported(`deepl has no key to translate ${from} to ${to} with; set DEEPL_API_KEY`);
    }
    const source = deeplSource(from);
    if (source === undefined || deeplTarget(to) === undefined) {
      const unknown = source === undefined ? from : to;
      return unsupported(`deepl has nothing from ${from} to ${to}: it does not know ${unknown}`);
    }
    if (source === deeplSource(to)) {
      return unsupported(`deepl does not translate ${from} to ${to}: they are one language`);
    }
    // So that the first sentence of the first call does not wait for it.
    await this.#load();
    return SUPPORTED;
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const text = request.text.trim();
    if (text === '') {
      return '';
    }
    const job = this.#job(request, text);
    const loaded = await this.#load();
    if (this.#full) {
      throw new AppError('engine-overloaded', 'deepl: as many requests are under way as may');
    }
    this.#budget.countRequest();
    return hedged(
      this.#settings.clock,
      {
        hedgeAfterMs: this.#settings.hedgeAfterMs ?? 400,
        deadlineMs: this.#deadlineMs,
        timeoutMessage: job.facts.timeoutMessage,
        mayHedge: () => !this.#full && this.#budget.take(),
      },
      AbortSignal.any([signal, this.#closed.signal]),
      () => this.#ask(loaded, job),
    );
  }

  /** Resolves when the last request has ended, which takes up to the deadline: they cannot be aborted. */
  async close(): Promise<void> {
    this.#closed.abort(new AppError('closed', 'deepl: the engine has been closed'));
    await Promise.allSettled(this.#underWay);
  }

  #job({ from, to, context }: MtRequest, text: string): Job {
    const source = deeplSource(from);
    const target = deeplTarget(to);
    if (source === undefined || target === undefined) {
      throw new AppError('language-unsupported', `deepl does not translate ${from} to ${to}`);
    }
    const { formality = 'default', glossaries, modelType = 'latency_optimized' } = this.#settings;
    const glossary =
      glossaries?.get(`${from}:${to}`) ?? glossaries?.get(`${baseLanguage(from)}:${baseLanguage(to)}`);
    return {
      text,
      source,
      target,
      options: {
        // A segment is one sentence or less, and line ends in it mean nothing.
        splitSentences: 'off',
        modelType,
        ...(formality === 'default' || !hasFormality(target) ? {} : { formality: `prefer_${formality}` }),
        ...(context.length === 0 ? {} : { context: context.join('\n') }),
        ...(glossary === undefined ? {} : { glossary }),
      },
      facts: {
        host: this.#host,
        from,
        to,
        glossaryId: glossary,
        timeoutMessage: `deepl: no answer from ${this.#host} within ${this.#deadlineMs} ms`,
      },
    };
  }

  /** One request; it counts as under way until it has ended, whether anyone waits for it or not. */
  async #ask(loaded: Loaded, job: Job): Promise<string> {
    const answer = loaded.client.translateText(job.text, job.source, job.target, job.options);
    this.#underWay.add(answer);
    try {
      // The package checks little of the answer, so its type is not taken at its word.
      const result: unknown = await answer;
      return translationOf(result);
    } catch (error) {
      throw error instanceof AppError ? error : deeplFailure(error, job.facts, loaded.deepl);
    } finally {
      this.#underWay.delete(answer);
    }
  }

  /** Loads the package, 90 ms and 20 MB, when it is first needed. */
  #load(): Promise<Loaded> {
    this.#loading ??= this.#open();
    return this.#loading;
  }

  async #open(): Promise<Loaded> {
    const { apiKey, url } = this.#settings;
    if (apiKey.reveal() === '') {
      throw new AppError('engine-refused', 'deepl: there is no key; set DEEPL_API_KEY');
    }
    const deepl = await import('deepl-node');
    const client = new deepl.DeepLClient(apiKey.reveal(), {
      maxRetries: 0,
      minTimeout: this.#deadlineMs,
      sendPlatformInfo: false,
      ...(url === undefined ? {} : { serverUrl: url }),
    });
    return { deepl, client };
  }

  get #full(): boolean {
    return this.#underWay.size >= this.#underWayLimit;
  }
}

/** @throws AppError `engine-bad-answer` when there is none. */
function translationOf(result: unknown): string {
  const text = typeof result === 'object' && result !== null && 'text' in result ? result.text : undefined;
  if (typeof text !== 'string' || text.trim() === '') {
    throw new AppError('engine-bad-answer', 'deepl: a sentence was translated to nothing');
  }
  return text.trim();
}

/** The host for messages; a URL may hold a password, a host does not. */
function hostOf({ url, apiKey }: DeeplSettings): string {
  if (url !== undefined) {
    return URL.canParse(url) ? new URL(url).host : 'its URL';
  }
  return apiKey.reveal().endsWith(':fx') ? 'api-free.deepl.com' : 'api.deepl.com';
}
