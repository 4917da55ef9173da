/** What was measured of a person's voice of late, for the one question which of their words was stressed. In memory alone. */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Language } from '../../base/language.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import type { MeasuredProsody } from '../../media/hear/prosody/prosody.ts';
import { stressedWord } from './stress-policy.ts';
import { wordsMeasured } from './word-prosody.ts';

/** Voice that is remembered, in ms: no segment is longer. */
const REMEMBERED_MS = 20_000;

export class SpeakerStress {
  readonly #measured = new BoundedQueue<MeasuredProsody>(REMEMBERED_MS, ({ voiceMs }) => voiceMs);

  /** More was said. */
  measured(prosody: MeasuredProsody): void {
    this.#measured.push(prosody);
  }

  /** Which of these words was stressed; undefined: none, or it is not known yet. @param words with times on the clock. */
  of(words: readonly Word[], language: Language): number | undefined {
    return stressedWord(wordsMeasured(words, this.#measured.entries()), language);
  }

  /** Somebody else speaks from now on. */
  forget(): void {
    this.#measured.clear();
  }
}
