/**
 * Translation of one direction's segments: with what was said before as context, with a deadline and a second try, short
 * phrases from a cache, digits and glossary terms made sure of.
 */

import type { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { Language } from '../../base/language.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { ConversationSide } from '../conversation.ts';
import { translateExactly } from '../exactness/exact-translation.ts';
import type { Glossary } from '../exactness/glossary.ts';
import type { Translation } from '../speaking/segment-work.ts';
import { tryTwice } from '../speaking/try-twice.ts';

/** How long one translation may take. */
const LIMIT_MS = 4_000;
/** Lines passed to the engine as context. */
const CONTEXT_LINES = 4;
/** What is longer is said only once, or depends on what was said before. */
const LONGEST_CACHED_CHARACTERS = 40;

/** Translations of short phrases, shared by all calls; by languages and phrase. */
export type TranslationCache = LRUCache<string, string>;

export interface TranslatorOptions {
  readonly mt: MtEngine;
  readonly from: Language;
  readonly to: Language;
  readonly clock: Clock;
  readonly glossary: Glossary;
  readonly cache: TranslationCache;
  readonly conversation: ConversationSide;
}

export class Translator {
  readonly #options: TranslatorOptions;

  constructor(options: TranslatorOptions) {
    this.#options = options;
  }

  /** Translates what is said now. @throws what the engine throws; the signal's reason when it aborts first. */
  async translate(text: string, signal: AbortSignal): Promise<Translation> {
    const { from, to, cache, glossary, conversation } = this.#options;
    const key = text.length <= LONGEST_CACHED_CHARACTERS ? `${from} ${to} ${text.toLowerCase()}` : undefined;
    const known = key === undefined ? undefined : cache.get(key);
    if (known !== undefined) {
      return { text: known, cached: true, repaired: 0 };
    }
    const context = conversation.context(CONTEXT_LINES);
    const exact = await translateExactly(text, from, to, glossary, (part) =>
      this.#ask(part, context, signal),
    );
    if (key !== undefined) {
      cache.set(key, exact.text);
    }
    return { ...exact, cached: false };
  }

  #ask(text: string, context: readonly string[], signal: AbortSignal): Promise<string> {
    const { mt, from, to, clock } = this.#options;
    const late = `${mt.name} did not translate within ${LIMIT_MS} ms`;
    return tryTwice(signal, () =>
      withDeadline(clock, LIMIT_MS, late, signal, (inner) =>
        mt.translate({ text, from, to, context }, inner),
      ),
    );
  }
}
