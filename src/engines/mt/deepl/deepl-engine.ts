/**
 * Machine translation by DeepL. A request that is slow to be answered is asked a second time, and the one that is no
 * longer wanted is aborted. The package of DeepL's own is here for its types: it cannot abort a request nor wait for
 * less than a second.
 */

import type { NonRegionalLanguageCode } from 'deepl-node';
import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Secret } from '../../../base/secret.ts';
import { HedgeBudget, hedged } from '../../hedge.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { authorization } from '../../wire/authorization.ts';
import { HttpOrigin, jsonBody } from '../../wire/http.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import type { MtEngine, MtRequest } from '../mt-engine.ts';
import { plausibleTranslation, TRANSLATION_LIMIT_BYTES } from '../translation-length.ts';
import { type DeeplBody, readTranslation, refusalHints } from './deepl-wire.ts';
import {
  type DeeplTarget,
  deeplSource,
  deeplTarget,
  glossaryFor,
  hasFastModels,
  hasFormality,
  isBeta,
} from './languages.ts';

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
  /** The kind of model; default `latency_optimized`, which is not asked for where it is refused. */
  readonly modelType?: 'latency_optimized' | 'quality_optimized';
  /** The most requests under way; default 64. */
  readonly underWayLimit?: number;
}

export class DeeplEngine implements MtEngine {
  readonly name = 'deepl';
  readonly usesContext = true;
  readonly #settings: DeeplSettings;
  readonly #deadlineMs: number;
  readonly #server: HttpOrigin;
  readonly #budget = new HedgeBudget();
  readonly #underWay: UnderWay;

  constructor(settings: DeeplSettings) {
    this.#settings = settings;
    this.#deadlineMs = settings.deadlineMs ?? 1_500;
    this.#underWay = new UnderWay(this.name, settings.underWayLimit ?? 64);
    this.#server = new HttpOrigin({
      name: this.name,
      url: settings.url ?? usualUrl(settings.apiKey),
      clock: settings.clock,
      unreachableHint: 'check the network, the name service and the firewall, and DEEPL_URL if it is set',
    });
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
    return source === deeplSource(to)
      ? unsupported(`deepl does not translate ${from} to ${to}: they are one language`)
      : SUPPORTED;
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    const text = request.text.trim();
    if (text === '') {
      return '';
    }
    const { from, to, context } = request;
    const source = deeplSource(from);
    const target = deeplTarget(to);
    if (source === undefined || target === undefined) {
      throw new AppError('language-unsupported', `deepl does not translate ${from} to ${to}`);
    }
    const glossary = glossaryFor(this.#settings.glossaries, from, to);
    const body = { ...this.#choices(source, target, glossary), text: [text] as const };
    this.#budget.countRequest();
    return hedged(
      this.#settings.clock,
      {
        hedgeAfterMs: this.#settings.hedgeAfterMs ?? 400,
        deadlineMs: this.#deadlineMs,
        timeoutMessage: `deepl: no answer from ${this.#server.host} within ${this.#deadlineMs} ms`,
        mayHedge: () => !this.#underWay.full && this.#budget.take(),
      },
      signal,
      async (wanted) => {
        const whole = context.length === 0 ? body : { ...body, context: context.join('\n') };
        return this.#ask(whole, refusalHints(from, to, glossary), wanted);
      },
    );
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await this.#server.close();
  }

  #ask(body: DeeplBody, hints: RefusalHints, signal: AbortSignal): Promise<string> {
    return this.#underWay.run(signal, async (stop) => {
      const json = jsonBody(body);
      const headers = {
        ...json.headers,
        authorization: authorization(this.name, 'DeepL-Auth-Key', this.#settings.apiKey),
      };
      const ask = { method: 'POST', path: '/v2/translate', headers, body: json.body } as const;
      const answer = await this.#server.send(ask, stop);
      if (answer.status !== 200) {
        throw refusal(this.#server, await answer.refused([]), hints);
      }
      const translation = readTranslation(await answer.readAll(TRANSLATION_LIMIT_BYTES));
      if (translation === undefined) {
        throw new AppError('engine-bad-answer', `deepl: ${this.#server.host} answered with no translation`);
      }
      return plausibleTranslation(this.name, body.text[0], translation);
    });
  }

  #choices(
    source: NonRegionalLanguageCode,
    target: DeeplTarget,
    glossary: string | undefined,
  ): Omit<DeeplBody, 'text' | 'context'> {
    const { formality = 'default', modelType = 'latency_optimized' } = this.#settings;
    const hasModel = modelType !== 'latency_optimized' || hasFastModels(source, target);
    return {
      source_lang: source,
      target_lang: target,
      split_sentences: '0',
      ...(hasModel ? { model_type: modelType } : {}),
      ...(isBeta(target) ? { enable_beta_languages: true } : {}),
      ...(formality === 'default' || !hasFormality(target) ? {} : { formality: `prefer_${formality}` }),
      ...(glossary === undefined ? {} : { glossary_id: glossary }),
    };
  }
}

/** Where the API is for a key: those of the free one end in `:fx`. */
function usualUrl(apiKey: Secret): string {
  return apiKey.reveal().endsWith(':fx') ? 'https://api-free.deepl.com' : 'https://api.deepl.com';
}
