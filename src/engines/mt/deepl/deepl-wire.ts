/**
 * What DeepL is asked and answers, as JSON on the wire, and what the operator can do when it refuses.
 * https://developers.deepl.com/api-reference/translate
 */

import type { SourceLanguageCode } from 'deepl-node';
import { z } from 'zod';
import type { Language } from '../../../base/language.ts';
import { parseJson } from '../../wire/json.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import type { DeeplTarget } from './languages.ts';

/** The body of a request for one translation. */
export interface DeeplBody {
  readonly text: readonly [string];
  readonly source_lang: SourceLanguageCode;
  readonly target_lang: DeeplTarget;
  /** What was said before; it is not translated and costs nothing. */
  readonly context?: string;
  /** Left out for languages that refuse to be translated by the fast ones. */
  readonly model_type?: 'latency_optimized' | 'quality_optimized';
  readonly enable_beta_languages?: true;
  /** A segment is one sentence or less, and line ends in it mean nothing: `0` leaves it whole. */
  readonly split_sentences: '0';
  readonly formality?: 'prefer_less' | 'prefer_more';
  readonly glossary_id?: string;
}

const ANSWER = z.object({ translations: z.tuple([z.object({ text: z.string() })], z.unknown()) });

/** The translation in an answer; undefined when there is none, or an empty one. */
export function readTranslation(body: Uint8Array): string | undefined {
  const text = ANSWER.safeParse(parseJson(body)).data?.translations[0].text.trim();
  return text === '' ? undefined : text;
}

/** What the operator can do about a refusal to translate from one language to another. */
export function refusalHints(from: Language, to: Language, glossaryId: string | undefined): RefusalHints {
  return {
    key:
      'check DEEPL_API_KEY (a key that ends in :fx is for the free API, api-free.deepl.com, any other for ' +
      'api.deepl.com)',
    credit: 'raise the limit of this month in the DeepL account',
    missing:
      glossaryId === undefined
        ? 'check DEEPL_URL'
        : `check the id of glossary ${glossaryId}, which this key's account should have`,
    request:
      glossaryId === undefined
        ? `check that it translates from ${from} to ${to}`
        : `check that glossary ${glossaryId} is from ${from} to ${to}`,
  };
}
