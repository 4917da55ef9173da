/**
 * The segment that sounds and how much of it was heard, in one word of shared memory, so that a thread that dies leaves
 * them as they belong together: 11 bits of the segment's number, 20 of ms.
 */

import type { HeardSegment } from '../play/playout-queue.ts';

/** 17 minutes; no segment is as long. */
const MOST_MS = 2 ** 20 - 1;
/** Segments with the same lowest bits are never there at the same time. */
const SEGMENTS = 2 ** 11;

/** @param heard undefined: none sounds, which is as if nothing of one had been heard. */
export function packHeard(heard: HeardSegment | undefined): number {
  return heard === undefined
    ? 0
    : (heard.segment % SEGMENTS) * (MOST_MS + 1) + Math.min(MOST_MS, Math.round(heard.ms));
}

/** How much of `segment` was heard, in ms. */
export function heardMs(packed: number, segment: number): number {
  return Math.floor(packed / (MOST_MS + 1)) === segment % SEGMENTS ? packed % (MOST_MS + 1) : 0;
}
