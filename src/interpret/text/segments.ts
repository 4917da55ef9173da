/** Words of languages that write none apart, as ICU's dictionaries find them. */

import { baseLanguage, type Language } from '../../base/language.ts';

/** By language: to make one takes longer than a sentence. */
const segmenters = new Map<Language, Intl.Segmenter>();

/** What `text` is made of, blanks and marks among it, each with where it begins. */
export function segmentsOf(text: string, language: Language): readonly Intl.SegmentData[] {
  const base = baseLanguage(language);
  const segmenter = segmenters.get(base) ?? new Intl.Segmenter(base, { granularity: 'word' });
  segmenters.set(base, segmenter);
  return [...segmenter.segment(text)];
}
