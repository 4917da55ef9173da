/**
 * The main thread's account of the speech a leg has yet to hear: what was announced, its sound, and who wants to know
 * when it is heard. Kept until it has been, so that a thread that takes over for one that died can be told all of it
 * again.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import { samplesToMs } from '../../base/units.ts';
import type { SegmentEnd } from '../play/playout-queue.ts';
import { resumePlace } from '../play/resume-place.ts';
import type { SegmentManner } from '../play/segment-manner.ts';
import { PLAYOUT_LIMIT_MS } from '../play/segment-store.ts';
import type { MediaCommand } from './media-messages.ts';

/** Hears what became of one segment; times are ms of the process's clock. */
export interface PlayedSink {
  /**
   * Its first sound leaves with the next frame. It comes again when a thread died and the segment goes on with
   * another.
   */
  started(atMs: number): void;
  /** Comes once, and nothing after it. */
  ended(atMs: number, end: SegmentEnd): void;
}

/** A segment that was announced, for who has its sound. Both do nothing once it is over. */
export interface PlayingSegment {
  /** Adds sound; keeps `pcm` until the segment has been heard. */
  add(pcm: Int16Array): void;
  /** Says that it has all its sound. */
  end(): void;
}

interface AnnouncedSegment {
  readonly sink: PlayedSink;
  readonly rateHz: number;
  readonly turn: number | undefined;
  readonly manner: SegmentManner | undefined;
  /** No more than the media thread itself would keep. */
  readonly pieces: BoundedQueue<Int16Array>;
  whole: boolean;
}

export class AnnouncedSegments {
  readonly #send: (command: MediaCommand) => void;
  readonly #failed: (error: unknown) => void;
  readonly #segments = new Map<number, AnnouncedSegment>();
  /** Segments that have begun to sound and not ended. */
  readonly #sounding = new Set<number>();
  #next = 0;

  /** @param send tells the media thread. @param failed hears what a sink threw. */
  constructor(send: (command: MediaCommand) => void, failed: (error: unknown) => void) {
    this.#send = send;
    this.#failed = failed;
  }

  /** Whether one is being heard. */
  get sounding(): boolean {
    return this.#sounding.size > 0;
  }

  /** How many have not begun to sound. */
  get waiting(): number {
    return this.#segments.size - this.#sounding.size;
  }

  /** Whether there are none, heard or waiting. */
  get none(): boolean {
    return this.#segments.size === 0;
  }

  /** Announces speech of a turn, to be heard after what was announced of it before; see `Orders.turns`. */
  open(rateHz: number, turn: number | undefined, sink: PlayedSink, manner?: SegmentManner): PlayingSegment {
    const segment = this.#next;
    this.#next += 1;
    const pieces = new BoundedQueue<Int16Array>(PLAYOUT_LIMIT_MS, (pcm) => samplesToMs(pcm.length, rateHz));
    this.#segments.set(segment, { sink, rateHz, turn, manner, pieces, whole: false });
    this.#send({ type: 'segment-open', segment, rateHz, turn, manner });
    return { add: (pcm) => this.#add(segment, pcm), end: () => this.#end(segment) };
  }

  /**
   * Tells a thread that has taken over everything that has not been heard. @param heardMs how much of a segment was.
   */
  tellAgain(heardMs: (segment: number) => number): void {
    this.#sounding.clear();
    for (const [segment, { rateHz, turn, manner, pieces, whole }] of this.#segments) {
      this.#send({ type: 'segment-open', segment, rateHz, turn, manner });
      const heard = Math.round((heardMs(segment) * rateHz) / 1_000);
      for (const pcm of restOf([...pieces.entries()], heard, rateHz)) {
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
      this.#tell(() => announced.sink.started(atMs));
    }
  }

  ended(segment: number, atMs: number, end: SegmentEnd): void {
    const announced = this.#segments.get(segment);
    this.#segments.delete(segment);
    this.#sounding.delete(segment);
    this.#tell(() => announced?.sink.ended(atMs, end));
  }

  /** None of them will be heard. */
  flush(atMs: number): void {
    for (const segment of [...this.#segments.keys()]) {
      this.ended(segment, atMs, 'flushed');
    }
  }

  #add(segment: number, pcm: Int16Array): void {
    const announced = this.#segments.get(segment);
    if (announced !== undefined) {
      // What is posted is copied with all the memory behind it, so a view of more is cut out first.
      const own = pcm.byteLength === pcm.buffer.byteLength ? pcm : pcm.slice();
      announced.pieces.push(own);
      this.#send({ type: 'segment-audio', segment, pcm: own });
    }
  }

  #end(segment: number): void {
    const announced = this.#segments.get(segment);
    if (announced !== undefined) {
      announced.whole = true;
      this.#send({ type: 'segment-end', segment });
    }
  }

  /** A sink that throws keeps nobody else from hearing. */
  #tell(say: () => void): void {
    try {
      say();
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** What is to be heard of a segment of which `heard` samples were; each piece is whole memory of its own. */
function restOf(pieces: readonly Int16Array[], heard: number, rateHz: number): readonly Int16Array[] {
  if (heard === 0) {
    return pieces;
  }
  const pcm = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece, at);
    at += piece.length;
  }
  const rest = pcm.slice(resumePlace(pcm, Math.min(heard, pcm.length), rateHz));
  return rest.length === 0 ? [] : [rest];
}
