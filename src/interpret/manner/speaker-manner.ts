/**
 * How one person speaks of late, and how a clause of theirs was said beside that. What was measured is kept for a minute
 * of voice, in memory alone, and goes with the person.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import { joined, type MeasuredProsody } from '../../media/hear/prosody/prosody.ts';
import { AS_SPOKEN, type SegmentManner } from '../../media/play/segment-manner.ts';
import type { SaidSpan } from '../utterance-record.ts';
import { mannerFor } from './manner-policy.ts';

/** Voice that is remembered, in ms. */
const REMEMBERED_MS = 60_000;
/** A clause of which less time is known, in ms, is taken for the rest of the one before. */
const SHORTEST_SPAN_MS = 300;

export class SpeakerManner {
  #measured = remembered();
  #latest: SegmentManner = AS_SPOKEN;

  /** More was said. */
  measured(prosody: MeasuredProsody): void {
    this.#measured.push(prosody);
  }

  /** How what was said then is to be spoken; ask once, in order. */
  of(said: SaidSpan | undefined): SegmentManner {
    if (said === undefined || said.toMs - said.fromMs < SHORTEST_SPAN_MS) {
      return { ...this.#latest, restMs: 0 };
    }
    const all = this.#measured.entries();
    const clause = all.filter((part) => liesIn(part, said));
    const others = all.filter((part) => !clause.includes(part));
    this.#latest = mannerFor(joined(clause), joined(others), pauseBefore(all, clause[0]));
    return this.#latest;
  }

  /** Somebody else speaks from now on. */
  forget(): void {
    this.#measured = remembered();
    this.#latest = AS_SPOKEN;
  }
}

function remembered(): BoundedQueue<MeasuredProsody> {
  return new BoundedQueue(REMEMBERED_MS, ({ voiceMs }) => voiceMs);
}

/** Whether most of `part` was said then. */
function liesIn({ fromMs, toMs }: MeasuredProsody, said: SaidSpan): boolean {
  const middleMs = (fromMs + toMs) / 2;
  return middleMs > said.fromMs && middleMs <= said.toMs;
}

/** The silence before `first`, in ms; what ends a stretch is a pause of which the stretch holds the beginning. */
function pauseBefore(all: readonly MeasuredProsody[], first: MeasuredProsody | undefined): number {
  const before = first === undefined ? undefined : all[all.indexOf(first) - 1];
  if (before === undefined || first === undefined) {
    return 0;
  }
  const gapMs = first.fromMs - before.toMs;
  return gapMs <= 0 ? 0 : gapMs + before.pausedMs;
}
