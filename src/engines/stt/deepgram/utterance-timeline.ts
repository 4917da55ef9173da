/**
 * Which utterance a moment of the connection's audio belongs to, and when in it. The connection carries one
 * utterance after another, with silence of ours between some; what follows an utterance is its own until the next
 * begins. Moments are ms from the connection's first sample, as the provider counts.
 */

/** A stretch of an utterance that went out without a gap. */
interface Span {
  readonly fromMs: number;
  /** Where in the utterance it begins, in ms. */
  readonly utteranceMs: number;
}

interface Place {
  readonly utterance: number;
  readonly spans: Span[];
  /** Undefined while the utterance goes on. */
  endMs: number | undefined;
}

export class UtteranceTimeline {
  /** In the order in which they began. */
  readonly #places: Place[] = [];

  /** The utterances that are not forgotten, the oldest first. */
  get utterances(): readonly number[] {
    return this.#places.map(({ utterance }) => utterance);
  }

  /** `utterance` begins with what is sent next. */
  begin(utterance: number, atMs: number): void {
    this.#places.push({ utterance, spans: [{ fromMs: atMs, utteranceMs: 0 }], endMs: undefined });
  }

  /** Of the newest utterance, `lostMs` were not sent: what is sent next comes that much later in it. */
  skip(lostMs: number, atMs: number): void {
    const place = this.#places.at(-1);
    const span = place?.spans.at(-1);
    if (place !== undefined && span !== undefined) {
      place.spans.push({ fromMs: atMs, utteranceMs: span.utteranceMs + (atMs - span.fromMs) + lostMs });
    }
  }

  /** The newest utterance ends with what was sent last. */
  end(atMs: number): void {
    const place = this.#places.at(-1);
    if (place !== undefined) {
      place.endMs = atMs;
    }
  }

  /** `utterance` has its final: what is said of its audio from now on belongs to none. */
  forget(utterance: number): void {
    const index = this.#places.findIndex((place) => place.utterance === utterance);
    if (index >= 0) {
      this.#places.splice(index, 1);
    }
  }

  /** Where an utterance begins, and ends if it has. */
  boundsOf(utterance: number): { readonly fromMs: number; readonly endMs: number | undefined } | undefined {
    const place = this.#find(utterance);
    const from = place?.spans[0];
    return place === undefined || from === undefined
      ? undefined
      : { fromMs: from.fromMs, endMs: place.endMs };
  }

  /** The utterance that has the moment `atMs`, or undefined when its utterance has been forgotten. */
  at(atMs: number): number | undefined {
    return this.#places.findLast(({ spans }) => (spans[0]?.fromMs ?? 0) <= atMs)?.utterance;
  }

  /** A moment as ms from the first sample of `utterance`, inside it. */
  inUtterance(utterance: number, atMs: number): number {
    const place = this.#find(utterance);
    if (place === undefined) {
      return 0;
    }
    const moment = place.endMs === undefined ? atMs : Math.min(atMs, place.endMs);
    const span = place.spans.findLast(({ fromMs }) => fromMs <= moment) ?? place.spans[0];
    return span === undefined ? 0 : Math.max(0, span.utteranceMs + moment - span.fromMs);
  }

  #find(utterance: number): Place | undefined {
    return this.#places.find((place) => place.utterance === utterance);
  }
}
