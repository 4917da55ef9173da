/**
 * Work ahead on what is not certain yet: the segment that will be cut off if nothing changes is translated, and its
 * first sound asked for. If it is cut off as it was, the wait for certainty cost nothing; if not, it is thrown away.
 * One draft at a time, the latest, within a budget.
 */

import type { Language } from '../../base/language.ts';
import { DraftBudget } from '../policy/draft-budget.ts';
import { tokensOf } from '../policy/tokens.ts';
import type { SegmentWork, Translated } from '../speaking/segment-work.ts';

export class Drafts {
  readonly #language: Language;
  readonly #speakAhead: () => boolean;
  readonly #note: (what: 'draft-hit' | 'draft-miss') => void;
  readonly #budget = new DraftBudget();
  #draft: { readonly key: string; readonly work: SegmentWork } | undefined;

  /** @param speakAhead whether sound may be asked for now that may not be wanted. */
  constructor(
    language: Language,
    speakAhead: () => boolean,
    note: (what: 'draft-hit' | 'draft-miss') => void,
  ) {
    this.#language = language;
    this.#speakAhead = speakAhead;
    this.#note = note;
  }

  /** Works on `text` from now on, or on nothing; `begin` starts it. What is being worked on already goes on. */
  consider(text: string | undefined, begin: (text: string) => SegmentWork): void {
    const key = text === undefined ? undefined : this.#keyOf(text);
    if (key === this.#draft?.key) {
      return;
    }
    this.#miss();
    if (text === undefined || key === undefined || !this.#budget.mayTranslate()) {
      return;
    }
    this.#budget.called();
    const work = begin(text);
    this.#draft = { key, work };
    work.translated.then((result) => this.#goOn(work, result));
  }

  /** The work on a segment that is certain: the draft, if it was right, else work that begins now. */
  take(text: string, begin: (text: string) => SegmentWork): SegmentWork {
    if (this.#draft?.key === this.#keyOf(text)) {
      const { work } = this.#draft;
      this.#draft = undefined;
      this.#budget.cut(true);
      this.#budget.synthesised(work.source.length, false);
      this.#note('draft-hit');
      return work;
    }
    this.#miss();
    this.#budget.cut(false);
    this.#budget.called();
    this.#budget.synthesised(text.length, false);
    return begin(text);
  }

  /** Throws away what is being worked on: it will not be said. */
  clear(): void {
    this.#miss();
  }

  /** The draft is translated: its sound is asked for, if it may cost that. A draft that failed is none. */
  #goOn(work: SegmentWork, result: Translated): void {
    if (this.#draft?.work !== work) {
      return;
    }
    if (result.type === 'failed') {
      this.#miss();
      return;
    }
    const { text } = result.translation;
    if (text.trim() !== '' && this.#speakAhead() && this.#budget.maySpeak(text.length)) {
      work.speech(text);
    }
  }

  #miss(): void {
    const draft = this.#draft;
    if (draft !== undefined) {
      this.#draft = undefined;
      draft.work.drop();
      this.#budget.missed();
      if (draft.work.speaking) {
        this.#budget.synthesised(draft.work.source.length, true);
      }
      this.#note('draft-miss');
    }
  }

  /** Two texts with the same words and the same mark at the end are translated the same. */
  #keyOf(text: string): string {
    const tokens = tokensOf(text, this.#language);
    return `${tokens.map(({ word }) => word).join(' ')} ${tokens.at(-1)?.mark}`;
  }
}
