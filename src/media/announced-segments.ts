/**
 * The main thread's account of the speech a leg has yet to hear: what was announced, its sound, and who wants to know
 * when it is heard. Kept until it has been, so that a thread that takes over for one that died can be told all of it again.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import { samplesToMs } from '../base/units.ts';
import type { MediaCommand } from './media-messages.ts';
import { PLAYOUT_LIMIT_MS, type SegmentEnd } from './playout-queue.ts';

/** Hears what became of one segment; times are ms of the process's clock. */
export interface SegmentSink {
  /** Its first sound leaves with the next frame. It comes again when a thread died and the segment begins anew. */
  started(atMs: number): void;
  ended(atMs: number, end: SegmentEnd): void;
}

interface AnnouncedSegment {
  readonly sink: SegmentSink;
  readonly rateHz: number;
  /** No more than the media thread itself would keep. */
  readonly pieces: BoundedQueue<Int16Array>;
  whole: boolean;
}

export class AnnouncedSegments {
  readonly #send: (command: MediaCommand) => void;
  readonly #segments = new Map<number, AnnouncedSegment>();
  /** Segments that have begun to sound and not ended. */
  readonly #sounding = new Set<number>();
  #next = 0;

  /** @param send tells the media thread. */
  constructor(send: (command: MediaCommand) => void) {
    this.#send = send;
  }

  /** Whether one is being heard. */
  get sounding(): boolean {
    return this.#sounding.size > 0;
  }

  /** Announces speech, to be heard after all that was announced before; returns its number. */
  open(rateHz: number, sink: SegmentSink): number {
    const segment = this.#next;
    this.#next += 1;
    const pieces = new BoundedQueue<Int16Array>(PLAYOUT_LIMIT_MS, (pcm) => samplesToMs(pcm.length, rateHz));
    this.#segments.set(segment, { sink, rateHz, pieces, whole: false });
    this.#send({ type: 'segment-open', segment, rateHz });
    return segment;
  }

  /** Adds sound to a segment; keeps `pcm` until the segment has been heard. */
  add(segment: number, pcm: Int16Array): void {
    const announced = this.#segments.get(segment);
    if (announced !== undefined) {
      // What is posted is copied with all the memory behind it, so a view of more is cut out first.
      const own = pcm.byteLength === pcm.buffer.byteLength ? pcm : pcm.slice();
      announced.pieces.push(own);
      this.#send({ type: 'segment-audio', segment, pcm: own });
    }
  }

  /** Says that a segment has all its sound. */
  end(segment: number): void {
    const announced = this.#segments.get(segment);
    if (announced !== undefined) {
      announced.whole = true;
      this.#send({ type: 'segment-end', segment });
    }
  }

  /** Tells a thread that has taken over everything that has not been heard. */
  tellAgain(): void {
    this.#sounding.clear();
    for (const [segment, { rateHz, pieces, whole }] of this.#segments) {
      this.#send({ type: 'segment-open', segment, rateHz });
      for (const pcm of pieces.entries()) {
        this.#send({ type: 'segment-audio', segment, pcm });
      }
      if (whole) {
        this.#send({ type: 'segment-end', segment });
      }
    }
  }

  /** A segment begins to sound; one that was flushed in the meantime does not. */
  started(segment: number, atMs: number): void {
    const announced = this.#segments.get(segment);
    if (announced !== undefined) {
      this.#sounding.add(segment);
      announced.sink.started(atMs);
    }
  }

  ended(segment: number, atMs: number, end: SegmentEnd): void {
    const announced = this.#segments.get(segment);
    this.#segments.delete(segment);
    this.#sounding.delete(segment);
    announced?.sink.ended(atMs, end);
  }

  /** None of them will be heard. */
  flush(atMs: number): void {
    for (const segment of [...this.#segments.keys()]) {
      this.ended(segment, atMs, 'flushed');
    }
  }
}
