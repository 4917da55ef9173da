/**
 * Translation of one rendering's segments: with what was said before as context, with a deadline and a second try,
 * short phrases from a cache, digits and glossary terms made sure of.
 */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { Language } from '../../base/language.ts';
import type { OnCharge } from '../../engines/charge.ts';
import type { MtEngine, MtRequest } from '../../engines/mt/mt-engine.ts';
import type { SpeakerLines } from '../conversation.ts';
import { translateExactly } from '../exactness/exact-translation.ts';
import { EMPTY_GLOSSARY, type Glossary } from '../exactness/glossary.ts';
import { bare } from '../exactness/suspect.ts';
import { LIMITS } from '../limits.ts';
import type { Noted } from '../noted.ts';
import type { Translation } from '../speaking/segment-work.ts';
import { tryTwice } from '../speaking/try-twice.ts';

/** Translations of short phrases, shared by all calls; by languages, phrase and what the call's glossary says to it. */
export type TranslationCache = LRUCache<string, string>;

/** @param clock which tells how old they are; no timer is set for them. */
export function newTranslationCache(clock: Clock): TranslationCache {
  return new LRUCache({
    max: LIMITS.cachedPhrases,
    ttl: LIMITS.cachedMs,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
}

export interface TranslatorOptions {
  readonly mt: MtEngine;
  readonly from: Language;
  readonly to: Language;
  readonly clock: Clock;
  readonly glossary: Glossary;
  readonly cache: TranslationCache;
  readonly lines: SpeakerLines;
  readonly note: (what: Noted, count: number) => void;
  readonly onCharge: OnCharge;
}

export class Translator {
  readonly #options: TranslatorOptions;

  constructor(options: TranslatorOptions) {
    this.#options = options;
  }

  /**
   * Translates what is said now.
   * @param midSentence whether it goes on in a sentence that was begun before it.
   * @param spokenLanguage what it is said in, where that is not the speaker's own language.
   * @throws what the engine throws; the signal's reason when it aborts first.
   */
  async translate(
    text: string,
    midSentence: boolean,
    spokenLanguage: Language | undefined,
    signal: AbortSignal,
  ): Promise<Translation> {
    const { to, cache, lines } = this.#options;
    const context = lines.context(LIMITS.contextLines);
    const from =
      spokenLanguage === undefined ? this.#options.from : await this.#sourceOf(spokenLanguage, signal);
    const glossary = from === this.#options.from ? this.#options.glossary : EMPTY_GLOSSARY;
    const key =
      text.length <= LIMITS.cachedCharacters
        ? JSON.stringify([from, to, midSentence, text, glossary.spots(text, from)])
        : undefined;
    const known = key === undefined ? undefined : cache.get(key);
    if (known !== undefined) {
      return { text: known, cached: true, repaired: 0 };
    }
    const begun = (goesOn: boolean): Pick<MtRequest, 'midSentence'> =>
      midSentence || goesOn ? { midSentence: true } : {};
    let doubted = false;
    const again = (request: MtRequest): Promise<string> => {
      doubted = true;
      return this.#ask(request, signal);
    };
    const exact = await translateExactly(
      text,
      from,
      to,
      glossary,
      (part, goesOn = false) => this.#ask({ text: part, from, to, context, ...begun(goesOn) }, signal),
      [
        (part) => again({ text: part, from, to, context: [], ...begun(false) }),
        (part) => again({ text: asSentence(part), from, to, context: [] }),
      ],
    );
    // What was asked for again, had to be repaired or came back as it was sent may come out right the next time.
    if (key !== undefined && !doubted && exact.repaired === 0 && isKeepable(exact.text, text)) {
      cache.set(key, exact.text);
    }
    return { ...exact, cached: false };
  }

  /** A language that cannot be translated is taken for the speaker's own, which it may be after all. */
  async #sourceOf(spokenLanguage: Language, signal: AbortSignal): Promise<Language> {
    const { mt, from, to, clock } = this.#options;
    const late = `${mt.name} did not say within ${LIMITS.translationMs} ms whether it can translate`;
    const support = await withDeadline(clock, LIMITS.translationMs, late, signal, () =>
      mt.supports(spokenLanguage, to),
    );
    return support.supported ? spokenLanguage : from;
  }

  #ask(request: MtRequest, signal: AbortSignal): Promise<string> {
    const { mt, clock, note, onCharge } = this.#options;
    const late = `${mt.name} did not translate within ${LIMITS.translationMs} ms`;
    const asked = { ...request, failedOver: () => note('failover', 1), onCharge };
    return tryTwice(signal, () => {
      note('mt-characters', request.text.length);
      return withDeadline(clock, LIMITS.translationMs, late, signal, (inner) => mt.translate(asked, inner));
    });
  }
}

/** How many times as long as a short phrase its translation may be to be kept, and how many characters beyond that. */
const KEPT_TIMES = 3;
const KEPT_CHARACTERS = 15;

/**
 * Whether a translation of a short phrase looks right enough to be said again: its source may be right, as of a name.
 */
function isKeepable(translation: string, source: string): boolean {
  return (
    bare(translation) !== bare(source) &&
    /[\p{L}\p{N}]/u.test(translation) &&
    translation.length <= KEPT_CHARACTERS + KEPT_TIMES * source.length
  );
}

/** A part of a sentence as one of its own, which some engines translate with more care. */
function asSentence(text: string): string {
  const sentence = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[\p{Sentence_Terminal}]$/u.test(sentence) ? sentence : `${sentence.replace(/[,;:]$/u, '')}.`;
}
