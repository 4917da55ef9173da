/**
 * Nova's results put together to utterances. Nova knows nothing of our utterances: a result is about a stretch of the
 * connection's audio, settled stretches follow each other without a gap, and what is not settled yet is said again
 * with each interim result. A result that straddles the border of two utterances is split by the times of its words; of
 * one that overlaps what is settled, the words that were settled are left out, and only those.
 */

import type { Language } from '../../../base/language.ts';
import type { EarlyEvent } from '../utterance-stream.ts';
import { HeardTexts } from './heard-texts.ts';
import type { HeardWord, NovaResult } from './listen-messages.ts';
import { joinWords, middleOf, NO_PIECE, type Piece, splitByUtterance } from './spoken-text.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** Times on the wire are rounded; two that differ by less are one, in ms. */
const ROUNDING_MS = 20;

export class NovaTranscript {
  readonly #timeline: UtteranceTimeline;
  readonly #texts: HeardTexts;
  #settledMs = 0;
  /** Where the last settled word ends, in ms. */
  #settledWordsMs = 0;

  /**
   * @param timeline where utterances are; the owner begins, ends and forgets them.
   * @param language by the name the provider gives it.
   */
  constructor(timeline: UtteranceTimeline, language: Language) {
    this.#timeline = timeline;
    this.#texts = new HeardTexts(language);
  }

  /** Up to where the connection's audio is settled, in ms. */
  get settledMs(): number {
    return this.#settledMs;
  }

  /** Whether all audio before `atMs` is settled. */
  covers(atMs: number): boolean {
    return this.#settledMs >= atMs - ROUNDING_MS;
  }

  /** Whether something was heard of `utterance` that is not settled. */
  hasInterim(utterance: number): boolean {
    return this.#texts.hasTail(utterance);
  }

  /** What is settled of `utterance`, which is over with this. */
  take(utterance: number): Piece {
    return this.#texts.take(utterance).settled;
  }

  /** What a result says that is new. */
  hear(result: NovaResult): readonly EarlyEvent[] {
    const fresh = this.#withoutRepeats(result);
    const isOld = result.endMs <= this.#settledMs + ROUNDING_MS;
    if (isOld && (!result.settled || fresh.words.length === 0)) {
      return [];
    }
    const pieces = splitByUtterance(fresh, this.#timeline, (word) => this.#ownerOf(word));
    if (result.settled) {
      this.#settledMs = Math.max(this.#settledMs, result.endMs);
      this.#settledWordsMs = Math.max(this.#settledWordsMs, fresh.words.at(-1)?.endMs ?? 0);
    }
    return this.#timeline.utterances
      .filter((utterance) => pieces.has(utterance) || this.#touches(result, utterance))
      .flatMap((utterance) =>
        this.#texts.hear(utterance, {
          piece: pieces.get(utterance) ?? NO_PIECE,
          settled: result.settled,
          spoken: result.language,
          echoes: true,
        }),
      );
  }

  /**
   * A result without the words that are settled already. How far a result reaches says less than its words do: one in
   * which nothing was heard may reach too far.
   */
  #withoutRepeats(result: NovaResult): NovaResult {
    if (result.startMs >= this.#settledMs - ROUNDING_MS) {
      return result;
    }
    const words = result.words.filter((word) => middleOf(word) >= this.#settledWordsMs);
    return words.length === result.words.length ? result : { ...result, words, text: joinWords(words) };
  }

  /** A word that begins in an utterance that is over, or before the first, belongs to the one that it reaches into. */
  #ownerOf(word: HeardWord): number | undefined {
    return this.#timeline.at(middleOf(word)) ?? this.#timeline.at(word.endMs - ROUNDING_MS);
  }

  #touches({ startMs, endMs }: NovaResult, utterance: number): boolean {
    const bounds = this.#timeline.boundsOf(utterance);
    return (
      bounds !== undefined &&
      bounds.fromMs < endMs &&
      (bounds.endMs ?? Number.POSITIVE_INFINITY) > startMs + ROUNDING_MS
    );
  }
}
